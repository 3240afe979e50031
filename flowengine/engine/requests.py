"""What a caller asks: the members of Cognito's two sign-in operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from flowengine.runtime.facts import RequestFacts

_NO_METADATA: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where a request came from, as the server saw it; never what the body claims.

    Attributes:
        shared: Whether the address is a backend's, which signs all its users in from there.
        region: The one that an administrative request was signed for; empty for any other.
    """

    ip: str = field(default="", repr=False)
    user_agent: str = field(default="", repr=False)
    shared: bool = False
    region: str = ""


@dataclass(frozen=True, slots=True)
class InitiateAuthRequest:
    """InitiateAuth: begins a sign-in.

    Source: Amazon Cognito API reference, InitiateAuth. The repr hides the sensitive members.

    Attributes:
        auth_flow: ``USER_SRP_AUTH``, ``USER_PASSWORD_AUTH``, ``CUSTOM_AUTH``, ….
        auth_parameters: USERNAME, SRP_A, PASSWORD, SECRET_HASH, DEVICE_KEY.
        client_metadata: For triggers, and for a flow that declares the key.
        analytics_metadata: Counted (the event ``analytics`` of an Observer), otherwise ignored.
        user_context_data: IpAddress and EncodedData; untrusted.
        session: Of a confirmed sign-up, with USER_AUTH.
    """

    client_id: str = field(repr=False)
    auth_flow: str
    auth_parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict)
    analytics_metadata: Mapping[str, str] = field(default_factory=dict)
    user_context_data: Mapping[str, str] = field(default_factory=dict, repr=False)
    session: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RespondToAuthChallengeRequest:
    """RespondToAuthChallenge: one answer.

    Source: Amazon Cognito API reference, RespondToAuthChallenge; the seven members of the
    API. The repr hides the four that it marks as sensitive.

    Attributes:
        challenge_name: Must be the challenge that the session waits for.
        session: From the last reply; None where SECRET_BLOCK stands for it.
        challenge_responses: USERNAME and the keys of the challenge.
    """

    client_id: str = field(repr=False)
    challenge_name: str
    session: str | None = field(default=None, repr=False)
    challenge_responses: Mapping[str, str] = field(default_factory=dict, repr=False)
    analytics_metadata: Mapping[str, str] = field(default_factory=dict)
    user_context_data: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict)


def request_facts(
    origin: RequestOrigin,
    context: Mapping[str, str],
    now: datetime,
    metadata: Mapping[str, str] = _NO_METADATA,
) -> RequestFacts:
    """Take the one snapshot of a request that all its expressions read.

    Args:
        context: UserContextData as it came; untrusted.
        metadata: The ClientMetadata that the flow declares.
    """
    return RequestFacts(
        time=now,
        ip=origin.ip,
        shared_ip=origin.shared,
        user_agent=origin.user_agent,
        context_ip=context.get("IpAddress", ""),
        context_data=context.get("EncodedData", ""),
        metadata=metadata,
    )
