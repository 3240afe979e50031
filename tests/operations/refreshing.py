"""Signing in and refreshing, as the tests of what follows a sign-in do it."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from flowengine.accounts.pool import Client, Rotation, TokenLives
from flowengine.crypto import secret_hash
from flowengine.engine.replies import AuthenticationResult, SuccessReply
from flowengine.errors import CallerError
from flowengine.operations.get_tokens_from_refresh_token import (
    GetTokensRequest,
    get_tokens_from_refresh_token,
)
from flowengine.operations.get_user import get_user
from flowengine.runtime.stored import Grant
from flowengine.stores.memory_grants import MemoryGrants
from tests import planted
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    OTHER,
    PASSWORD,
    WEB,
    World,
    new_world,
    run,
)

GRACE = timedelta(seconds=10)
TICK = timedelta(microseconds=1)
ROTATING = replace(WEB, tokens=TokenLives(rotation=Rotation(GRACE)))
HASTY = replace(WEB, tokens=TokenLives(rotation=Rotation()))

INVALID = ("NotAuthorizedException", "Invalid Refresh Token")
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
REUSED = ("RefreshTokenReuseException", "Refresh Token has been reused")
NO_ACCESS = ("NotAuthorizedException", "Access Token has been revoked")


class RivalGrants(MemoryGrants):
    """Grants where others are faster: what is waited for is done before or after a write, once."""

    def __init__(self) -> None:
        super().__init__()
        self.before_add: Awaitable[object] | None = None
        self.after_add: Awaitable[object] | None = None
        self.before_rotate: Awaitable[object] | None = None

    async def add(self, grant: Grant) -> None:
        """Keep a new one between what others do."""
        rival, self.before_add = self.before_add, None
        if rival is not None:
            await rival
        await super().add(grant)
        rival, self.after_add = self.after_add, None
        if rival is not None:
            await rival

    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        """Replace a token after what others do."""
        rival, self.before_rotate = self.before_rotate, None
        if rival is not None:
            await rival
        return await super().rotate(grant, old_hash, now)


def world_of(client: Client = WEB, **user: Any) -> World:
    """Put a world together where ``WEB`` is another client, with the user ``ada``."""
    world = new_world(clients=(client, CONFIDENTIAL, OPEN, OTHER), grants=RivalGrants())
    world.add_user(**user)
    return world


def grants_of(world: World) -> RivalGrants:
    grants = world.parts.grants
    assert isinstance(grants, RivalGrants)
    return grants


def tokens_of(reply: object) -> AuthenticationResult:
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    return reply.authentication_result


def sign_in(world: World, client: Client = WEB, username: str = "ada") -> AuthenticationResult:
    """Sign in by ``PASSWORD``."""
    return tokens_of(
        world.initiate("USER_PASSWORD_AUTH", client, USERNAME=username, PASSWORD=PASSWORD)
    )


def by_riddle(world: World) -> AuthenticationResult:
    """Sign in without a password."""
    asked = world.initiate("CUSTOM_AUTH", USERNAME="ada")
    return tokens_of(world.respond(asked, USERNAME="ada", ANSWER=planted.CODE))  # type: ignore[arg-type]


def hashed(name: str, secret: str = planted.CLIENT_SECRET) -> str:
    """Give the SECRET_HASH of ``CONFIDENTIAL``."""
    return secret_hash.compute(secret, name, CONFIDENTIAL.id)


def confidential(world: World) -> str:
    """Sign in as a client with a secret and give the refresh token."""
    asked = {"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": hashed("ada")}
    return refresh_token(tokens_of(world.initiate("USER_PASSWORD_AUTH", CONFIDENTIAL, **asked)))


def redeploy(world: World, **changes: Any) -> None:
    """Go on over the same stores with other parts, as a new deployment does."""
    world.engine._parts = replace(world.parts, **changes)


def refresh_token(result: AuthenticationResult) -> str:
    assert result.refresh_token is not None
    return result.refresh_token


def refresh(
    world: World, token: str, client: Client = WEB, **parameters: str
) -> AuthenticationResult:
    """Refresh by InitiateAuth."""
    return tokens_of(
        world.initiate("REFRESH_TOKEN_AUTH", client, REFRESH_TOKEN=token, **parameters)
    )


def getting(
    world: World, token: str, client: Client = WEB, secret: str | None = None
) -> Coroutine[Any, Any, SuccessReply]:
    request = GetTokensRequest(client.id, token, secret)
    return get_tokens_from_refresh_token(world.parts, request)


def get_tokens(
    world: World, token: str, client: Client = WEB, secret: str | None = None
) -> AuthenticationResult:
    """Refresh by GetTokensFromRefreshToken."""
    return tokens_of(run(getting(world, token, client, secret)))


def rotate(world: World, token: str) -> str:
    """Refresh by GetTokensFromRefreshToken and give the next refresh token."""
    return refresh_token(get_tokens(world, token))


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    """Give exception and message of what a call is refused by."""
    with pytest.raises(CallerError) as caught:
        call(*arguments, **named)
    return caught.value.code, caught.value.message


def opens(world: World, result: AuthenticationResult) -> bool:
    """Say whether an access token opens its user's account."""
    try:
        run(get_user(world.parts, result.access_token))
    except CallerError as error:
        if (error.code, error.message) != NO_ACCESS:
            raise
        return False
    return True


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def with_other_secret(token: str) -> str:
    """Give a token of the same family that was never given out."""
    return token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
