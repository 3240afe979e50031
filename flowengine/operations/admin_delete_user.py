"""AdminDeleteUser: an administrator removes a user.

Source: Amazon Cognito API reference, AdminDeleteUser.
"""

from __future__ import annotations

from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out
from flowengine.errors import UserNotFoundError
from flowengine.operations.users import account_named, directory_of, pool_named


async def admin_delete_user(parts: Parts, pool_id: str, username: str) -> None:
    """Remove a user with all that hangs on it; sign-ins under way end, tokens open nothing.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user, or no longer.
    """
    account = await account_named(parts, pool_named(parts, pool_id), username)
    if not await directory_of(parts).remove(account.pool_id, account.username):
        raise UserNotFoundError
    await sign_out(parts, account)
