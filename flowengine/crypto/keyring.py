"""The keys that seal what a deployment keeps at rest, and their rotation.

Written as ``id:base64key[,id:base64key...]``: the first seals, all of them open. To rotate, put a
new key in front, seal again what :meth:`Keyring.is_stale` names, then drop the old one.
A sealed text is ``version (1) || length of id (1) || id || what sealing.seal makes``.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from flowengine.crypto import sealing
from flowengine.crypto.entropy import Entropy, draw
from flowengine.errors import KeyringError

_VERSION: Final = 1
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_ID_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class KeyringKey:
    """One key.

    Attributes:
        id: 1 to 32 of ``[A-Za-z0-9_-]``; stands in each text that the key sealed.
        secret: 32 bytes.
    """

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not be written and read back."""
        if _ID.fullmatch(self.id) is None:
            raise KeyringError("a key's id has 1 to 32 letters, digits, hyphens and underscores")
        if len(self.secret) != sealing.KEY_BYTES:
            raise KeyringError(f"a key has {sealing.KEY_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Keyring:
    """One key or more, of different ids; the first seals. The repr shows ids and no keys."""

    keys: tuple[KeyringKey, ...]

    def __post_init__(self) -> None:
        """Refuse an empty ring, and one where an id does not say which key."""
        if not self.keys:
            raise KeyringError("a keyring holds at least one key")
        if len({key.id for key in self.keys}) != len(self.keys):
            raise KeyringError("two keys of the keyring have the same id")

    @classmethod
    def generate(cls, entropy: Entropy) -> Keyring:
        """Make a ring of one new key."""
        name = draw(entropy, _ID_BYTES).hex()
        return cls((KeyringKey(name, draw(entropy, sealing.KEY_BYTES)),))

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """Read a ring; blanks around keys are passed over.

        Raises:
            KeyringError: It is malformed. The message numbers the key and shows nothing of
                it, not even the id, which may be a key written in the wrong place.
        """
        parts = enumerate(text.split(","), start=1)
        return cls(tuple(_parse_key(part.strip(), number) for number, part in parts))

    def to_text(self) -> str:
        """Write the ring as :meth:`parse` reads it. The text holds the keys."""
        return ",".join(
            f"{key.id}:{base64.b64encode(key.secret).decode('ascii')}" for key in self.keys
        )

    def rotated(self, entropy: Entropy) -> Keyring:
        """Give a ring with a new key in front of these."""
        return Keyring(self.generate(entropy).keys + self.keys)

    def seal(self, plaintext: bytes, associated: bytes, entropy: Entropy) -> bytes:
        """Encrypt and authenticate under the first key."""
        first = self.keys[0]
        head = _head(first.id)
        return head + sealing.seal(first.secret, plaintext, _bound(head, associated), entropy)

    def open_sealed(self, sealed: bytes, associated: bytes) -> bytes:
        """Give the plaintext back, whichever key of the ring sealed it.

        Raises:
            KeyringError: The key is not in the ring, or does not open the text.
        """
        name = _key_id(sealed)
        key = next((key for key in self.keys if key.id == name), None)
        if key is None:
            raise KeyringError("the keyring does not hold the key that sealed this")
        head = _head(key.id)
        return sealing.open_sealed(key.secret, sealed[len(head) :], _bound(head, associated))

    def is_stale(self, sealed: bytes) -> bool:
        """Say whether another key than the first sealed it: it should be sealed again."""
        return _key_id(sealed) != self.keys[0].id


def _parse_key(part: str, number: int) -> KeyringKey:
    name, colon, written = part.partition(":")
    try:
        secret = base64.b64decode(written.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        secret = b""
    if not colon or _ID.fullmatch(name) is None or len(secret) != sealing.KEY_BYTES:
        raise KeyringError(
            f"key {number} of the keyring is not id:base64, with a key of 32 bytes in base64"
        )
    return KeyringKey(name, secret)


def _head(name: str) -> bytes:
    return bytes([_VERSION, len(name)]) + name.encode("ascii")


def _key_id(sealed: bytes) -> str:
    """Read which key sealed a text; the empty string, which no key has, when nothing tells."""
    if not sealed.startswith(bytes([_VERSION])):
        return ""
    length = int.from_bytes(sealed[1:2], "big")
    return sealed[2 : 2 + length].decode("ascii", "replace")


def _bound(head: bytes, associated: bytes) -> bytes:
    """Bind the head too: it ends where its length byte says, so no other pair reads the same."""
    return head + associated
