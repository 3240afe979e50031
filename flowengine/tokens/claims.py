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

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PROTOCOLS_OWN: Final = frozenset(
    {
        "sub", "iss", "aud", "exp", "iat", "nbf", "jti", "origin_jti", "event_id", "auth_time",
        "token_use", "client_id", "username", "scope", "version", "device_key", "acr", "amr",
        "azp", "nonce", "at_hash", "c_hash", "identities", "email_verified",
        "phone_number_verified",
    }
)  # fmt: skip
"""Names that no attribute may take in a token, whatever a directory calls its attributes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the tokens are about.

    Attributes:
        sub: The user's immutable identifier.
        username: The canonical user name.
        attributes: Those that the client may read. ``sub``, the ``*_verified`` pair and other
            names of the protocol are passed over: they come from the fields here.
    """

    sub: str
    username: str
    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    email_verified: bool = False
    phone_number_verified: bool = False


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What is the same in all tokens of one sign-in, refreshed ones included.

    Attributes:
        auth_time: When the user was really asked; aware.
        origin_jti: Revoking it revokes them all.
        event_id: The sign-in's own id, in audit records too.
        acr: The level reached, or None.
        amr: How it was reached; may be empty.
        device_key: The remembered device in use, or None.
    """

    issuer: str
    client_id: str = field(repr=False)
    auth_time: datetime
    origin_jti: str
    event_id: str
    acr: str | None = None
    amr: tuple[str, ...] = ()
    device_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Issue:
    """What is one token's own.

    Attributes:
        jti: Unique for each token.
        now: When it is made; aware.
        life: From ``now`` until it is no longer good.
    """

    jti: str
    now: datetime
    life: timedelta


def id_claims(subject: Subject, sign_in: SignInFacts, issue: Issue) -> dict[str, Any]:
    """Give the claims of an id token."""
    claims: dict[str, Any] = {
        name: value for name, value in subject.attributes.items() if _may_be_claim(name)
    }
    if "email" in claims:
        claims["email_verified"] = subject.email_verified
    if "phone_number" in claims:
        claims["phone_number_verified"] = subject.phone_number_verified
    return claims | {
        **_common(subject, sign_in, issue, TokenUse.ID),
        "aud": sign_in.client_id,
        "cognito:username": subject.username,
    }


def access_claims(subject: Subject, sign_in: SignInFacts, issue: Issue) -> dict[str, Any]:
    """Give the claims of an access token; no attribute of the user is among them."""
    claims = {
        **_common(subject, sign_in, issue, TokenUse.ACCESS),
        "client_id": sign_in.client_id,
        "username": subject.username,
        "scope": SIGN_IN_SCOPE,
    }
    if sign_in.device_key is not None:
        claims["device_key"] = sign_in.device_key
    return claims


def _common(subject: Subject, sign_in: SignInFacts, issue: Issue, use: TokenUse) -> dict[str, Any]:
    issued_at = _seconds(issue.now)
    claims: dict[str, Any] = {
        "sub": subject.sub,
        "iss": sign_in.issuer,
        "origin_jti": sign_in.origin_jti,
        "event_id": sign_in.event_id,
        "token_use": use.value,
        "auth_time": _seconds(sign_in.auth_time),
        "exp": issued_at + issue.life // timedelta(seconds=1),
        "iat": issued_at,
        "jti": issue.jti,
    }
    if subject.groups:
        claims["cognito:groups"] = list(subject.groups)
    if sign_in.acr is not None:
        claims["acr"] = sign_in.acr
    if sign_in.amr:
        claims["amr"] = list(sign_in.amr)
    return claims


def _may_be_claim(name: str) -> bool:
    return name not in _PROTOCOLS_OWN and not name.startswith("cognito:")


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)
