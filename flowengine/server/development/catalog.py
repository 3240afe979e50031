"""The operations that ``flowengine serve --dev`` serves, those of every server among them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.estate import Estate
from flowengine.server.account_inputs import DESCRIBE_USER_POOL
from flowengine.server.catalog import OPERATIONS, Operation
from flowengine.server.development import client_inputs as clients
from flowengine.server.development import client_operations, mfa_configs, pool_operations
from flowengine.server.development import pool_inputs as pools
from flowengine.server.shapes import Structure

Handler = Callable[
    [Estate, AsyncEngine, Mapping[str, Any], RequestOrigin], Awaitable[dict[str, Any]]
]


def development_operations(estate: Estate) -> Mapping[str, Operation]:
    """Give the operations on an estate beside those of every server."""

    def of(shape: Structure, handler: Handler) -> Operation:
        return Operation(shape, partial(handler, estate), admin=True)

    return MappingProxyType(
        {
            **OPERATIONS,
            "CreateUserPool": of(pools.CREATE_USER_POOL, pool_operations.create_user_pool),
            "UpdateUserPool": of(pools.UPDATE_USER_POOL, pool_operations.update_user_pool),
            "DescribeUserPool": of(DESCRIBE_USER_POOL, pool_operations.describe_user_pool),
            "AddCustomAttributes": of(
                pools.ADD_CUSTOM_ATTRIBUTES, pool_operations.add_custom_attributes
            ),
            "SetUserPoolMfaConfig": of(
                pools.SET_USER_POOL_MFA_CONFIG, mfa_configs.set_user_pool_mfa_config
            ),
            "GetUserPoolMfaConfig": of(
                pools.GET_USER_POOL_MFA_CONFIG, mfa_configs.get_user_pool_mfa_config
            ),
            "DeleteUserPool": of(pools.DELETE_USER_POOL, pool_operations.delete_user_pool),
            "ListUserPools": of(pools.LIST_USER_POOLS, pool_operations.list_user_pools),
            "CreateUserPoolClient": of(
                clients.CREATE_USER_POOL_CLIENT, client_operations.create_user_pool_client
            ),
            "UpdateUserPoolClient": of(
                clients.UPDATE_USER_POOL_CLIENT, client_operations.update_user_pool_client
            ),
            "DeleteUserPoolClient": of(
                clients.DELETE_USER_POOL_CLIENT, client_operations.delete_user_pool_client
            ),
            "ListUserPoolClients": of(
                clients.LIST_USER_POOL_CLIENTS, client_operations.list_user_pool_clients
            ),
        }
    )
