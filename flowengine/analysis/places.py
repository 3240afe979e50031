"""Where in the author's file the parts of a program were written.

What stands in a flow that is used as a step is told at the step: a finding is about the file that
is checked, whose author can mend or accept it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowengine.expr import Program
from flowengine.expr.typed import TypedNode, children, path
from flowengine.flow.definition import EdgeDefinition, NodeDefinition
from flowengine.flow.program import FlowProgram
from flowengine.source import Span


def written_node(program: FlowProgram, name: str) -> NodeDefinition:
    """Give the node of the file that a node of the program comes from."""
    mine = name.partition("/")[0]
    return next(node for node in program.definition.nodes if node.name.text == mine)


def node_place(program: FlowProgram, name: str) -> Span:
    """Give the place of a node's name."""
    return written_node(program, name).name.span


def expression_place(program: FlowProgram, name: str, read: Program, part: TypedNode) -> Span:
    """Give the place of a part of an expression at a node, or of the step that it is inside."""
    if read.source == program.definition.source:
        return read.place(part.span)
    return node_place(program, name)


def goto_place(program: FlowProgram, name: str, edge: EdgeDefinition | None, target: str) -> Span:
    """Give the place of a target in an edge that a node's author wrote."""
    if edge is not None and "/" not in name:
        for branch in edge.branches:
            if branch.goto.text == target:
                return branch.goto.span
    return node_place(program, name)


def reading(tree: TypedNode, above: str) -> Iterator[tuple[str, TypedNode]]:
    """Give each path below a name that an expression reads, as long as fields go."""
    name = path(tree)
    if name is not None:
        if name == above or name.startswith(f"{above}."):
            yield name, tree
        return
    for part in children(tree):
        yield from reading(part, above)
