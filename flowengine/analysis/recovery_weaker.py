"""A recovery that takes less than a sign-in: the door that a thief will use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import node_place
from flowengine.analysis.standing import Place
from flowengine.analysis.strength import reached, strength, worded
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "recovery-weaker"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Compare the weakest way to an end without tokens with the weakest to one with them."""
    found = [p for door in program.doors for p in reached(program, door).successes(program)]
    signing_in = [place for place in found if _grants(program, place)]
    recovering = [place for place in found if not _grants(program, place)]
    if not signing_in or not recovering:
        return
    usual, least = (_weakest(program, each) for each in (signing_in, recovering))
    if strength(program, least.proved) < strength(program, usual.proved):
        yield Diagnostic(
            NAME,
            f"'{least.node}' recovers by {worded(least.proved)}, and a sign-in takes "
            f"{worded(usual.proved)}",
            program.definition.source,
            node_place(program, least.node),
            hint="ask for as much before a recovery, or say why not: "
            f"`accept: {{{NAME}: …}}` at this node",
            severity=Severity.WARNING,
        )


def _grants(program: FlowProgram, place: Place) -> bool:
    node = program.nodes[place.node]
    return isinstance(node, EndNode) and node.grants


def _weakest(program: FlowProgram, found: list[Place]) -> Place:
    return min(found, key=lambda p: (strength(program, p.proved), sorted(p.proved)))
