"""Two auth flows of one flow that ask for more and for less: the client chooses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Final

from flowengine.analysis.strength import successes, weaker, worded
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "doors-differ"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find facts under which one auth flow takes fewer kinds of factor than another."""
    if len(program.doors) < 2:  # noqa: PLR2004 - it takes two
        return
    found = {door: successes(program, door) for door in program.doors}
    told: set[str] = set()
    for mine, other in permutations(found, 2):
        places, others = found[mine], found[other]
        if mine in told or not places or not others:
            continue
        pair = weaker((program, places), (program, others))
        if pair is None:
            continue
        told.add(mine)
        written = next(d for d in program.definition.auth_flows if d.name.text == mine)
        yield Diagnostic(
            NAME,
            f"{mine} signs in by {worded(pair[0].proved)} where {other} takes "
            f"{worded(pair[1].proved)}",
            program.definition.source,
            written.name.span,
            hint="ask both for the same: a client may begin with either",
            severity=Severity.WARNING,
        )
