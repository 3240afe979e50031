"""A success that takes one kind of factor, which nobody has said is enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import node_place
from flowengine.analysis.strength import reached, strength, worded
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "single-factor"

_ENOUGH: Final = 2


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find, for each success, the way that proves the fewest kinds of factor."""
    weakest: dict[str, frozenset[str]] = {}
    for door in program.doors:
        found = reached(program, door)
        if found.given_up:
            yield _unknown(program, door)
        for place in found.successes(program):
            known = weakest.get(place.node)
            if known is None or _rank(program, place.proved) < _rank(program, known):
                weakest[place.node] = place.proved
    for name, proved in weakest.items():
        node = program.nodes[name]
        if isinstance(node, EndNode) and node.grants and strength(program, proved) < _ENOUGH:
            yield Diagnostic(
                NAME,
                f"'{name}' signs in by {worded(proved)} alone",
                program.definition.source,
                node_place(program, name),
                hint="ask for a second factor, or say why one is enough: "
                f"`accept: {{{NAME}: …}}` at this node",
                severity=Severity.WARNING,
            )


def _unknown(program: FlowProgram, door: str) -> Diagnostic:
    return Diagnostic(
        NAME,
        f"by {door} there are too many ways to tell what each takes; that, a weaker enrolment and "
        "a weaker recovery are not looked for",
        program.definition.source,
        node_place(program, program.doors[door].start),
        hint="use several flows, of which each asks for less",
        severity=Severity.NOTE,
    )


def _rank(program: FlowProgram, proved: frozenset[str]) -> tuple[int, list[str]]:
    return strength(program, proved), sorted(proved)
