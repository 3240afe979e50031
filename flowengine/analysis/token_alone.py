"""A way on which an access token alone is worth new tokens.

Whoever holds one, for an hour perhaps, must not be able to make a sign-in of it that lasts a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.flow.definition import NodeDefinition
from flowengine.flow.program import ChallengeNode, EndNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic

NAME: Final = "token-alone"
_PROVED: Final = "proved"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find successes that a continued sign-in comes to without a proof, whatever conditions say."""
    unproved = [
        row
        for row in program.machine.table
        if not (row.outcome == _PROVED and _proves(program, row.source))
    ]
    found = (door.token_start for door in program.doors.values())
    starts = [start for start in found if start is not None]
    alone = reachable(unproved, *starts)
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if isinstance(node, EndNode) and node.success and node.grants and node.name in alone:
            yield _found(program, written)


def _proves(program: FlowProgram, name: str) -> bool:
    node = program.nodes.get(name)
    return isinstance(node, ChallengeNode) and bool(node.evidence)


def _found(program: FlowProgram, end: NodeDefinition) -> Diagnostic:
    return Diagnostic(
        NAME,
        f"'{end.name.text}' gives new tokens on a way that proves nothing: "
        "a stolen access token is enough",
        program.definition.source,
        end.name.span,
        hint="ask for a proof on every way from where a token begins, or give `grants: nothing`",
    )
