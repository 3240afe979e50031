"""From the facts that expressions read to the user, pool, client and device of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.testing.scenarios.moves import Move, UnwritableError

Facts = Mapping[str, Any]

_NOTHING: Facts = MappingProxyType({})
_LONG: Final = "15m"
"""Of what Cognito lets a client have, the longest time in which a challenge may be answered."""
_AS_IT_IS: Final = ("status", "enabled", "exists", "groups", "prefers", "attributes", "sub")
_FACTORS: Final = ("totp", "sms", "email", "passkey")
_NEEDS: Final = MappingProxyType(
    {
        "SOFTWARE_TOKEN_MFA": ("has", "totp"),
        "SMS_MFA": ("verified", "phone"),
        "SMS_OTP": ("verified", "phone"),
        "EMAIL_OTP": ("verified", "email"),
        "WEB_AUTHN": ("has", "passkey"),
    }
)
"""What a user needs to be asked each challenge, where nothing says that they do not have it."""
_ADDRESSES: Final = MappingProxyType({"sms": "phone", "email": "email"})
"""The address that goes with a factor."""


def user_of(program: FlowProgram, facts: Facts, moves: Iterable[Move]) -> dict[str, Any]:
    """Give the user that these facts are of, who has what it takes to be asked all that.

    Raises:
        UnwritableError: No user is like that.
    """
    has, verified = dict(facts.get("has", _NOTHING)), dict(facts.get("verified", _NOTHING))
    groups = {"has": has, "verified": verified}
    for challenge in _asked(program, moves):
        group, name = _NEEDS.get(challenge, ("has", "password"))
        groups[group].setdefault(name, True)
    _check(has, verified)
    user = {name: facts[name] for name in _AS_IT_IS if name in facts}
    if has.get("password") is False:
        user["password"] = None
    lists = {
        "has": [name for name in _FACTORS if has.get(name)],
        "verified": [name for name in _ADDRESSES.values() if verified.get(name)],
    }
    return {**user, **{name: names for name, names in lists.items() if names}}


def _check(has: Facts, verified: Facts) -> None:
    if has.get("recovery_code"):
        raise UnwritableError("no user of a scenario has recovery codes")
    for factor, address in _ADDRESSES.items():
        if has.get(factor) and verified.get(address) is False:
            raise UnwritableError(f"nobody has the factor {factor} without a verified {address}")


def pool_of(program: FlowProgram, facts: Facts, moves: Iterable[Move]) -> dict[str, Any]:
    """Give the pool: one that takes passkeys where one is asked for, and locks nobody."""
    passkeys = {"passkeys": True} if "WEB_AUTHN" in _asked(program, moves) else {}
    return {"lockout": "none", **passkeys, **facts}


def client_of(facts: Facts) -> dict[str, Any]:
    """Give the client."""
    return {"session_validity": _LONG, **facts}


def device_of(facts: Facts, moves: Sequence[Move]) -> str | None:
    """Give the device that a sign-in begins on; None for none.

    One that is claimed and not remembered is the user's, unless an answer comes from another: a
    sign-in stays on the first device that its user has.
    """
    device = facts.get("device", _NOTHING)
    parameters = facts.get("auth_flow", _NOTHING).get("parameters", _NOTHING)
    if device.get("remembered"):
        return "remembered"
    if not device.get("claimed") and "DEVICE_KEY" not in parameters:
        return None
    named_later = any("device_key" in (move.answer or _NOTHING) for move in moves)
    return "unknown" if named_later else "confirmed"


def _asked(program: FlowProgram, moves: Iterable[Move]) -> set[str]:
    """Name the challenges that are asked: those whose node does not turn out to be unavailable."""
    found = set()
    for move in moves:
        node = program.nodes.get(move.node)
        if isinstance(node, ChallengeNode) and move.outcome != "unavailable":
            found.add(node.kind.facts.name)
    return found
