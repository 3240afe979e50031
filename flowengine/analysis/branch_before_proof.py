"""A decision about the user before anything was proved: everybody can ask about anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import expression_place, reading
from flowengine.flow.machine import Row
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic, Severity

NAME: Final = "branch-before-proof"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find conditions on ``user`` that are read where whoever asks has shown nothing yet."""
    if not program.doors:
        return
    without = [row for row in program.machine.table if not _proves(program, row)]
    asked = reachable(without, *_starts(program))
    for row in without:
        if row.program is None or row.source not in asked:
            continue
        for name, tree in reading(row.program.tree, "user"):
            yield Diagnostic(
                NAME,
                f"`{name}` decides what is asked before anything was proved, so anybody can find "
                "it out",
                program.definition.source,
                expression_place(program, row.source, row.program, tree),
                hint="ask for a factor first, or say why it may be known: "
                f"`accept: {{{NAME}: …}}` at this node",
                severity=Severity.WARNING,
            )
            break


def _starts(program: FlowProgram) -> Iterator[str]:
    """Give the nodes at which a sign-in begins that anybody can begin for anybody.

    An access token, or the code of a sign-up, has said who asks. The flow's own ``start`` counts
    unless every auth flow that begins there brings a token: a backend begins there.
    """
    doors = program.doors.values()
    start = program.definition.start.text
    if all(door.start != start for door in doors):
        yield start
    yield from (door.start for door in doors if not door.continues)


def _proves(program: FlowProgram, row: Row) -> bool:
    node = program.nodes[row.source]
    return isinstance(node, ChallengeNode) and bool(node.evidence) and row.outcome == "proved"
