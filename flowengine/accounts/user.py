"""What a flow may know about a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

SECOND_FACTORS = ("totp", "sms", "email", "passkey")
"""What ``user.has.any`` asks for: a factor beside the password."""

MFA_METHODS = MappingProxyType(
    {"sms": "SMS_MFA", "totp": "SOFTWARE_TOKEN_MFA", "email": "EMAIL_OTP"}
)
"""The challenges of second factors that users turn on and off, by the name in ``user.has``."""

HAS_NAMES = ("password", "totp", "sms", "email", "passkey", "recovery_code")


class UserStatus(StrEnum):
    """Cognito's ``UserStatusType``, as far as a user can be signed in or refused by it.

    Source: Amazon Cognito API reference, UserType.
    """

    CONFIRMED = "CONFIRMED"
    UNCONFIRMED = "UNCONFIRMED"
    RESET_REQUIRED = "RESET_REQUIRED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"


@dataclass(frozen=True, slots=True)
class UserFacts:
    """The facts of a user that expressions read, pinned for the whole sign-in.

    Attributes:
        username: The canonical name; what ``USERNAME`` of every answer must mean.
        sub: The user's immutable identifier, a UUID's text where a directory made it.
        exists: False for a user that was only claimed: a decoy.
        has: The factors that are active, out of ``HAS_NAMES``.
        prefers: A challenge's name, or the empty string.
        attributes: Values by name; a flow that reads a missing one gets an error.
    """

    username: str
    sub: str = ""
    status: UserStatus = UserStatus.CONFIRMED
    enabled: bool = True
    exists: bool = True
    groups: tuple[str, ...] = ()
    has: frozenset[str] = frozenset()
    prefers: str = ""
    email_verified: bool = False
    phone_verified: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def bindings(self) -> dict[str, Any]:
        """Give the record that expressions know as ``user``."""
        factors: dict[str, bool] = {name: name in self.has for name in HAS_NAMES}
        factors["any"] = any(factors[name] for name in SECOND_FACTORS)
        return {
            "username": self.username,
            "sub": self.sub,
            "status": self.status.value,
            "enabled": self.enabled,
            "exists": self.exists,
            "groups": list(self.groups),
            "has": factors,
            "prefers": self.prefers,
            "verified": {"email": self.email_verified, "phone": self.phone_verified},
            "attributes": dict(self.attributes),
        }
