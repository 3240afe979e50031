"""Something that a flow declares and never uses: most often, a line that was lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.written import calls, expressions
from flowengine.expr import parse
from flowengine.expr.definitions import parts
from flowengine.expr.tree import Identifier, Index, Literal, Node, Select
from flowengine.flow.definition import (
    CallNodeDefinition,
    EndDefinition,
    FlowDefinition,
    Name,
)
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "unused-name"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold what is declared against what the flow's own expressions and nodes name."""
    flow = program.definition
    read = frozenset(name for each in expressions(flow) for name in _names(parse(each)))
    called = {call.function.text for node in flow.nodes for call in calls(node)}
    levels = {
        node.level.text for node in flow.nodes if isinstance(node, EndDefinition) and node.level
    }
    for what, name, is_used in (
        *(("input", each.name, each.name.text in read) for each in flow.inputs),
        *(("definition", n, n.text in read or n.text in levels) for n, _ in flow.define),
        *(("function", each.name, each.name.text in called) for each in flow.functions),
        *_evidence(program),
        *_metadata(flow, read),
        *_saved(flow, read),
    ):
        if not is_used:
            yield Diagnostic(
                NAME,
                f"{what} '{name.text}' is never used",
                flow.source,
                name.span,
                hint="remove it, or write what was to use it",
                severity=Severity.WARNING,
            )


def _evidence(program: FlowProgram) -> Iterator[tuple[str, Name, bool]]:
    nodes = [node for node in program.nodes.values() if isinstance(node, ChallengeNode)]
    proved = {name for node in nodes for name in node.evidence}
    for name, kind in program.definition.evidence.items():
        place = program.definition.evidence_places.get(name, kind.span)
        yield "evidence", Name(name, place), name in proved


def _metadata(flow: FlowDefinition, read: frozenset[str]) -> Iterator[tuple[str, Name, bool]]:
    whole = "request" in read or "request.metadata" in read
    for rule in flow.metadata:
        used = whole or f"request.metadata.{rule.key}" in read
        yield "metadata", Name(rule.key, rule.span), used


def _saved(flow: FlowDefinition, read: frozenset[str]) -> Iterator[tuple[str, Name, bool]]:
    for node in flow.nodes:
        if isinstance(node, CallNodeDefinition) and node.save is not None:
            used = any(name.split(".")[:2] == ["vars", node.save.text] for name in read)
            yield "variable", node.save, used or "vars" in read


def _names(tree: Node) -> Iterator[str]:
    """Give the names that an expression reads, each as long as fields go, and its first part."""
    path = _path(tree)
    if path is None:
        for part in parts(tree):
            yield from _names(part)
        return
    yield ".".join(path)
    if len(path) > 1 and path[0] not in ("request", "vars"):
        yield path[0]


def _path(tree: Node) -> tuple[str, ...] | None:
    match tree:
        case Identifier():
            return (tree.name,)
        case Select():
            above = _path(tree.operand)
            return None if above is None else (*above, tree.field)
        case Index(index=Literal(value=str(key))):
            above = _path(tree.operand)
            return None if above is None else (*above, key)
        case _:
            return None
