"""More attempts at a challenge that a wrong answer ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.challenges.kind import Standing
from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic

NAME: Final = "attempts-without-effect"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find ``attempts`` above 1 where nobody ever has a second one."""
    table = program.machine.table
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition) or not isinstance(node, ChallengeNode):
            continue
        kind = node.kind.facts
        if (written.attempts or 1) == 1 or kind.standing is not Standing.OVER:
            continue
        after = {row.target for row in table if row.source == node.name}
        if node.name not in reachable(table, *after):
            yield Diagnostic(
                NAME,
                f"node '{node.name}' has {written.attempts} attempts, and a wrong answer to "
                f"{kind.name} ends the sign-in",
                program.definition.source,
                written.name.span,
                hint="remove `attempts`: the user begins again, and the lock-out counts",
            )
