"""What id and access tokens say.

Source: Amazon Cognito developer guide, "Understanding the identity (ID) token" and
"Understanding the access token". Times are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowengine.tokens.keys import TokenUse

SIGN_IN_SCOPE: Final = "aws.cognito.signin.user.admin"
"""The scope of every access token that a sign-in through the API ends with."""

_VERIFIED_ADDRESSES: Final = frozenset({"email", "phone_number"})
VERIFIED_MARKS: Final = frozenset({"email_verified", "phone_number_verified"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PROTOCOLS_OWN: Final = frozenset(
    {
        "sub", "iss", "aud", "exp", "iat", "nbf", "jti", "origin_jti", "event_id", "auth_time",
        "token_use", "client_id", "username", "scope", "version", "device_key", "acr", "amr",
        "azp", "nonce", "at_hash", "c_hash", "identities", "email_verified",
        "phone_number_verified",
    }
)  # fmt: skip
"""Names that no attribute may take in a token, whatever a directory calls its attributes, and that
no function changes."""


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What is the same in all tokens of one sign-in, refreshed ones included.

    Attributes:
        sub: The user's immutable identifier.
        username: The canonical user name.
        attributes: Those that the client may read, ``email_verified`` and its sibling as
            "true" or "false". Other names of the protocol are passed over: they come from the
            fields here.
        auth_time: When the user was really asked; aware.
        origin_jti: Revoking it revokes them all.
        event_id: The sign-in's own id, in audit records too.
        acr: The level reached, or None.
        amr: How it was reached; may be empty.
        device_key: The remembered device in use, or None.
    """

    issuer: str
    client_id: str = field(repr=False)
    sub: str
    username: str
    auth_time: datetime
    origin_jti: str
    event_id: str
    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    acr: str | None = None
    amr: tuple[str, ...] = ()
    device_key: str | None = field(default=None, repr=False)


def id_claims(facts: SignInFacts, jti: str, now: datetime, life: timedelta) -> dict[str, Any]:
    """Give the claims of an id token that is made at ``now``, which is aware."""
    claims: dict[str, Any] = {
        name: value for name, value in facts.attributes.items() if _may_be_claim(name)
    }
    for address in _VERIFIED_ADDRESSES & claims.keys():
        claims[f"{address}_verified"] = facts.attributes.get(f"{address}_verified") == "true"
    return claims | {
        **_common(facts, jti, now, life),
        "token_use": TokenUse.ID.value,
        "aud": facts.client_id,
        "cognito:username": facts.username,
    }


def access_claims(facts: SignInFacts, jti: str, now: datetime, life: timedelta) -> dict[str, Any]:
    """Give the claims of an access token; no attribute of the user is among them."""
    claims = {
        **_common(facts, jti, now, life),
        "token_use": TokenUse.ACCESS.value,
        "client_id": facts.client_id,
        "username": facts.username,
        "scope": SIGN_IN_SCOPE,
    }
    if facts.device_key is not None:
        claims["device_key"] = facts.device_key
    return claims


def _common(facts: SignInFacts, jti: str, now: datetime, life: timedelta) -> dict[str, Any]:
    issued_at = _seconds(now)
    claims: dict[str, Any] = {
        "sub": facts.sub,
        "iss": facts.issuer,
        "origin_jti": facts.origin_jti,
        "event_id": facts.event_id,
        "auth_time": _seconds(facts.auth_time),
        "exp": issued_at + life // timedelta(seconds=1),
        "iat": issued_at,
        "jti": jti,
    }
    if facts.groups:
        claims["cognito:groups"] = list(facts.groups)
    if facts.acr is not None:
        claims["acr"] = facts.acr
    if facts.amr:
        claims["amr"] = list(facts.amr)
    return claims


def _may_be_claim(name: str) -> bool:
    return name not in PROTOCOLS_OWN and not name.startswith("cognito:")


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)
