"""What an answer may change whatever it answers: the device that its client names.

Until a sign-in is on a device, each of its answers may name one that the user has; from then on
it stays that one, remembered or not. The key that a sign-in begins with may be anybody's: then
a device is claimed, and another may still be named.
"""

from __future__ import annotations

from typing import Final

from flowengine.accounts.user import UserStatus
from flowengine.analysis.proof.arrows import Gain
from flowengine.analysis.proof.bdd import TRUE
from flowengine.analysis.proof.facts import Facts, Form, Path

DEVICE: Final = "device"
DEVICE_KEY: Final = ("auth_flow", "parameters", "DEVICE_KEY")
NAMED: Final = (DEVICE, "named")
"""That the sign-in is on a device of the user's: no condition can read it by itself."""
REMEMBERED: Final = (DEVICE, "remembered")


def device_fact(facts: Facts, path: Path) -> int:
    """Say when a fact of the device is true; all that it goes with is gathered beside it."""
    named, remembered = facts.flag(NAMED), facts.flag(REMEMBERED)
    sent = facts.presence(DEVICE_KEY)
    return remembered if path == REMEMBERED else facts.bdd.either(named, sent)


def on_device(facts: Facts) -> int:
    """Say what always holds: a device is remembered only where the sign-in is on it."""
    if not _are_read(facts):
        return TRUE
    return facts.bdd.either(facts.flag(NAMED), facts.bdd.negated(facts.flag(REMEMBERED)))


def at_first(facts: Facts, *, stored: bool) -> int:
    """Say what holds when a sign-in begins: only the key that came with it names a device.

    Args:
        stored: Whether its users are a directory's, of whom the disabled and the unconfirmed are
            refused before a flow is asked.
    """
    given = _let_in(facts) if stored and facts.closed else TRUE
    if not _are_read(facts):
        return given
    sent = facts.bdd.either(facts.presence(DEVICE_KEY), facts.bdd.negated(facts.flag(NAMED)))
    return facts.bdd.all_of((given, sent, on_device(facts)))


def _let_in(facts: Facts) -> int:
    bdd, given = facts.bdd, TRUE
    for fact in facts.all:
        if (fact.form, fact.path) == (Form.VALUE, ("user", "enabled")):
            given = bdd.both(given, facts.case(fact, value=True))
        if (fact.form, fact.path) == (Form.VALUE, ("user", "status")):
            unconfirmed = facts.case(fact, UserStatus.UNCONFIRMED.value)
            given = bdd.both(given, bdd.negated(unconfirmed))
    return given


def may_rise(facts: Facts) -> tuple[Gain, ...]:
    """Give what an answer may make true of the device, one after the other."""
    if not _are_read(facts):
        return ()
    unnamed = facts.bdd.negated(facts.flag(NAMED))
    return (
        Gain(facts.variable_of(REMEMBERED), unnamed, told=False),
        Gain(facts.variable_of(NAMED), TRUE, told=False),
    )


def _are_read(facts: Facts) -> bool:
    return facts.closed and any(fact.path == NAMED for fact in facts.all)
