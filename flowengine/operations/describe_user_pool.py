"""DescribeUserPool: an administrator looks at the settings of a pool.

Source: Amazon Cognito API reference, DescribeUserPool.
"""

from __future__ import annotations

from flowengine.accounts.pool import Pool
from flowengine.engine.parts import Parts
from flowengine.operations.users import pool_named


def describe_user_pool(parts: Parts, pool_id: str) -> Pool:
    """Give a pool as the deployment defines it.

    Raises:
        ResourceNotFoundError: There is no such pool.
    """
    return pool_named(parts, pool_id)
