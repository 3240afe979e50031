"""Defects of where a password may come from."""

from __future__ import annotations

from typing import Final

from tests.mutation.mutant import Mutant

_OPERATIONS: Final = ("operations/test_one_mailbox.py",)
_ANALYSIS: Final = ("analysis/test_beside_password.py",)

RECOVERY_MUTANTS: Final = (
    Mutant(
        "recovery: a code for a new password goes where the pool does not let it",
        "operations/recipients.py",
        "        for channel in _recovery_channels(pool)\n",
        "        for channel in _CHANNELS\n",
        ("operations/test_account_recovery.py",),
    ),
    Mutant(
        "recovery: a code for a new password goes where a flow sends the second one",
        "operations/recipients.py",
        " if REACHED_BY[each] not in counted)",
        ")",
        _OPERATIONS,
    ),
    Mutant(
        "recovery: a temporary password goes where a flow sends the second proof",
        "operations/invitations.py",
        "_channels(invitation, counted)",
        "_channels(invitation)",
        _OPERATIONS,
    ),
    Mutant(
        "recovery: what a client demands of its sign-ins counts for no recovery",
        "operations/independence.py",
        "SignIns(program, auth_flow, pool, client.require)",
        "SignIns(program, auth_flow, pool)",
        _OPERATIONS,
    ),
    Mutant(
        "recovery: a code of those who turned it on is taken for everybody's",
        "analysis/beside_password.py",
        '        (holds(f"user.has.{reached.factor}"), False),\n',
        "",
        _ANALYSIS,
    ),
    Mutant(
        "recovery: a factor that nobody made is taken to be turned on",
        "analysis/beside_password.py",
        "    return turned_on is True and reached.factor not in place.enrolled\n",
        "    return False and turned_on\n",
        _ANALYSIS,
    ),
    Mutant(
        "recovery: a step-up is no sign-in that counts",
        "analysis/beside_password.py",
        "    return (found.start,) if found.step_up is None else (found.start, found.step_up)\n",
        "    return (found.start,)\n",
        _ANALYSIS,
    ),
    Mutant(
        "recovery: a code that no demand needs is taken to count",
        "analysis/beside_password.py",
        "_asking(place, without)))",
        "_asking(place, frozenset())))",
        _ANALYSIS,
    ),
    Mutant(
        "recovery: what a node on the way needs does not count",
        "analysis/beside_password.py",
        "(*demands, *_formulas(passed))",
        "demands",
        _ANALYSIS,
    ),
)
