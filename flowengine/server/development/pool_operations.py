"""The operations on pools, between the wire and the estate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowengine.accounts.pool import Pool
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.estate import Estate, MadePool
from flowengine.operations.users import pool_named
from flowengine.server.descriptions import pool_body
from flowengine.server.development.clients import check_choice
from flowengine.server.development.mfa_configs import check_factors
from flowengine.server.development.paging import page
from flowengine.server.development.pool_inputs import FIXED_OF_POOLS, UNUSED_OF_POOLS
from flowengine.server.development.pools import first_factors, read_pool
from flowengine.server.development.schemas import read_custom

Members = Mapping[str, Any]
Body = dict[str, Any]

_TOLD = (
    *UNUSED_OF_POOLS,
    "AutoVerifiedAttributes",
    "SmsConfiguration",
    "VerificationMessageTemplate",
)
"""Described as they were written: tools compare what they set with what is there."""
_ACCOUNT = "0" * 12
"""No account of anybody's."""


async def create_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """CreateUserPool: in the region that the request was signed for."""
    pool_id = estate.new_pool_id(origin.region)
    pool = read_pool(members, pool_id, f"{estate.endpoint}/{pool_id}")
    await estate.add_pool(pool, _made(estate, members))
    return {"UserPool": _described(estate, pool)}


async def update_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """UpdateUserPool: what is not sent is as in a new pool, but for the name.

    Second factors and passkeys that SetUserPoolMfaConfig has set stay.
    """
    known, before = estate.own(members["UserPoolId"])
    fixed = {name: before.written[name] for name in FIXED_OF_POOLS if name in before.written}
    written = {"PoolName": known.name, **members, **fixed}
    pool = read_pool(written, known.id, known.issuer)
    if before.mfa is not None:
        pool = replace(pool, mfa_methods=known.mfa_methods, passkeys=known.passkeys)
        check_factors(pool)
    made = replace(_made(estate, written), made_at=before.made_at, mfa=before.mfa)
    if any("USER_AUTH" in client.auth_flows for client in estate.clients_of(pool.id)):
        check_choice(made.factors, pool)
    # What was added to the schema since stands in the rules alone.
    estate.change_pool(replace(pool, attribute_rules=known.attribute_rules), made)
    return {}


async def delete_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """DeleteUserPool."""
    await estate.remove_pool(members["UserPoolId"])
    return {}


async def describe_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """DescribeUserPool: of a pool that was made here also what is not used of it."""
    return {"UserPool": _described(estate, pool_named(estate.parts, members["UserPoolId"]))}


async def list_user_pools(
    estate: Estate, _: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """ListUserPools: those of the region that the request was signed for."""
    ids = [pool.id for pool in estate.pools.values() if pool.region == origin.region]
    shown, token = page(ids, members)
    pools = [
        {"Id": one, "Name": estate.pools[one].name, **_dates(estate.made(one))} for one in shown
    ]
    return {"UserPools": pools, **token}


async def add_custom_attributes(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """AddCustomAttributes."""
    pool, made = estate.own(members["UserPoolId"])
    rules = read_custom(pool.attribute_rules, members["CustomAttributes"])
    changed = replace(made, changed_at=estate.parts.clock.now())
    estate.change_pool(replace(pool, attribute_rules=rules), changed)
    return {}


def _made(estate: Estate, members: Members) -> MadePool:
    now = estate.parts.clock.now()
    protected = members.get("DeletionProtection") == "ACTIVE"
    return MadePool(first_factors(members), members, protected, now, now)


def _described(estate: Estate, pool: Pool) -> Body:
    body, made = pool_body(pool), estate.made(pool.id)
    if made is None:
        return body
    told = {name: made.written[name] for name in _TOLD if name in made.written}
    policies = {**body["Policies"], "SignInPolicy": _sign_in_policy(made)}
    return {
        **body,
        **told,
        "Policies": policies,
        "Arn": f"arn:aws:cognito-idp:{pool.region}:{_ACCOUNT}:userpool/{pool.id}",
        "DeletionProtection": "ACTIVE" if made.protected else "INACTIVE",
        **_dates(made),
    }


def _sign_in_policy(made: MadePool) -> Body:
    return {"AllowedFirstAuthFactors": sorted(made.factors)}


def _dates(made: MadePool | None) -> Body:
    if made is None:
        return {}
    return {
        "CreationDate": made.made_at.timestamp(),
        "LastModifiedDate": made.changed_at.timestamp(),
    }
