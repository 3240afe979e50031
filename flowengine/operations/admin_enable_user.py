"""AdminEnableUser: an administrator lets a user in again.

Source: Amazon Cognito API reference, AdminEnableUser.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.accounts.account import Account
from flowengine.engine.parts import Parts
from flowengine.operations.users import account_named, change, new_stamp, pool_named


async def admin_enable_user(parts: Parts, pool_id: str, username: str) -> None:
    """Enable a user; what was revoked when they were disabled stays revoked.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    account = await account_named(parts, pool_named(parts, pool_id), username)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def enabled(present: Account) -> Account:
        return replace(present, stamp=stamp, modified_at=now, enabled=True)

    await change(parts, account, enabled)
