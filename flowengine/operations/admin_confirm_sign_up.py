"""AdminConfirmSignUp: an administrator confirms a sign-up without a code.

Source: Amazon Cognito API reference, AdminConfirmSignUp.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.operations.confirm_sign_up import confirmation_objection
from flowengine.operations.users import account_named, change, new_stamp, pool_named


async def admin_confirm_sign_up(parts: Parts, pool_id: str, username: str) -> None:
    """Confirm a user; no address is verified by that.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        NotAuthorizedError: The user is confirmed, or never had to be.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    account = await account_named(parts, pool_named(parts, pool_id), username)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def confirmed(present: Account) -> Account:
        refusal = confirmation_objection(present)
        if refusal is not None:
            raise refusal
        return replace(present, stamp=stamp, modified_at=now, status=UserStatus.CONFIRMED)

    await change(parts, account, confirmed)
