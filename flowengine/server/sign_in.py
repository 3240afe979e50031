"""The four operations of a sign-in, between the wire and the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.replies import Reply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
)
from flowengine.errors import (
    MFAMethodNotFoundError,
    NotAuthorizedError,
    ResourceNotFoundError,
    SoftwareTokenMFANotFoundError,
)
from flowengine.operations.users import pool_named
from flowengine.server.replies import sign_in_body

Members = Mapping[str, Any]
Body = dict[str, Any]


async def initiate_auth(engine: AsyncEngine, members: Members, origin: RequestOrigin) -> Body:
    """InitiateAuth."""
    request = _initiate_request(members, members.get("UserContextData", {}))
    return sign_in_body(await _begin(engine, request, origin))


async def admin_initiate_auth(engine: AsyncEngine, members: Members, origin: RequestOrigin) -> Body:
    """AdminInitiateAuth: for a client of the pool that is named."""
    _check_pool(engine, members)
    request = _initiate_request(members, _context(members))
    return sign_in_body(await _begin(engine, request, _shared(origin), admin=True))


async def respond_to_auth_challenge(
    engine: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """RespondToAuthChallenge."""
    request = _respond_request(members, members.get("UserContextData", {}))
    return sign_in_body(await engine.respond(request, origin))


async def admin_respond_to_auth_challenge(
    engine: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """AdminRespondToAuthChallenge: for a client of the pool that is named."""
    _check_pool(engine, members)
    request = _respond_request(members, _context(members))
    return sign_in_body(await engine.respond(request, _shared(origin)))


async def _begin(
    engine: AsyncEngine, request: InitiateAuthRequest, origin: RequestOrigin, *, admin: bool = False
) -> Reply:
    """Begin a sign-in; refuse in words that these operations declare, so that SDKs know them."""
    try:
        return await engine.initiate(request, origin, admin=admin)
    except (SoftwareTokenMFANotFoundError, MFAMethodNotFoundError) as error:
        raise NotAuthorizedError(error.message) from error


def _shared(origin: RequestOrigin) -> RequestOrigin:
    """Say that a request came from a backend: its address is no user's."""
    return replace(origin, shared=True)


def _check_pool(engine: AsyncEngine, members: Members) -> None:
    """Refuse a client of another pool in the words for one that does not exist."""
    pool = pool_named(engine.parts, members["UserPoolId"])
    if engine.parts.client(members["ClientId"]).pool_id != pool.id:
        raise ResourceNotFoundError("User pool client {client_id} does not exist.")


def _context(members: Members) -> Mapping[str, str]:
    """Give of an administrator's ContextData what flows may read as ``request.context``."""
    given = members.get("ContextData", {})
    return {name: given[name] for name in ("IpAddress", "EncodedData") if name in given}


def _initiate_request(members: Members, context: Mapping[str, str]) -> InitiateAuthRequest:
    return InitiateAuthRequest(
        client_id=members["ClientId"],
        auth_flow=members["AuthFlow"],
        auth_parameters=members.get("AuthParameters", {}),
        client_metadata=members.get("ClientMetadata", {}),
        analytics_metadata=members.get("AnalyticsMetadata", {}),
        user_context_data=context,
        session=members.get("Session"),
    )


def _respond_request(members: Members, context: Mapping[str, str]) -> RespondToAuthChallengeRequest:
    return RespondToAuthChallengeRequest(
        client_id=members["ClientId"],
        challenge_name=members["ChallengeName"],
        session=members.get("Session"),
        challenge_responses=members.get("ChallengeResponses", {}),
        analytics_metadata=members.get("AnalyticsMetadata", {}),
        user_context_data=context,
        client_metadata=members.get("ClientMetadata", {}),
    )
