"""Factors, lists and descriptions, between the wire and ``flowengine.operations``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.admin_set_user_mfa_preference import (
    admin_set_user_mfa_preference as prefer_by_admin,
)
from flowengine.operations.describe_user_pool import describe_user_pool as describe_pool
from flowengine.operations.describe_user_pool_client import (
    describe_user_pool_client as describe_client,
)
from flowengine.operations.get_user_auth_factors import get_user_auth_factors as factors_of
from flowengine.operations.list_users import ListUsersRequest
from flowengine.operations.list_users import list_users as page
from flowengine.operations.mfa_preferences import EMAIL, SMS, TOTP, MfaPreferences, MfaSettings
from flowengine.operations.set_user_mfa_preference import set_user_mfa_preference as prefer
from flowengine.server.descriptions import client_body, pool_body
from flowengine.server.replies import factors_body, user_body

Members = Mapping[str, Any]
Body = dict[str, Any]

_FACTORS: Final = {
    "SMSMfaSettings": SMS,
    "SoftwareTokenMfaSettings": TOTP,
    "EmailMfaSettings": EMAIL,
}


async def set_user_mfa_preference(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """SetUserMFAPreference."""
    await prefer(engine.parts, members["AccessToken"], _preferences(members))
    return {}


async def admin_set_user_mfa_preference(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """AdminSetUserMFAPreference."""
    pool_id, username = members["UserPoolId"], members["Username"]
    await prefer_by_admin(engine.parts, pool_id, username, _preferences(members))
    return {}


async def get_user_auth_factors(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """GetUserAuthFactors."""
    factors = await factors_of(engine.parts, members["AccessToken"])
    return {
        "Username": factors.profile.username,
        **factors_body(factors.profile),
        "ConfiguredUserAuthFactors": list(factors.configured),
    }


async def list_users(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ListUsers."""
    names = members.get("AttributesToGet")
    request = ListUsersRequest(
        pool_id=members["UserPoolId"],
        attributes=None if names is None else tuple(names),
        limit=members.get("Limit"),
        token=members.get("PaginationToken"),
        filter=members.get("Filter", ""),
    )
    found = await page(engine.parts, request)
    users = [user_body(profile, "Attributes") for profile in found.users]
    token = {} if found.token is None else {"PaginationToken": found.token}
    return {"Users": users, **token}


async def describe_user_pool(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """DescribeUserPool."""
    pool = describe_pool(engine.parts, members["UserPoolId"])
    return {"UserPool": pool_body(pool)}


async def describe_user_pool_client(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """DescribeUserPoolClient."""
    client = describe_client(engine.parts, members["UserPoolId"], members["ClientId"])
    return {"UserPoolClient": client_body(client)}


def _preferences(members: Members) -> MfaPreferences:
    factors = {
        method: MfaSettings(members[name].get("Enabled"), members[name].get("PreferredMfa"))
        for name, method in _FACTORS.items()
        if name in members
    }
    return MfaPreferences(factors, members.get("WebAuthnMfaSettings", {}).get("Enabled", False))
