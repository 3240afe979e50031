"""VerifySoftwareToken: a user shows that the authenticator app works.

Source: Amazon Cognito API reference, VerifySoftwareToken.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Wrong
from flowengine.challenges.mfa_setup import VERIFY, name_objection
from flowengine.challenges.software_token_mfa import spend_of
from flowengine.crypto import totp
from flowengine.engine.access_tokens import Holder
from flowengine.engine.advancing import advance
from flowengine.engine.judging import spend_for
from flowengine.engine.locking import give_back, reserve, settle_reservation
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import (
    CallerError,
    EnableSoftwareTokenMFAError,
    SoftwareTokenMFANotFoundError,
)
from flowengine.operations.factor_changes import check_second_factor
from flowengine.operations.software_tokens import session_of, software_token_holder
from flowengine.operations.users import change, made_by, new_stamp

_FACTOR = "totp"


@dataclass(frozen=True, slots=True)
class VerifySoftwareTokenRequest:
    """What is asked, with an access token or with the Session that AssociateSoftwareToken gave.

    Attributes:
        user_code: Six digits.
        friendly_device_name: What the user calls the app; may be empty.
    """

    user_code: str = field(repr=False)
    access_token: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    friendly_device_name: str = ""


async def verify_software_token(parts: Parts, request: VerifySoftwareTokenRequest) -> str | None:
    """Check the first code of an app, and make the app the user's second factor.

    Cognito activates a verified app by SetUserMFAPreference; that operation is for a later
    version, so the app is active from here on. It takes the place of the present one. A code
    that verified an app is spent: it signs nobody in.

    Wrong codes count towards the lock of the user's codes at sign-in, and a right one does
    not clear that count: that an app was set up proves nothing about the one before.

    Returns:
        The Session that takes the place of the one that was sent; None for an access token.

    Raises:
        EnableSoftwareTokenMFAError: The code is wrong, or was used before.
        SoftwareTokenMFANotFoundError: No app was associated.
        NotAuthorizedError: Too many wrong codes.
        InvalidParameterError: The name of the app cannot be kept.
        CallerError: Not this user's to ask; see ``software_token_holder``.
    """
    session, name = session_of(request.access_token, request.session), request.friendly_device_name
    if session is not None:
        members = {"UserCode": request.user_code, "FriendlyDeviceName": name}
        return (await advance(parts, session, VERIFY, members)).session
    holder = await software_token_holder(parts, request.access_token)
    pool, account = holder.pool, holder.account
    objection = name_objection(name)
    if objection is not None:
        raise objection
    secret = account.pending_totp
    if secret is None:
        raise SoftwareTokenMFANotFoundError
    await _check_code(parts, pool, account, secret, request.user_code)
    await _activate(parts, holder, secret, name)
    return None


async def _check_code(
    parts: Parts, pool: Pool, account: Account, secret: bytes, written: str
) -> None:
    """Compare the code under the lock of this user's codes, and spend it."""
    reservation = await reserve(parts, pool, account.sub, _FACTOR)
    try:
        now = parts.clock.now()
        counter = totp.match(secret, written, now, after=-1)
        error: CallerError | None = EnableSoftwareTokenMFAError()
        if counter is not None:
            once = spend_of(counter, now, EnableSoftwareTokenMFAError())
            error = await spend_for(parts, pool, account.sub, once, now)
    except BaseException:
        await give_back(parts, reservation)
        raise
    if error is not None:
        await settle_reservation(parts, reservation, Wrong(error))
        raise error
    await give_back(parts, reservation)


async def _activate(parts: Parts, holder: Holder, secret: bytes, name: str) -> None:
    """Write the app, unless another secret waits by now."""
    now, stamp = parts.clock.now(), new_stamp(parts)

    def with_app(present: Account) -> Account:
        check_account(present)
        check_second_factor(parts, holder, present)
        waiting = present.pending_totp
        if waiting is None or not hmac.compare_digest(waiting, secret):
            raise EnableSoftwareTokenMFAError
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            totp=TotpFactor(secret, active=True, name=name),
            pending_totp=None,
            made_by=made_by(present, holder, "totp"),
        )

    await change(parts, holder.account, with_app)
