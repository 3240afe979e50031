"""VerifySoftwareToken: a signed-in user shows that the authenticator app works.

Source: Amazon Cognito API reference, VerifySoftwareToken.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Wrong
from flowengine.crypto import totp
from flowengine.engine.judging import give_back, reserve, settle_reservation, spent_key
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import (
    EnableSoftwareTokenMFAError,
    InvalidParameterError,
    SoftwareTokenMFANotFoundError,
)
from flowengine.operations.software_tokens import software_token_holder
from flowengine.operations.users import change, new_stamp

LONGEST_NAME = 2048
"""Characters in the name of an app: it is sent with each challenge."""

_FACTOR = "totp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCKS_APART = timedelta(minutes=5)
"""A spent code is remembered this much longer, for servers whose clocks are behind."""


@dataclass(frozen=True, slots=True)
class VerifySoftwareTokenRequest:
    """What is asked; a Session is for a later version.

    Attributes:
        user_code: Six digits.
        friendly_device_name: What the user calls the app; may be empty.
    """

    user_code: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    friendly_device_name: str = ""


async def verify_software_token(parts: Parts, request: VerifySoftwareTokenRequest) -> None:
    """Check the first code of an app, and make the app the user's second factor.

    Cognito activates a verified app by SetUserMFAPreference; that operation is for a later
    version, so the app is active from here on. It takes the place of the present one. A code
    that verified an app is spent: it signs nobody in.

    Wrong codes count towards the lock of the user's codes at sign-in, and a right one does
    not clear that count: that an app was set up proves nothing about the one before.

    Raises:
        EnableSoftwareTokenMFAError: The code is wrong, or was used before.
        SoftwareTokenMFANotFoundError: No app was associated.
        NotAuthorizedError: Too many wrong codes.
        InvalidParameterError: The name of the app cannot be kept.
        CallerError: Not this user's to ask; see ``software_token_holder``.
    """
    holder = await software_token_holder(parts, request.access_token, request.session)
    pool, account = holder.pool, holder.account
    name = request.friendly_device_name
    if len(name) > LONGEST_NAME or not is_storable(name):
        raise InvalidParameterError("Invalid value for parameter FriendlyDeviceName")
    secret = account.pending_totp
    if secret is None:
        raise SoftwareTokenMFANotFoundError
    await _check_code(parts, pool, account, secret, request.user_code)
    await _activate(parts, account, secret, name)


async def _check_code(
    parts: Parts, pool: Pool, account: Account, secret: bytes, written: str
) -> None:
    """Compare the code under the lock of this user's codes, and spend it."""
    reservation = await reserve(parts, pool, account.sub, _FACTOR)
    try:
        now = parts.clock.now()
        counter = totp.match(secret, written, now, after=-1)
        right = counter is not None and await _spend(parts, pool, account, counter, now)
    except BaseException:
        await give_back(parts, reservation)
        raise
    if not right:
        error = EnableSoftwareTokenMFAError()
        await settle_reservation(parts, pool, reservation, Wrong(error))
        raise error
    await give_back(parts, reservation)


async def _spend(parts: Parts, pool: Pool, account: Account, counter: int, now: datetime) -> bool:
    """Burn the code and the older ones that match; False when it was burnt before.

    The keys are those that SOFTWARE_TOKEN_MFA burns at sign-in.
    """
    until = _EPOCH + (counter + 2) * totp.PERIOD + _CLOCKS_APART
    if not await parts.counters.spend_once(_key(pool, account, counter), until, now):
        return False
    for older in range(totp.counter_at(now) - 1, counter):
        await parts.counters.spend_once(_key(pool, account, older), until, now)
    return True


def _key(pool: Pool, account: Account, counter: int) -> str:
    return spent_key(pool, account.sub, f"{_FACTOR}:{counter}")


async def _activate(parts: Parts, account: Account, secret: bytes, name: str) -> None:
    """Write the app, unless another secret waits by now."""
    now, stamp = parts.clock.now(), new_stamp(parts)

    def with_app(present: Account) -> Account:
        check_account(present)
        waiting = present.pending_totp
        if waiting is None or not hmac.compare_digest(waiting, secret):
            raise EnableSoftwareTokenMFAError
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            totp=TotpFactor(secret, active=True, name=name),
            pending_totp=None,
        )

    await change(parts, account, with_app)
