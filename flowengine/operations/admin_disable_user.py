"""AdminDisableUser: an administrator shuts a user out.

Source: Amazon Cognito API reference, AdminDisableUser.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.accounts.account import Account
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.operations.users import account_named, change, new_stamp, pool_named


async def admin_disable_user(parts: Parts, pool_id: str, username: str) -> None:
    """Disable a user; sign-ins under way end, and those made are revoked.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    account = await account_named(parts, pool_named(parts, pool_id), username)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def disabled(present: Account) -> Account:
        return replace(present, stamp=stamp, modified_at=now, enabled=False)

    await sign_out_by(parts, account, lambda: change(parts, account, disabled))
