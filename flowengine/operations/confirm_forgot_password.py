"""ConfirmForgotPassword: the code that was sent sets another password.

Source: Amazon Cognito API reference, ConfirmForgotPassword.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account, PasswordCredential
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.errors import CodeMismatchError, ExpiredCodeError
from flowengine.operations.codes import WRONG_CODE, Purpose, Recipient, check_code
from flowengine.operations.new_passwords import check_policy, kept_password
from flowengine.operations.recipients import (
    client_of,
    recovering,
    recovery_objection,
    recovery_recipient,
    recovery_recipient_of,
)
from flowengine.operations.users import change, new_stamp


@dataclass(frozen=True, slots=True)
class ConfirmForgotPasswordRequest:
    """What is asked.

    Attributes:
        code: What ForgotPassword or AdminResetUserPassword sent.
        password: The new one.
    """

    client_id: str = field(repr=False)
    username: str = field(repr=False)
    code: str = field(repr=False)
    password: str = field(repr=False)
    secret_hash: str | None = field(default=None, repr=False)


async def confirm_forgot_password(parts: Parts, request: ConfirmForgotPasswordRequest) -> None:
    """Set the password; sign-ins under way end, and those made are revoked.

    The second factors stay: whoever reads the mailbox has still to show them. So does the lock
    that wrong passwords have made.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is not right; the pool has no account recovery; or, where
            the client lets it be said, the user is disabled or not in a state to reset the
            password.
        InvalidPasswordError: The password does not fit the policy; the code stays good.
        CodeMismatchError: The code is wrong; also for a user who does not exist.
        ExpiredCodeError: No code waits; also for a user who does not exist.
        LimitExceededError: Too many wrong codes.
        UserNotFoundError: No such user, and the client lets that be said.
        InvalidParameterError: The user has no verified address, and the client lets that be said.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    client, its_pool = client_of(parts, request.client_id, request.username, request.secret_hash)
    pool = await recovering(parts, its_pool)
    check_policy(pool, request.password)
    recipient = await recovery_recipient_of(parts, pool, client, request.username)
    await check_code(parts, Purpose.FORGOT_PASSWORD, recipient, request.code)
    account = recipient.user.account
    if account is None or recipient.user.decoy:
        raise CodeMismatchError(WRONG_CODE)
    credential = await kept_password(parts, pool, account.username, request.password)
    await sign_out_by(parts, account, lambda: _set_password(parts, account, recipient, credential))


async def _set_password(
    parts: Parts, account: Account, recipient: Recipient, credential: PasswordCredential
) -> Account:
    """Write the password, unless the code would not go to this address any more."""
    now, stamp = parts.clock.now(), new_stamp(parts)

    def with_password(present: Account) -> Account:
        if not _goes_to(present, recipient):
            raise ExpiredCodeError
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            password=credential,
            status=UserStatus.CONFIRMED,
            temporary_until=None,
        )

    return await change(parts, account, with_password)


def _goes_to(account: Account, recipient: Recipient) -> bool:
    """Say whether a code for this account would go where the one that was proved went."""
    if recovery_objection(recipient.pool, account) is not None:
        return False
    found = recovery_recipient(recipient.pool, account)
    return found is not None and found.address == recipient.address
