"""A condition on evidence that no node of the flow can give: it is never true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import node_place, reading
from flowengine.expr import Program
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, Severity, Span

NAME: Final = "evidence-never-given"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold ``proved.X`` and ``enrolled.X`` of every condition against what nodes can give.

    A flow that nobody starts may be used where another has proved something, and is left out.
    """
    if not program.doors:
        return
    given = frozenset(_given(program))
    told: set[tuple[Span, str]] = set()
    for read, place in _conditions(program):
        for ledger in ("proved", "enrolled"):
            for name, tree in reading(read.tree, ledger):
                inside = read.source == program.definition.source
                span = read.place(tree.span) if inside else place
                if "." not in name or name in given or (span, name) in told:
                    continue
                told.add((span, name))
                yield Diagnostic(
                    NAME,
                    f"`{name}` is never true: no node of this flow gives it",
                    program.definition.source,
                    span,
                    hint="name evidence that is asked for, or ask for it",
                    severity=Severity.WARNING,
                )


def _given(program: FlowProgram) -> Iterator[str]:
    for node in program.nodes.values():
        if isinstance(node, ChallengeNode):
            facts = node.kind.facts
            yield from (f"proved.{name}" for name in (*node.evidence, *facts.may_prove))
            yield from (f"enrolled.{name}" for name in facts.enrols)


def _conditions(program: FlowProgram) -> Iterator[tuple[Program, Span]]:
    """Give every condition, and where to tell what stands in another flow."""
    flow = program.definition
    yield from ((condition.program, flow.name.span) for condition in program.require)
    for name, node in program.nodes.items():
        yield from ((each.program, node_place(program, name)) for each in node.needs)
    for row in program.machine.table:
        if row.program is not None:
            yield row.program, node_place(program, row.source)
