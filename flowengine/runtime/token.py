"""The handle of one step: what a client knows as Session and as SECRET_BLOCK."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

_VERSION = 1
_ID_BYTES = 16
_SECRET_BYTES = 32
_LENGTH = 1 + _ID_BYTES + 2 + _SECRET_BYTES
LAST_STEP = 0xFFFF


@dataclass(frozen=True, slots=True)
class StepToken:
    """Version (1 byte), id (16), step (2), secret (32): 51 bytes, hence no padding in base64.

    Attributes:
        id: The sign-in, the same for all its steps; the store's key.
        step: Which step the handle answers.
        secret: Known to the client alone; the store keeps its SHA-256.
    """

    id: bytes = field(repr=False)
    step: int
    secret: bytes = field(repr=False)

    @property
    def raw(self) -> bytes:
        """The 51 bytes."""
        return bytes([_VERSION]) + self.id + self.step.to_bytes(2, "big") + self.secret

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret: what the store compares."""
        return hashlib.sha256(self.secret).digest()

    def session(self) -> str:
        """Write the handle as a Session: base64url."""
        return base64.urlsafe_b64encode(self.raw).decode("ascii")

    def secret_block(self) -> str:
        """Write the handle as a SECRET_BLOCK: standard base64, since clients decode it."""
        return base64.b64encode(self.raw).decode("ascii")


def parse_session(text: str) -> StepToken | None:
    """Read a Session; None unless it is exactly what :meth:`StepToken.session` writes."""
    return _parse(text, b"-_")


def parse_secret_block(text: str) -> StepToken | None:
    """Read a SECRET_BLOCK; None unless it is exactly what was handed out."""
    return _parse(text, b"+/")


def _parse(text: str, alphabet: bytes) -> StepToken | None:
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=alphabet, validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    if len(raw) != _LENGTH or raw[0] != _VERSION:
        return None
    # b64decode lets spare bits, and with altchars the standard alphabet, pass: only a text
    # that re-encodes to itself is the handle that was handed out.
    if base64.b64encode(raw, altchars=alphabet).decode("ascii") != text:
        return None
    return StepToken(raw[1:17], int.from_bytes(raw[17:19], "big"), raw[19:])


def same_secret(token: StepToken, secret_hash: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(token.secret_hash, secret_hash)
