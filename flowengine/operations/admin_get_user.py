"""AdminGetUser: an administrator looks at a user.

Source: Amazon Cognito API reference, AdminGetUser.
"""

from __future__ import annotations

from flowengine.engine.parts import Parts
from flowengine.operations.users import UserProfile, account_named, pool_named, profile_of


async def admin_get_user(parts: Parts, pool_id: str, username: str) -> UserProfile:
    """Describe a user.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
    """
    return profile_of(await account_named(parts, pool_named(parts, pool_id), username))
