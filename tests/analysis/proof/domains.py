"""The values that facts have while a drawn flow is explored.

Each has one to spare beyond every literal that the drawn conditions compare it with, above, below
and between them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowengine.accounts.pool import Mfa
from flowengine.accounts.user import UserStatus
from tests.analysis.proof.drawing import ATOMS, FAMILIES, OPAQUE

_EVERY: Final = (*ATOMS, *OPAQUE, *itertools.chain(*FAMILIES))
BEGAN: Final = datetime(2030, 1, 1, tzinfo=UTC)
LATE: Final = BEGAN + timedelta(minutes=10)
LONG_AGO: Final = BEGAN - timedelta(minutes=10)
_TOO_LARGE: Final = 2**62
"""Whose double is no integer any more: multiplying it fails."""
TARGET: Final = "auth_flow.target.high"
USER_AUTH: Final = "USER_AUTH"
"""The auth flow of which a level may be asked for."""

DOMAINS: Final[Mapping[str, tuple[Any, ...]]] = {
    "user.has.totp": (False, True),
    "user.has.sms": (False, True),
    "user.has.email": (False, True),
    "user.has.passkey": (False, True),
    "user.has.password": (False, True),
    "user.status": tuple(UserStatus),
    "user.groups": tuple(
        s for r in range(4) for s in itertools.combinations(("staff", "root", "spare"), r)
    ),
    "user.attributes": ({}, {"tier": "gold"}, {"tier": "spare"}),
    "user.username": ("ann", "bob"),
    "user.prefers": ("", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"),
    "request.ip": ("10.0.0.1", "10.0.0.2", "spare"),
    "request.time": (BEGAN, LATE),
    "request.metadata": ({}, {"channel": "app"}, {"channel": "spare"}),
    "n": (5, 20, 45, 70, 90, _TOO_LARGE),
    "k": (0,),
    "d": (0.0, 0.5, 1.0),
    "pool.mfa": (Mfa.NONE, Mfa.OPTIONAL),
    "pool.mfa_methods": tuple(
        s
        for r in range(4)
        for s in itertools.combinations(("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"), r)
    ),
    "words": tuple(s for r in range(3) for s in itertools.combinations(("x", "spare"), r)),
    "tags": ({}, {"colour": "red"}, {"colour": "spare"}, {"spare": "red"}),
    "vars.c": tuple(
        {"ok": ok, "level": level} for ok in (False, True) for level in (1, 2, _TOO_LARGE)
    ),
    "device": (("", False), ("key", False), ("key", True)),
    "DEVICE_KEY": (False, True),
    "session.attempts": (1, 5),
    "counts": (False, True),
    "earlier": ({}, *({"totp": at} for at in (LONG_AGO, BEGAN, LATE)), {"password": LONG_AGO}),
    TARGET: (False, True),
}


_INTEGERS: Final = (*range(-2, 7), 2**63 - 1, -(2**63))
_STRINGS: Final = ("ann", "gold", "spare", "more")
WIDE: Final[Mapping[str, tuple[Any, ...]]] = {
    **DOMAINS,
    "n": _INTEGERS,
    "k": _INTEGERS,
    "session.attempts": _INTEGERS,
    "vars.c": tuple({"ok": True, "level": level} for level in _INTEGERS),
    "user.username": _STRINGS,
    "request.ip": _STRINGS,
    "user.attributes": ({}, *({"tier": each} for each in _STRINGS)),
    "request.metadata": ({}, *({"channel": each} for each in _STRINGS)),
}
"""Where facts are compared with each other: enough for each to be less, the same and more.

The last two integers are those that arithmetic ends at.
"""


def domains_of(text: str, *, wide: bool) -> dict[str, tuple[Any, ...]]:
    """Give the domains of the facts that a flow reads; the others have one value."""
    offers = "offer: [" in text or "to: [n" in text
    dated = "duration(" in text
    reads = {
        "user.has.totp": "user.has." in text or offers,
        "user.has.sms": "user.has.any" in text or offers,
        "user.has.email": "user.has.any" in text or offers,
        "user.has.passkey": "user.has.passkey" in text or "to: [who" in text,
        "user.has.password": "user.has.password" in text or "to: [said" in text,
        "pool.mfa_methods": "pool.mfa_methods" in text or offers or "MFA_SETUP" in text,
        "vars.c": "vars.c" in text,
        "user.groups": "user.groups" in text,
        "n": _is_read("n", text),
        "k": _is_read("k", text),
        "d": "d < 0.5" in text,
        "words": " in words" in text or "words." in text,
        "tags": "tags." in text,
        "counts": "session.steps" in text,
        "DEVICE_KEY": "DEVICE_KEY)" in text or "device." in text,
        "device": "device." in text,
        "request.time": "request.time" in text or dated,
        "pool.mfa": "pool.mfa ==" in text,
        "earlier": "age." in text,
    }
    domains = WIDE if wide else DOMAINS
    domains = {
        **domains,
        "earlier": domains["earlier"] if dated else _undated(text),
        "pool.mfa_methods": _methods(text),
    }
    return {
        name: values if reads.get(name, name in text) else values[:1]
        for name, values in domains.items()
    }


def _undated(text: str) -> tuple[dict[str, datetime], ...]:
    """Give what may have been proved before, where nothing reads how long before."""
    names = [name for name in ("totp", "password") if f"age.{name}" in text]
    several = (s for r in range(len(names) + 1) for s in itertools.combinations(names, r))
    return tuple(dict.fromkeys(each, BEGAN) for each in several)


def _methods(text: str) -> tuple[tuple[str, ...], ...]:
    """Give what the pool's methods may be, of those that a flow can ask for or have set up."""
    set_up = ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP") if "MFA_SETUP" in text else ()
    every = DOMAINS["pool.mfa_methods"]
    return tuple(each for each in every if all(name in text or name in set_up for name in each))


def _is_read(name: str, text: str) -> bool:
    named = (each for each in _EVERY if re.search(rf"\b{name}\b", each))
    return any(each in text for each in named)


def plain(domains: Mapping[str, tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Give the same values as conditions read them: times in nanoseconds, maps as pairs."""
    return {name: [_plain(value) for value in values] for name, values in domains.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp()) * 10**9
    if isinstance(value, dict):
        return tuple(sorted((name, _plain(each)) for name, each in value.items()))
    return value
