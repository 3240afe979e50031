"""AdminResetUserPassword: an administrator has a user set another password, by a code.

Source: Amazon Cognito API reference, AdminResetUserPassword.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.errors import InvalidParameterError
from flowengine.operations.codes import (
    Occasion,
    Purpose,
    reserve_code,
    send_reserved_code,
)
from flowengine.operations.recipients import (
    NO_ADDRESS,
    recovering,
    recovery_objection,
    recovery_recipient,
)
from flowengine.operations.users import account_named, change, new_stamp, pool_named


async def admin_reset_user_password(
    parts: Parts,
    pool_id: str,
    username: str,
    client_metadata: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Take the password out of use and send a code for another one.

    Sign-ins under way end, and those made are revoked. Whoever signs in with the old password is
    told that it must be reset, which ConfirmForgotPassword does.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        NotAuthorizedError: The user is disabled, or has a temporary password; or the pool has no
            account recovery (API reference: "must have self-service account recovery configured").
        InvalidParameterError: The user has no verified address.
        LimitExceededError: Too many codes went to this address; nothing was changed.
        CodeDeliveryFailureError: The engine has no delivery; nothing was changed.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    pool = await recovering(parts, pool_named(parts, pool_id))
    account = await account_named(parts, pool, username)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def to_be_reset(present: Account) -> Account:
        refusal = recovery_objection(pool, present)
        if refusal is not None:
            raise refusal
        return replace(present, stamp=stamp, modified_at=now, status=UserStatus.RESET_REQUIRED)

    to_be_reset(account)
    recipient = recovery_recipient(pool, account)
    if recipient is None:
        raise InvalidParameterError(NO_ADDRESS)
    await reserve_code(parts, recipient)
    changed = await sign_out_by(parts, account, lambda: change(parts, account, to_be_reset))
    present = recovery_recipient(pool, changed)
    if present is not None:
        occasion = Occasion(client_metadata=client_metadata)
        await send_reserved_code(parts, Purpose.FORGOT_PASSWORD, present, occasion)
