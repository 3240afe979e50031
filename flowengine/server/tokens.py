"""What follows a sign-in with its tokens, between the wire and ``flowengine.operations``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.admin_user_global_sign_out import admin_user_global_sign_out as sign_out
from flowengine.operations.get_tokens_from_refresh_token import (
    GetTokensRequest,
    get_tokens_from_refresh_token,
)
from flowengine.operations.global_sign_out import global_sign_out as sign_out_own
from flowengine.operations.revoke_token import RevokeTokenRequest
from flowengine.operations.revoke_token import revoke_token as revoke
from flowengine.server.replies import tokens_body

Members = Mapping[str, Any]
Body = dict[str, Any]


async def get_tokens(engine: AsyncEngine, members: Members, origin: RequestOrigin) -> Body:
    """GetTokensFromRefreshToken."""
    request = GetTokensRequest(
        client_id=members["ClientId"],
        refresh_token=members["RefreshToken"],
        client_secret=members.get("ClientSecret"),
        client_metadata=members.get("ClientMetadata", {}),
        device_key=members.get("DeviceKey"),
    )
    reply = await get_tokens_from_refresh_token(engine.parts, request, origin)
    return tokens_body(reply.authentication_result)


async def revoke_token(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """RevokeToken. LINKED is as NONE: no other service's session hangs on a sign-in."""
    request = RevokeTokenRequest(members["ClientId"], members["Token"], members.get("ClientSecret"))
    await revoke(engine.parts, request)
    return {}


async def global_sign_out(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """GlobalSignOut."""
    await sign_out_own(engine.parts, members["AccessToken"])
    return {}


async def admin_user_global_sign_out(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """AdminUserGlobalSignOut."""
    await sign_out(engine.parts, members["UserPoolId"], members["Username"])
    return {}
