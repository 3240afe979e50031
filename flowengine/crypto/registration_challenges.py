"""Challenges of registrations that carry all that is kept of them.

A challenge is ``version (1) || expires at (8) || random (32) || client's mark (16) || MAC (32)``.
The time is microseconds since 1970; mark and MAC are HMAC-SHA256 under keys of this purpose
alone. The MAC covers pool and user too, so that whoever has the secret knows a challenge again
without having stored it. That it is answered once is for the caller to see to.

Source: W3C Web Authentication Level 3, section 13.4.3: a challenge is unpredictable.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.passkey_forms import Attestation, from_text
from flowengine.crypto.sealing import derive

LIFE: Final = timedelta(minutes=5)
"""More than the time that browsers are told to give their users."""

_VERSION: Final = b"\x01"
_TIME_BYTES: Final = 8
_RANDOM_BYTES: Final = 32
_MARK_BYTES: Final = 16
_MAC_BYTES: Final = 32
_RANDOM_AT: Final = len(_VERSION) + _TIME_BYTES
_MARK_AT: Final = _RANDOM_AT + _RANDOM_BYTES
_MAC_AT: Final = _MARK_AT + _MARK_BYTES
_MAC_KEY: Final = b"flowengine passkey registration 1"
_MARK_KEY: Final = b"flowengine passkey registration client 1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registers, and by which client."""

    pool_id: str
    sub: str
    client_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuedChallenge:
    """A challenge that was known again.

    Attributes:
        once: Names it; good for one answer.
        expires_at: From this instant on it is dead; it was not when it was read.
        same_client: Whether it was issued to the client that answers it.
    """

    challenge: bytes = field(repr=False)
    once: str = field(repr=False)
    expires_at: datetime
    same_client: bool


def issue_challenge(secret: bytes, who: Registrant, now: datetime, entropy: Entropy) -> bytes:
    """Make what a new passkey of this user has to sign.

    ``secret`` is known to the service alone, and the same wherever the answer may arrive.
    """
    expires_at = (now + LIFE - _EPOCH) // _MICROSECOND
    drawn = draw(entropy, _RANDOM_BYTES)
    head = _VERSION + expires_at.to_bytes(_TIME_BYTES, "big") + drawn
    body = head + _mark(secret, drawn, who)
    return body + _mac(secret, body, who)


def read_challenge(
    secret: bytes, who: Registrant, challenge: bytes, now: datetime
) -> IssuedChallenge | None:
    """Know a challenge again; None for another user's, an expired one, and what is none."""
    body, mac = challenge[:_MAC_AT], challenge[_MAC_AT:]
    if len(challenge) != _MAC_AT + _MAC_BYTES or not challenge.startswith(_VERSION):
        return None
    if not hmac.compare_digest(mac, _mac(secret, body, who)):
        return None
    micros = int.from_bytes(body[len(_VERSION) : _RANDOM_AT], "big")
    expires_at = _EPOCH + micros * _MICROSECOND
    if now >= expires_at:
        return None
    drawn, mark = body[_RANDOM_AT:_MARK_AT], body[_MARK_AT:]
    same_client = hmac.compare_digest(mark, _mark(secret, drawn, who))
    return IssuedChallenge(challenge, drawn.hex(), expires_at, same_client)


def answered_challenge(came: Attestation) -> bytes | None:
    """Give the challenge that an answer says it answers; None where it says none."""
    try:
        said = json.loads(came.client_data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    challenge = said.get("challenge") if isinstance(said, dict) else None
    return from_text(challenge) if isinstance(challenge, str) else None


def _mac(secret: bytes, body: bytes, who: Registrant) -> bytes:
    """Authenticate a body, whose length is fixed, for one user of one pool."""
    whose = json.dumps([who.pool_id, who.sub]).encode()
    return hmac.digest(derive(secret, _MAC_KEY), whose + body, "sha256")


def _mark(secret: bytes, drawn: bytes, who: Registrant) -> bytes:
    """Mark the client, told to nobody: its id is in the message only."""
    message = drawn + who.client_id.encode("utf-8", "surrogatepass")
    return hmac.digest(derive(secret, _MARK_KEY), message, "sha256")[:_MARK_BYTES]
