"""How a sign-in was proved, in the words of the ``amr`` claim.

Source: Amazon Cognito developer guide, "Authentication levels with ACR and AMR claims"; RFC 8176.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {"password": "pwd", "totp": "otp", "sms": "sms", "email": "email_otp", "passkey": "pop"}
)
_VERIFIED_PASSKEY: Final = "passkey_uv"


def amr_of(proved: Collection[str]) -> tuple[str, ...]:
    """Give the methods by which this evidence was proved, in Cognito's order, ``mfa`` last.

    A passkey is ``pop``, proof of possession of a key: Cognito says ``swk`` or ``hwk`` by what a
    browser claims of it. Evidence that has no word there, a device or a flow's own, is left out.
    ``mfa`` stands for two methods, or for a passkey that verified its user.
    """
    methods = tuple(word for name, word in _METHODS.items() if name in proved)
    several = len(methods) > 1 or _VERIFIED_PASSKEY in proved
    return (*methods, "mfa") if several else methods
