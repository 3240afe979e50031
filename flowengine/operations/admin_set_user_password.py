"""AdminSetUserPassword: an administrator sets a password, for good or until it is changed.

Source: Amazon Cognito API reference, AdminSetUserPassword.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.operations.new_passwords import kept_password
from flowengine.operations.users import account_named, change, new_stamp, pool_named


@dataclass(frozen=True, slots=True)
class AdminSetUserPasswordRequest:
    """What is asked.

    Attributes:
        permanent: False makes a temporary password, to be changed at the next sign-in.
    """

    pool_id: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    permanent: bool = False


async def admin_set_user_password(parts: Parts, request: AdminSetUserPasswordRequest) -> None:
    """Set a password; sign-ins under way are refused from now on, and those made are revoked.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        InvalidPasswordError: The password does not fit the policy.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    pool = pool_named(parts, request.pool_id)
    account = await account_named(parts, pool, request.username)
    credential = await kept_password(parts, pool, account.username, request.password)
    now, stamp = parts.clock.now(), new_stamp(parts)
    temporary = not request.permanent

    def with_password(present: Account) -> Account:
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            password=credential,
            status=UserStatus.FORCE_CHANGE_PASSWORD if temporary else UserStatus.CONFIRMED,
            temporary_until=now + pool.temporary_password_life if temporary else None,
        )

    await sign_out_by(parts, account, lambda: change(parts, account, with_password))
