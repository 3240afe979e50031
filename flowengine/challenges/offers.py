"""What a user is let choose among, and how much of it a user has.

The menus SELECT_MFA_TYPE and SELECT_CHALLENGE share it, and so does a node's ``switch``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowengine.accounts.user import MFA_METHODS
from flowengine.expr import Program

SELECT_MFA_TYPE: Final = "SELECT_MFA_TYPE"
SELECT_CHALLENGE: Final = "SELECT_CHALLENGE"

_SECOND_FACTORS: Final = {method: factor for factor, method in MFA_METHODS.items()}
_FIRST_FACTORS: Final = {"PASSWORD": "password", "PASSWORD_SRP": "password", "WEB_AUTHN": "passkey"}
_ADDRESSES: Final = {"EMAIL_OTP": "email", "SMS_OTP": "phone"}


@dataclass(frozen=True, slots=True)
class Offer:
    """The author's keys of an offer, compiled.

    Attributes:
        menu: SELECT_MFA_TYPE or SELECT_CHALLENGE.
        options: The node of each challenge that is offered, in the order of writing.
        prefer: Gives the challenge that is taken without asking; None where nothing does.
        inline: Keys of the chosen node that may come with the choice.
    """

    menu: str
    options: Mapping[str, str]
    prefer: Program | None = field(default=None, repr=False)
    inline: tuple[str, ...] = ()

    def available(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """Give the challenges out of the options that this user has what it takes for."""
        return tuple(name for name in self.options if has_challenge(self.menu, name, facts))


def has_challenge(menu: str, challenge: str, facts: Mapping[str, Any]) -> bool:
    """Say whether a user has what a challenge asks for; what asks for nothing, everybody has.

    Args:
        menu: Under SELECT_MFA_TYPE a factor must be active as a second one and within the
            pool's methods; under SELECT_CHALLENGE an address need only be verified.
        facts: The bindings that expressions read.
    """
    wants = demanded(menu, challenge)
    if wants is None:
        return True
    group, name = wants.fact
    has = facts["user"][group][name] is True
    return has and (not wants.within_methods or challenge in facts["pool"]["mfa_methods"])


@dataclass(frozen=True, slots=True)
class Demanded:
    """What a user must have for a challenge to be offered.

    Attributes:
        fact: Of the user: ``("has", "totp")``, ``("verified", "email")``.
        within_methods: Whether the pool's ``mfa_methods`` must name the challenge too.
    """

    fact: tuple[str, str]
    within_methods: bool = False


def demanded(menu: str, challenge: str) -> Demanded | None:
    """Give what a menu demands of a user for a challenge; None where it demands nothing."""
    if menu == SELECT_MFA_TYPE and challenge in _SECOND_FACTORS:
        return Demanded(("has", _SECOND_FACTORS[challenge]), within_methods=True)
    if challenge in _FIRST_FACTORS:
        return Demanded(("has", _FIRST_FACTORS[challenge]))
    if challenge in _ADDRESSES:
        return Demanded(("verified", _ADDRESSES[challenge]))
    if challenge in _SECOND_FACTORS:
        return Demanded(("has", _SECOND_FACTORS[challenge]))
    return None


def method_of(factor: str) -> str | None:
    """Give the challenge that asks for a second factor, by the factor's name."""
    return MFA_METHODS.get(factor)
