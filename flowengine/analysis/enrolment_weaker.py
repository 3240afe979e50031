"""A credential that is made behind less than it is worth: whoever makes it signs in by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.accounts.evidence import EvidenceKind
from flowengine.analysis.places import node_place
from flowengine.analysis.strength import kinds, reached, worded
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "enrolment-weaker"

_STRONG: Final = frozenset({EvidenceKind.POSSESSION.value, EvidenceKind.INHERENCE.value})


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold what is proved before each node that makes a credential against what it makes."""
    told: set[str] = set()
    for door in program.doors:
        for place in reached(program, door).places:
            node = program.nodes[place.node]
            made = node.kind.facts.enrols if isinstance(node, ChallengeNode) else ()
            if not made or place.node in told or _worth(program, place.proved) >= _rank(made):
                continue
            told.add(place.node)
            yield Diagnostic(
                NAME,
                f"node '{place.node}' makes {made[0]}, and before it {worded(place.proved)} was "
                "proved",
                program.definition.source,
                node_place(program, place.node),
                hint="ask first for something at least as strong, or say why not: "
                f"`accept: {{{NAME}: …}}` at this node",
                severity=_severity(program, door, place.proved),
            )


def _severity(program: FlowProgram, door: str, proved: frozenset[str]) -> Severity:
    """Whom nothing but a name lets in makes the credential of anybody; else it is a weakness."""
    named = not program.doors[door].continues and reached(program, door).is_exact
    return Severity.ERROR if named and not kinds(program, proved) else Severity.WARNING


def _rank(made: tuple[str, ...]) -> int:
    return 1 if made == ("password",) else 2


def _worth(program: FlowProgram, proved: frozenset[str]) -> int:
    """Rank what was proved: 2 for what one has or is, and for two kinds together."""
    found = kinds(program, proved)
    return 2 if found & _STRONG else min(len(found), 2)
