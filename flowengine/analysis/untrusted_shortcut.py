"""What a client claims about itself leads to fewer factors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.claims import CLAIMED
from flowengine.analysis.formulas import Atom, reads
from flowengine.analysis.places import node_place, reading
from flowengine.analysis.standing import Place, Step, TooManyPlacesError
from flowengine.analysis.strength import is_success, successes, weaker, worded
from flowengine.analysis.walking import Walker
from flowengine.challenges.offers import Offer
from flowengine.expr import Program
from flowengine.flow.machine import Row
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.flow.variables import programs_of
from flowengine.source import Diagnostic, Span

NAME: Final = "untrusted-shortcut"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Compare what must be proved when a client claims something, and when it claims nothing.

    Of a remembered device the claim alone may lead to fewer factors; of other facts either
    answer may, since a client is free to leave them out. In a flow that is too large for a walk
    nothing is said: the proof of ``require`` covers it.
    """
    if not any(_reads_claim(each) for each in _programs(program)):
        return  # then both walks are the same, and comparing them may take long
    told: set[Span] = set()
    for door in program.doors:
        free = successes(program, door)
        if free is None:
            return
        for place, other in _shortcuts(program, door, free):
            span, fact = _blamed(program, place, other)
            if span in told:
                continue
            told.add(span)
            yield Diagnostic(
                NAME,
                f"{fact}, which the client claims, leads to a success with "
                f"{worded(place.proved)} where it takes {worded(other.proved)} otherwise",
                program.definition.source,
                span,
                hint="decide by what was proved (`proved.device`), or by what the backend knows",
            )


def _programs(program: FlowProgram) -> Iterator[Program]:
    """Give every condition that a walk may ask."""
    yield from (row.program for row in program.machine.table if row.program is not None)
    for node in program.nodes.values():
        yield from programs_of(node)
        if isinstance(node, ChallengeNode) and isinstance(node.settings, Offer):
            yield from (node.settings.prefer,) if node.settings.prefer is not None else ()


def _reads_claim(program: Program) -> bool:
    """Say whether a condition reads what the client claims, or anything that this is part of."""
    return any(
        f"{read}.".startswith(f"{claimed}.") or claimed.startswith(f"{read}.")
        for read in program.variables
        for claimed in CLAIMED
    )


def _shortcuts(
    program: FlowProgram, door: str, free: tuple[Place, ...]
) -> Iterator[tuple[Place, Place]]:
    silent = _walked(program, door, _nothing)
    claiming = [place for place in free if place.claims]
    if silent and claiming and (pair := weaker((program, claiming), (program, silent))):
        yield pair
    telling = _walked(program, door, _everything)
    if silent and telling and (pair := weaker((program, silent), (program, telling))):
        yield pair


def _walked(program: FlowProgram, door: str, claims: object) -> list[Place]:
    try:
        walker = Walker(program, claims)  # type: ignore[arg-type]
        return [place for place in walker.places(door) if is_success(program, place)]
    except TooManyPlacesError:
        return []


def _nothing(_atom: Atom) -> bool | None:
    return False


def _everything(atom: Atom) -> bool | None:
    return not any(name == "device" or name.startswith("device.") for name in reads(atom))


def _blamed(program: FlowProgram, place: Place, other: Place) -> tuple[Span, str]:
    """Give the condition that was decided by a claim, and the fact in it."""
    steps = sorted(place.claims or other.claims, key=lambda s: (s.source, s.outcome, s.index))
    for step in steps:
        row = _row(program, step)
        if row.program is None:
            continue
        for claimed in CLAIMED:
            for name, tree in reading(row.program.tree, claimed):
                if row.program.source == program.definition.source:
                    return row.program.place(tree.span), f"`{name}`"
                return node_place(program, step.source), f"`{name}`"
    return program.definition.name.span, "something"


def _row(program: FlowProgram, step: Step) -> Row:
    rows = [
        row
        for row in program.machine.table
        if row.source == step.source and row.outcome == step.outcome
    ]
    return rows[step.index]
