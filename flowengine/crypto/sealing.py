"""Encryption at rest: AES-256-GCM under keys made by HKDF-SHA256.

A sealed text is ``version (1) || salt (16) || nonce (12) || ciphertext and tag``. Each gets a
key of its own, derived from the given one and the salt, so that the number of texts sealed under
one key has no practical bound (NIST SP 800-38D, section 8.3, bounds it for random nonces alone).

Sources: RFC 5116 (AEAD_AES_256_GCM), RFC 5869 (HKDF).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flowengine.crypto.entropy import Entropy, draw
from flowengine.errors import KeyringError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32

_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = 1 + _SALT_BYTES + _NONCE_BYTES
_INFO: Final = b"flowengine sealing 1"


def derive(secret: bytes, info: bytes, length: int = KEY_BYTES, *, salt: bytes = b"") -> bytes:
    """Derive ``length`` bytes from a secret by HKDF-SHA256 (RFC 5869).

    ``info`` says what the bytes are for; different purposes get unrelated keys.
    """
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - slow to import
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - the same

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def seal(key: bytes, plaintext: bytes, associated: bytes, entropy: Entropy) -> bytes:
    """Encrypt and authenticate; ``associated`` is authenticated and not kept in the result.

    Raises:
        KeyringError: The key is not 32 bytes long.
    """
    head = _VERSION + draw(entropy, _SALT_BYTES + _NONCE_BYTES)
    cipher, nonce = _cipher(key, head)
    return head + cipher.encrypt(nonce, plaintext, associated)


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Give the plaintext back.

    Raises:
        KeyringError: Another key, other associated data, or not what :func:`seal` made.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - slow to import

    if len(sealed) < _HEAD_BYTES + _TAG_BYTES or not sealed.startswith(_VERSION):
        raise KeyringError("not a sealed text of this version")
    cipher, nonce = _cipher(key, sealed[:_HEAD_BYTES])
    try:
        return cipher.decrypt(nonce, sealed[_HEAD_BYTES:], associated)
    except InvalidTag:
        raise KeyringError("the key does not open what was sealed") from None


def _cipher(key: bytes, head: bytes) -> tuple[AESGCM, bytes]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - slow to import

    if len(key) != KEY_BYTES:
        raise KeyringError(f"a sealing key has {KEY_BYTES} bytes")
    salt, nonce = head[1 : 1 + _SALT_BYTES], head[1 + _SALT_BYTES :]
    return AESGCM(derive(key, _INFO, salt=salt)), nonce
