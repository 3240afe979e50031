"""Passwords as argon2id hashes, for pools where nobody signs in by SRP.

19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet, first of its argon2id rows.
About 30 ms each, off the interpreter's lock.
"""

from __future__ import annotations

import base64
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError, VerifyMismatchError

from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.text import octets
from flowengine.errors import StoreError

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_HASHER: Final = PasswordHasher(
    time_cost=PASSES,
    memory_cost=MEMORY_KIB,
    parallelism=LANES,
    hash_len=_HASH_BYTES,
    salt_len=_SALT_BYTES,
    type=Type.ID,
)


def _unpadded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii").rstrip("=")


DUMMY_HASH: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}"
    f"${_unpadded(bytes(_SALT_BYTES))}${_unpadded(bytes(_HASH_BYTES))}"
)
"""What a decoy's password is checked against: the same work, and no password is known to fit."""


def hash_password(password: str, entropy: Entropy) -> str:
    """Hash a password under a new salt.

    Returns:
        The PHC string: ``$argon2id$v=19$m=19456,t=2,p=1$...``.
    """
    return _HASHER.hash(octets(password), salt=draw(entropy, _SALT_BYTES))


def verify_password(phc: str, password: str) -> bool:
    """Say whether a password fits a hash.

    Raises:
        StoreError: What was stored is no argon2 hash, or one that cannot be computed here.
            Not False: then a broken row would look like a wrong password, and be counted as
            the user's mistake.
    """
    try:
        return _HASHER.verify(phc, octets(password))
    except VerifyMismatchError:
        return False
    except (ValueError, VerificationError):  # InvalidHashError is a ValueError
        raise _unusable() from None


def needs_rehash(phc: str) -> bool:
    """Say whether a hash was made with other parameters than those in force.

    Raises:
        StoreError: What was stored is no argon2 hash.
    """
    try:
        return _HASHER.check_needs_rehash(phc)
    except ValueError:
        raise _unusable() from None


def _unusable() -> StoreError:
    return StoreError("a stored password hash cannot be used")
