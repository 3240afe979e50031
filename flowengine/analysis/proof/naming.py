"""Whether a sign-in is somebody's yet: behind a door that names nobody it is nobody's at first.

Until a right answer has named its user, nobody can tell what that user has, so a ``switch`` leads
to every node that it lists.
"""

from __future__ import annotations

from typing import Final

from flowengine.analysis.proof.bdd import FALSE, TRUE
from flowengine.analysis.proof.facts import Facts
from flowengine.flow.program import FlowProgram, NodeProgram
from flowengine.flow.unnamed import names_user

_NAMED: Final = ("(somebody)", "named")
"""No condition can read it, and no input can be called so."""


def still_nobody(program: FlowProgram, facts: Facts) -> int:
    """Say when nobody is named yet: never, where every door names somebody."""
    if all(door.names_user for door in program.doors.values()):
        return FALSE
    return facts.bdd.negated(facts.flag(_NAMED))


def begins(facts: Facts, *, named: bool) -> int:
    """Say how a sign-in begins."""
    if not _is_asked(facts):
        return TRUE
    somebody = facts.flag(_NAMED)
    return somebody if named else facts.bdd.negated(somebody)


def naming(node: NodeProgram, outcome: str, facts: Facts) -> tuple[frozenset[int], int]:
    """Give what a right answer that may name its user changes, and how it leaves that."""
    if not _is_asked(facts) or not names_user(node, outcome):
        return frozenset(), TRUE
    return frozenset({facts.variable_of(_NAMED)}), facts.flag(_NAMED)


def _is_asked(facts: Facts) -> bool:
    return facts.closed and any(fact.path == _NAMED for fact in facts.all)
