"""ChangePassword: a signed-in user sets another password.

Source: Amazon Cognito API reference, ChangePassword.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.credentials import check_password
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.challenges.kind import Proved, Wrong
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.locking import give_back, reserve, settle_reservation
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.engine.users import check_account
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    PasswordResetRequiredError,
)
from flowengine.operations.new_passwords import check_policy, kept_password
from flowengine.operations.users import change, new_stamp

_FACTOR = "password"


@dataclass(frozen=True, slots=True)
class ChangePasswordRequest:
    """What is asked.

    Attributes:
        previous: The present password; needed by every user who has one.
    """

    access_token: str = field(repr=False)
    proposed: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)


async def change_password(parts: Parts, request: ChangePasswordRequest) -> None:
    """Set the password; sign-ins under way end and those made are revoked, this one included.

    Wrong passwords count towards the lock of the user's password at sign-in, and are refused
    while it lasts.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
        InvalidPasswordError: The new password does not fit the policy.
        InvalidParameterError: The present password was not sent.
        NotAuthorizedError: The present password is wrong, was changed meanwhile, or is locked.
        PasswordResetRequiredError: An administrator wants it reset by a code.
        TooManyRequestsError: Too many tries are under way, or others changed the user again and
            again meanwhile.
    """
    holder = await holder_of(parts, request.access_token)
    pool, account = holder.pool, holder.account
    check_policy(pool, request.proposed)
    _check_status(account)
    await _check_previous(parts, pool, account, request.previous)
    credential = await kept_password(parts, pool, account.username, request.proposed)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def with_password(present: Account) -> Account:
        check_account(present)
        _check_status(present)
        if present.password != account.password:
            raise NotAuthorizedError
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            password=credential,
            status=UserStatus.CONFIRMED,
            temporary_until=None,
        )

    await sign_out_by(parts, account, lambda: change(parts, account, with_password))


def _check_status(account: Account) -> None:
    """Refuse whose password is not theirs to change in this way."""
    if account.status is UserStatus.RESET_REQUIRED:
        raise PasswordResetRequiredError
    if account.status is UserStatus.FORCE_CHANGE_PASSWORD:
        raise NotAuthorizedError


async def _check_previous(parts: Parts, pool: Pool, account: Account, previous: str | None) -> None:
    """Compare the present password under the lock of this user's password."""
    if account.password is None:
        if previous is not None:
            raise NotAuthorizedError
        return
    if previous is None:
        raise InvalidParameterError.missing("PreviousPassword")
    reservation = await reserve(parts, pool, account.sub, _FACTOR)
    try:
        right = await parts.work.run(
            lambda: check_password(pool, account.username, account.password, previous)
        )
    except BaseException:
        await give_back(parts, reservation)
        raise
    if not right:
        error = NotAuthorizedError()
        await settle_reservation(parts, reservation, Wrong(error))
        raise error
    await settle_reservation(parts, reservation, Proved((_FACTOR,)))
