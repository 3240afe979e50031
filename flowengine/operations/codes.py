"""Codes that confirm a sign-up, reset a password or verify an address.

A code waits in the store of sign-ins, as a step of its own that takes one right answer: it lasts
over restarts, every process sees it, and one atomic claim spends it. The row is named by who it is
for, what for and at which address, and holds SHA-256 of a secret that is derived from the code
under the deployment's own key: nothing of the code is kept, and it is good for nothing else. A new
code takes the place of the one before. For a decoy the same is written, and nothing is sent.

Sources: COGNITO.md, E.5 and G; Amazon Cognito API reference, CodeDeliveryDetailsType.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts
from flowengine.challenges.delivered_codes import draw_code
from flowengine.challenges.kind import Channel, CodeToSend
from flowengine.challenges.masking import masked
from flowengine.crypto.sealing import derive
from flowengine.crypto.text import octets
from flowengine.engine.delivering import deliver, reserve_sending
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.context import TriggerContext
from flowengine.engine.users import Identified
from flowengine.errors import (
    CallerError,
    CodeDeliveryFailureError,
    CodeMismatchError,
    ExpiredCodeError,
    LimitExceededError,
    StoreError,
    TooManyRequestsError,
)
from flowengine.runtime.stored import Allowed, Crowded, Locked, NewStep
from flowengine.runtime.token import StepToken

WRONG_CODE: Final = "Invalid verification code provided, please try again."

TRIES: Final = LockoutPolicy(
    threshold=5,
    first_lock=timedelta(minutes=1),
    longest_lock=timedelta(minutes=15),
    quiet=timedelta(hours=1),
)
"""Wrong codes of one user and purpose: five, then one after 1 min, 2 min, 4 min, … 15 min.

It holds in every pool, also in one that never locks a password: a code of six digits is no
secret without it.
"""

_NO_CLIENT: Final = "CLIENT_ID_NOT_APPLICABLE"
"""What Cognito writes in an event that no app client is behind."""
_DIGITS: Final = 6
_ID_BYTES: Final = 16
_MANY: Final = 1 << 30
"""Tries of a row over all its codes; each step takes one."""
_MOST_TRIES: Final = 5
"""How often a code is put away anew because another one was faster."""
_BEFORE_ALL: Final = datetime(1970, 1, 2, tzinfo=UTC)
"""As seen from here no row has expired: one that has, and was not swept yet, is found too."""


class Purpose(StrEnum):
    """What a code is for, and the name of the text that carries it."""

    SIGN_UP = "sign-up"
    FORGOT_PASSWORD = "forgot-password"
    VERIFY_ATTRIBUTE = "verify-attribute"


LIVES: Final[Mapping[Purpose, timedelta]] = MappingProxyType(
    {
        Purpose.SIGN_UP: timedelta(hours=24),
        Purpose.FORGOT_PASSWORD: timedelta(hours=1),
        Purpose.VERIFY_ATTRIBUTE: timedelta(hours=24),
    }
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a code is for, and where it goes.

    Attributes:
        user: A decoy is sent nothing, and no code is right for it.
        address: Out of the directory.
    """

    pool: Pool
    user: Identified
    channel: Channel
    address: str = field(repr=False)

    @property
    def attribute(self) -> str:
        """The attribute that holds the address."""
        return attribute_of(self.channel)


@dataclass(frozen=True, slots=True)
class CodeDelivery:
    """Where a code went, as its user is told.

    Attributes:
        destination: Masked.
        medium: ``EMAIL`` or ``SMS``.
        attribute: ``email`` or ``phone_number``.
    """

    destination: str
    medium: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a code is asked for by, as the trigger that words messages is told it.

    Attributes:
        source: In Cognito's words; empty where the code's purpose says it.
        client: The app client that asks; None for an administrator.
    """

    source: str = ""
    client: Client | None = None
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)

    def context(self, pool: Pool, user: UserFacts) -> TriggerContext:
        """Give what a trigger is told."""
        client = self.client or Client(_NO_CLIENT, "", pool.id)
        return TriggerContext(pool, client, user, client_metadata=self.client_metadata)


def attribute_of(channel: Channel) -> str:
    """Name the attribute that holds the address of a channel."""
    match channel:
        case Channel.EMAIL:
            return "email"
        case Channel.SMS:
            return "phone_number"
        case _:
            assert_never(channel)


async def send_code(
    parts: Parts, purpose: Purpose, recipient: Recipient, occasion: Occasion | None = None
) -> CodeDelivery:
    """Draw a code, put it in the place of the one before, and send it.

    Raises:
        CodeDeliveryFailureError: The engine has no delivery.
        LimitExceededError: Too many codes went to this destination.
        TooManyRequestsError: Others asked for one again and again meanwhile.
    """
    await reserve_code(parts, recipient)
    return await send_reserved_code(parts, purpose, recipient, occasion or Occasion())


async def reserve_code(parts: Parts, recipient: Recipient) -> None:
    """Count a code towards the limit of its destination, before anything is done for it.

    Raises:
        CodeDeliveryFailureError: The engine has no delivery.
        LimitExceededError: Too many codes went to this destination.
    """
    if parts.delivery is None:
        raise CodeDeliveryFailureError
    send = CodeToSend(recipient.channel, recipient.address, "")
    refusal = await reserve_sending(parts, recipient.pool, send)
    if refusal is not None:
        raise refusal


async def send_reserved_code(
    parts: Parts, purpose: Purpose, recipient: Recipient, occasion: Occasion
) -> CodeDelivery:
    """Send a code that :func:`reserve_code` counted."""
    code = draw_code(parts.entropy.draw, _DIGITS)
    await _keep(parts, purpose, recipient, code)
    channel, address = recipient.channel, recipient.address
    send = CodeToSend(channel, address, code, purpose.value, occasion.source)
    context = occasion.context(recipient.pool, recipient.user.facts)
    await deliver(parts, recipient.user, send, context)
    return CodeDelivery(
        masked(recipient.channel, recipient.pool.fold(recipient.address)),
        recipient.channel.name,
        recipient.attribute,
    )


async def check_code(parts: Parts, purpose: Purpose, recipient: Recipient, written: str) -> None:
    """Compare a code under a reserved try, and spend it; it is right once, for one caller.

    Raises:
        CodeMismatchError: It is wrong.
        ExpiredCodeError: No code waits: none was asked for, it was used, or its time is over.
        LimitExceededError: Too many wrong ones; nothing was compared.
        TooManyRequestsError: As many are being compared as may be.
    """
    key = f"code|{recipient.pool.id}|{recipient.user.facts.sub}|{purpose.value}"
    reservation = await _reserve(parts, key)
    try:
        refusal = await _spend(parts, purpose, recipient, written)
    except BaseException:
        await parts.counters.give_back(key, reservation)
        raise
    if refusal is not None:
        await parts.counters.count_wrong(key, reservation, TRIES, parts.clock.now())
        raise refusal
    await parts.counters.give_back(key, reservation)
    await parts.counters.clear(key)


async def _reserve(parts: Parts, key: str) -> int:
    allowed = await parts.counters.try_now(key, TRIES, parts.clock.now())
    match allowed:
        case Allowed(reservation):
            return reservation
        case Locked():
            raise LimitExceededError
        case Crowded():
            raise TooManyRequestsError
        case _:
            assert_never(allowed)


async def _spend(
    parts: Parts, purpose: Purpose, recipient: Recipient, written: str
) -> CallerError | None:
    """Claim the waiting step with the secret that the code gives; the error where it is not."""
    now, row = parts.clock.now(), _row(parts, purpose, recipient)
    waiting = await parts.sessions.peek(row, now)
    if waiting is None or waiting.expires_at <= now or waiting.tries_left == 0:
        return ExpiredCodeError()
    token = StepToken(row, waiting.step, _secret(parts, row, written))
    claimed = await parts.sessions.claim(token, now)
    if claimed is None or recipient.user.decoy:
        return CodeMismatchError(WRONG_CODE)
    return None


async def _keep(parts: Parts, purpose: Purpose, recipient: Recipient, code: str) -> None:
    """Write the code's step over the one that is there, whether it was used, expired or waits."""
    row = _row(parts, purpose, recipient)
    now, secret = parts.clock.now(), _secret(parts, row, code)
    step = NewStep(
        secret_hash=StepToken(row, 0, secret).secret_hash,
        record=json.dumps({"code": purpose.value, "pool": recipient.pool.id}),
        private=None,
        node=purpose.value,
        tries=_MANY,
        expires_at=now + LIVES[purpose],
        once=True,
    )
    for _ in range(_MOST_TRIES):
        present = await parts.sessions.peek(row, _BEFORE_ALL)
        if present is None:
            if await _add(parts, row, step, now):
                return
        elif await parts.sessions.settle(row, present.step, step, None):
            return
    raise TooManyRequestsError


async def _add(parts: Parts, row: bytes, step: NewStep, now: datetime) -> bool:
    """Add the row; False where another request added it meanwhile."""
    try:
        await parts.sessions.add(row, step, now)
    except StoreError:
        if await parts.sessions.peek(row, _BEFORE_ALL) is None:
            raise
        return False
    return True


def _row(parts: Parts, purpose: Purpose, recipient: Recipient) -> bytes:
    """Name the one code that may wait for a user, a purpose and an address."""
    named = [
        purpose.value,
        recipient.pool.id,
        recipient.user.facts.sub,
        recipient.channel.value,
        recipient.address,
    ]
    return hmac.digest(_key(parts, b"row"), octets(json.dumps(named)), "sha256")[:_ID_BYTES]


def _secret(parts: Parts, row: bytes, code: str) -> bytes:
    """Give what only who has both the code and the deployment's key can."""
    return hmac.digest(_key(parts, b"secret"), row + octets(code), "sha256")


def _key(parts: Parts, use: bytes) -> bytes:
    return derive(parts.decoy_secret, b"flowengine codes 1 " + use)
