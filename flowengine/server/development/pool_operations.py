"""CreateUserPool, DeleteUserPool and ListUserPools, between the wire and the estate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.estate import Estate
from flowengine.server.descriptions import pool_body
from flowengine.server.development.paging import page
from flowengine.server.development.pools import first_factors, read_pool

Members = Mapping[str, Any]
Body = dict[str, Any]


async def create_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """CreateUserPool: in the region that the request was signed for."""
    pool_id = estate.new_pool_id(origin.region)
    pool = read_pool(members, pool_id, f"{estate.endpoint}/{pool_id}")
    await estate.add_pool(pool, first_factors(members))
    return {"UserPool": pool_body(pool)}


async def delete_user_pool(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """DeleteUserPool."""
    await estate.remove_pool(members["UserPoolId"])
    return {}


async def list_user_pools(
    estate: Estate, _: AsyncEngine, members: Members, origin: RequestOrigin
) -> Body:
    """ListUserPools: those of the region that the request was signed for."""
    ids = [pool.id for pool in estate.pools.values() if pool.region == origin.region]
    shown, token = page(ids, members)
    return {"UserPools": [{"Id": one, "Name": estate.pools[one].name} for one in shown], **token}
