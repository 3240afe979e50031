"""One-time codes of authenticator apps: SHA-1, six digits, thirty seconds.

Sources: RFC 4226 (the code of a counter), RFC 6238 (the counter of a time), RFC 4648 (base32).
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from flowengine.crypto.entropy import Entropy, draw
from flowengine.errors import InvalidParameterError

PERIOD: Final = timedelta(seconds=30)
DIGITS: Final = 6
SECRET_BYTES: Final = 20
"""160 bits, as RFC 4226, section 4, recommends; 32 characters without padding."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CODE: Final = re.compile(rf"[0-9]{{{DIGITS}}}", re.ASCII)


def new_secret(entropy: Entropy) -> bytes:
    """Draw the key that a user's app and the directory will share."""
    return draw(entropy, SECRET_BYTES)


def to_text(secret: bytes) -> str:
    """Write a key as apps take it (``SecretCode``): base32, upper case, no padding."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def link(secret: bytes, username: str) -> str:
    """Write a key as the link that apps read out of a QR code: ``otpauth://totp/…``."""
    name = quote(username)
    return f"otpauth://totp/flowengine:{name}?secret={to_text(secret)}&issuer=flowengine"


def from_text(text: str) -> bytes:
    """Read a key as people copy it: any case, with or without blanks and padding.

    Raises:
        InvalidParameterError: It is not base32; the message does not show it.
    """
    bare = "".join(text.split()).rstrip("=")
    try:
        secret = base64.b32decode(bare + "=" * (-len(bare) % 8), casefold=True)
    except ValueError:  # binascii.Error, and what is said of text that is not ASCII
        secret = b""
    if not secret:
        raise InvalidParameterError("The secret is not base32")
    return secret


def counter_at(now: datetime) -> int:
    """Count the periods since 1970; ``now`` is aware."""
    return (now - _EPOCH) // PERIOD


def code(secret: bytes, counter: int) -> str:
    """Compute the code of a counter from 0 up (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def match(secret: bytes, written: str, now: datetime, *, after: int) -> int | None:
    """Find the counter that ``written`` is the code of, one period either side.

    Every candidate is computed and compared, whichever is right. ``after`` is the last counter
    this user spent, -1 for none; it and older ones never match (RFC 6238, section 5.2: a code
    is good once).

    Returns:
        The counter to record as spent, or None when the code is wrong. Should two counters
        have the same code, the later one: recording it spends both.
    """
    if _CODE.fullmatch(written) is None:
        return None
    present, claimed, matched = counter_at(now), written.encode("ascii"), None
    for counter in range(max(present - 1, 0), present + 2):
        right = hmac.compare_digest(code(secret, counter).encode("ascii"), claimed)
        if right and counter > after:
            matched = counter
    return matched
