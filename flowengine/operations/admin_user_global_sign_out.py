"""AdminUserGlobalSignOut: an administrator ends all sign-ins of a user.

Source: Amazon Cognito API reference, AdminUserGlobalSignOut.
"""

from __future__ import annotations

from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out
from flowengine.operations.users import account_named, pool_named


async def admin_user_global_sign_out(parts: Parts, pool_id: str, username: str) -> None:
    """Revoke all sign-ins that a user has made; a sign-in under way goes on.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
    """
    await sign_out(parts, await account_named(parts, pool_named(parts, pool_id), username))
