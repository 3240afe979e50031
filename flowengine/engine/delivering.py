"""Sends codes: limited per destination, once the step is settled, never for a decoy."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import CodeToSend
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.context import TriggerContext
from flowengine.engine.triggers.hooks import message_of
from flowengine.engine.users import Identified
from flowengine.errors import LimitExceededError, UnavailableError
from flowengine.runtime.stored import Allowed

SENDING = LockoutPolicy(
    threshold=5, first_lock=timedelta(seconds=30), longest_lock=timedelta(minutes=15)
)
"""Codes per destination: five, then one after 30 s, 1 min, 2 min, …, until a quiet quarter."""


def sending_key(pool: Pool, send: CodeToSend) -> str:
    """Name the count of one destination; its address is hashed, since keys are no secrets.

    It is folded in every pool: where case makes another user, it still makes no other mailbox.
    """
    folded = send.to.casefold().encode("utf-8", "surrogatepass")
    address = hashlib.sha256(folded).hexdigest()
    return f"sent|{pool.id}|{send.channel}|{address}"


async def reserve_sending(parts: Parts, pool: Pool, send: CodeToSend) -> LimitExceededError | None:
    """Count one code towards the limit of its destination; the error where it is reached.

    A decoy's destination is counted too, so that its limit is the same.
    """
    now, key = parts.clock.now(), sending_key(pool, send)
    allowed = await parts.counters.try_now(key, SENDING, now)
    if not isinstance(allowed, Allowed):
        return LimitExceededError()
    await parts.counters.count_wrong(key, allowed.reservation, SENDING, now)
    return None


async def deliver(
    parts: Parts, user: Identified, send: CodeToSend, context: TriggerContext
) -> None:
    """Hand a code to the delivery, which queues it: no reply ever waits for it.

    Args:
        context: What the trigger that words messages is told.

    Raises:
        CallerError: The pool's trigger that words messages refused or failed.
    """
    if parts.delivery is None:
        raise UnavailableError("a flow sends codes, and the engine has no delivery")
    message = await message_of(parts, user, send, context)
    if not user.decoy:
        await parts.delivery.send(message)
