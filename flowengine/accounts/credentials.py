"""How a password is kept, and checked when it comes in the clear."""

from __future__ import annotations

from typing import Final, assert_never

from flowengine.accounts.account import HashCredential, PasswordCredential, SrpCredential
from flowengine.accounts.pool import Pool
from flowengine.crypto import passwords, srp
from flowengine.crypto.entropy import Entropy
from flowengine.errors import StoreError

_NOBODYS: Final = srp.Verifier(salt=1 << 127, value=srp.PRIME - 1)
"""A verifier of no password: N - 1 is no power of the generator."""


def make_password(pool: Pool, username: str, password: str, entropy: Entropy) -> PasswordCredential:
    """Make what is kept of a new password.

    ``username`` is the canonical name: it is part of an SRP verifier, byte for byte.

    Returns:
        An SRP verifier where any client of the pool signs in by SRP, else an argon2id hash:
        a slow hash beside a verifier of the same password would protect nothing.
    """
    if pool.srp:
        kept = srp.enrol(pool.srp_name, username, password, entropy)
        return SrpCredential(kept.salt_hex, kept.value)
    return HashCredential(passwords.hash_password(password, entropy))


def check_password(
    pool: Pool, username: str, credential: PasswordCredential | None, password: str
) -> bool:
    """Check a password in constant time; where there is none the same work ends in False.

    Raises:
        StoreError: What was stored cannot be used.
    """
    match credential:
        case SrpCredential(salt, value):
            kept = srp.Verifier(_salt(salt), value)
            return srp.password_is_right(pool.srp_name, username, password, kept)
        case HashCredential(phc):
            return passwords.verify_password(phc, password)
        case None:
            _work(pool, username, password)
            return False
        case _:
            assert_never(credential)


def _salt(written: str) -> int:
    salt = srp.parse_hex(written)
    if salt is None:
        raise StoreError("a stored salt cannot be used")
    return salt


def _work(pool: Pool, username: str, password: str) -> None:
    """Do what a check costs in this pool, for nothing."""
    if pool.srp:
        srp.password_is_right(pool.srp_name, username, password, _NOBODYS)
    else:
        passwords.verify_password(passwords.DUMMY_HASH, password)
