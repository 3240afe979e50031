"""DescribeUserPoolClient: an administrator looks at the settings of a client.

Source: Amazon Cognito API reference, DescribeUserPoolClient.
"""

from __future__ import annotations

from flowengine.accounts.pool import Client
from flowengine.engine.parts import Parts
from flowengine.errors import ResourceNotFoundError
from flowengine.operations.users import pool_named


def describe_user_pool_client(parts: Parts, pool_id: str, client_id: str) -> Client:
    """Give a client as the deployment defines it, with its secret.

    Raises:
        ResourceNotFoundError: There is no such pool, or it has no such client.
    """
    pool, client = pool_named(parts, pool_id), parts.client(client_id)
    if client.pool_id != pool.id:
        raise ResourceNotFoundError("User pool client {client_id} does not exist.")
    return client
