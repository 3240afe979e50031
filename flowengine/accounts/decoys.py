"""Decoys: users that do not exist, played so that nobody can tell.

The same name in the same pool gives the same decoy, every time and on every machine, and all
that a client sees of it has the distribution of a real user's (RFC 5054, section 2.5.1.3).
Nothing proves on a decoy: the ledger refuses, whatever its credential would accept.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Final
from uuid import UUID

from flowengine.accounts.account import (
    Account,
    HashCredential,
    PasswordCredential,
    SrpCredential,
)
from flowengine.accounts.pool import Pool
from flowengine.crypto import passwords, srp
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.passkey_forms import Descriptor
from flowengine.crypto.sealing import derive
from flowengine.crypto.text import octets

_SUB_BYTES: Final = 16
_STAMP_BYTES: Final = 16
_PASSKEY_FORMS: Final = (
    (20, ("internal", "hybrid")),
    (32, ("internal", "hybrid")),
    (16, ("internal", "hybrid")),
    (32, ("internal",)),
)
"""How long the ids of common passkeys are, and what browsers say of their transports."""

_ELEMENT_BYTES: Final = 400
"""128 bits more than N has, so that the remainder has no bias worth the name."""


def decoy_account(secret: bytes, pool: Pool, name: str, now: datetime) -> Account:
    """Play the user of this name: confirmed, with a password and without a second factor.

    It has a verified mailbox and phone, so that a code can be asked for; what is shown of an
    address that was typed is masked from that (COGNITO.md, section G), and nothing is sent.

    ``secret`` is known to the service alone and constant over restarts; ``name`` is as typed,
    and is what the decoy is called.
    """
    seed = _seed(secret, pool, name)
    return Account(
        pool_id=pool.id,
        username=name,
        sub=str(UUID(bytes=derive(seed, b"sub", _SUB_BYTES), version=4)),
        stamp=derive(seed, b"stamp", _STAMP_BYTES).hex(),
        created_at=now,
        modified_at=now,
        attributes=MappingProxyType(
            {
                "email": name if "@" in name else _mailbox(seed),
                "email_verified": "true",
                "phone_number": _phone(seed),
                "phone_number_verified": "true",
            }
        ),
        password=_password(seed, pool),
    )


def decoy_verifier(secret: bytes, pool: Pool, name: str) -> SrpCredential:
    """Make the SRP verifier of a password that nobody knows, the same for the same name."""
    return _verifier(_seed(secret, pool, name))


def decoy_passkey(secret: bytes, pool: Pool, name: str) -> Descriptor:
    """Make up the passkey that is asked of who has none, the same for the same name.

    Nothing that is signed by it is believed, and nobody has its key.
    """
    seed = _seed(secret, pool, name)
    form = derive(seed, b"passkey form", 1)[0] % len(_PASSKEY_FORMS)
    size_bytes, transports = _PASSKEY_FORMS[form]
    return Descriptor(derive(seed, b"passkey", size_bytes), transports)


def _seed(secret: bytes, pool: Pool, name: str) -> bytes:
    """Derive the root of all that a decoy has (COGNITO.md, section G)."""
    folded = name if pool.usernames_case_sensitive else name.casefold()
    pool_id = octets(pool.id)
    # The length keeps "ab" + "c" and "a" + "bc" apart.
    message = b"fake" + len(pool_id).to_bytes(2, "big") + pool_id + octets(folded)
    return hmac.digest(secret, message, "sha256")


def _mailbox(seed: bytes) -> str:
    """Make an address of two letters that are all a mask shows of it."""
    local, domain = (chr(ord("a") + byte % 26) for byte in derive(seed, b"email", 2))
    return f"{local}@{domain}.invalid"


def _phone(seed: bytes) -> str:
    """Make a number as long as most are."""
    digits = int.from_bytes(derive(seed, b"phone", 16), "big") % 10**10
    return f"+1{digits:010d}"


def _password(seed: bytes, pool: Pool) -> PasswordCredential:
    return _verifier(seed) if pool.srp else HashCredential(passwords.DUMMY_HASH)


def _verifier(seed: bytes) -> SrpCredential:
    """Take a salt as real ones are drawn, and a random square.

    The squares are the group that g generates, so B is distributed as a real user's; and one
    multiplication takes no time that would tell a decoy from a user who is looked up, as a
    power of g would.
    """
    element = int.from_bytes(derive(seed, b"verifier", _ELEMENT_BYTES), "big") % srp.PRIME
    salt = srp.new_salt(_stream(seed, b"salt"))
    return SrpCredential(srp.to_hex(salt), element * element % srp.PRIME)


def _stream(seed: bytes, purpose: bytes) -> Entropy:
    """Give an endless draw that repeats itself for the same seed and purpose."""
    drawn = count()

    def draw(size_bytes: int) -> bytes:
        return derive(seed, purpose + next(drawn).to_bytes(4, "big"), size_bytes)

    return draw
