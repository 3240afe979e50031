"""What the engine answers when it does not refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowengine.accounts.user import UserFacts
from flowengine.flow.machine import Decision


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that may be confirmed. Source: API reference, NewDeviceMetadataType."""

    key: str = field(repr=False)
    group_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """Tokens. Source: Amazon Cognito API reference, AuthenticationResultType.

    Attributes:
        refresh_token: None where one was used that stays good.
        expires_in: Seconds until the access token expires.
        new_device: None where the device is known, or the pool knows none.
    """

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    token_type: str = "Bearer"
    new_device: NewDevice | None = None


@dataclass(frozen=True, slots=True)
class ChallengeReply:
    """The client is asked something.

    Attributes:
        session: To be sent back with the answer; None where SECRET_BLOCK stands for it.
        available_challenges: What the user may choose among, or could have chosen.
        trail: How each branch was decided; for the operator, never for the client.
    """

    challenge_name: str
    challenge_parameters: Mapping[str, str] = field(repr=False)
    session: str | None = field(repr=False)
    available_challenges: tuple[str, ...] = ()
    node: str = ""
    trail: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class SuccessReply:
    """The user is signed in.

    Attributes:
        proved: What was proved, and when (UTC).
        level: The name of the ``level`` of the end that was reached, or None.
        authentication_result: None where the engine issues no tokens or the flow grants none.
        enrolled: The credentials that were made and verified; no evidence.
    """

    user: UserFacts
    proved: Mapping[str, datetime]
    level: str | None
    authentication_result: AuthenticationResult | None
    node: str = ""
    trail: tuple[Decision, ...] = ()
    enrolled: frozenset[str] = frozenset()


Reply = ChallengeReply | SuccessReply
