"""What the operations on passkeys share."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flowengine.accounts.account import Account
from flowengine.accounts.lockout import LockoutPolicy
from flowengine.accounts.pool import PasskeySettings, Pool
from flowengine.crypto.registration_challenges import Registrant
from flowengine.engine.access_tokens import Holder
from flowengine.engine.parts import Parts
from flowengine.errors import (
    LimitExceededError,
    WebAuthnConfigurationMissingError,
    WebAuthnNotEnabledError,
)
from flowengine.runtime.stored import Allowed

MOST_PASSKEYS: Final = 20
"""Of one user (COGNITO.md, E.5)."""

REGISTERING: Final = LockoutPolicy(
    threshold=20, first_lock=timedelta(seconds=30), longest_lock=timedelta(minutes=15)
)
"""Answers of one user, right or wrong: 20, then one after 30 s, 1 min, …, until a quiet quarter.

What is refused because another user has it is refused as anything else is; yet what is taken
is not, so that both count: nobody tries many credential ids out.
"""


def settings_of(pool: Pool) -> PasskeySettings:
    """Say whom passkeys are made for.

    Raises:
        WebAuthnNotEnabledError: The pool has no passkeys.
        WebAuthnConfigurationMissingError: It has them, and names no relying party or origin.
    """
    settings = pool.passkeys
    if settings is None:
        raise WebAuthnNotEnabledError
    if not settings.relying_party or settings.origins == ():
        raise WebAuthnConfigurationMissingError("The user pool has no relying party for passkeys.")
    return settings


def registrant_of(holder: Holder) -> Registrant:
    """Say who registers."""
    return Registrant(holder.pool.id, holder.account.sub, holder.client_id)


def check_room(account: Account) -> None:
    """Refuse one passkey too many.

    Raises:
        LimitExceededError: The user has as many as are allowed.
    """
    if len(account.passkeys) >= MOST_PASSKEYS:
        raise LimitExceededError(f"A user may have {MOST_PASSKEYS} passkeys")


async def count_registration(parts: Parts, holder: Holder) -> None:
    """Count one answer towards what a user may try.

    Raises:
        LimitExceededError: It was one too many.
    """
    now, key = parts.clock.now(), f"registered|{holder.pool.id}|{holder.account.sub}"
    allowed = await parts.counters.try_now(key, REGISTERING, now)
    if not isinstance(allowed, Allowed):
        raise LimitExceededError
    await parts.counters.count_wrong(key, allowed.reservation, REGISTERING, now)
