"""Decoys: users that do not exist, played so that nobody can tell.

The same name in the same pool gives the same decoy, every time and on every machine, and all
that a client sees of it has the distribution of a real user's (RFC 5054, section 2.5.1.3).
Nothing proves on a decoy: the ledger refuses, whatever its credential would accept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import replace
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Final
from uuid import UUID

from flowengine.accounts.account import (
    Account,
    HashCredential,
    Passkey,
    PasswordCredential,
    SrpCredential,
    TotpFactor,
    in_order,
)
from flowengine.accounts.attributes import ADDRESS_FORMS
from flowengine.accounts.pool import Pool
from flowengine.crypto import passwords, srp
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.passkey_forms import Descriptor
from flowengine.crypto.passkeys import nobodys_key
from flowengine.crypto.text import octets

_UUID_BYTES: Final = 16
_STAMP_BYTES: Final = 16
_PASSKEY_FORMS: Final = (
    (20, ("internal", "hybrid")),
    (32, ("internal", "hybrid")),
    (16, ("internal", "hybrid")),
    (32, ("internal",)),
)
"""How long the ids of common passkeys are, and what browsers say of their transports."""

_MOST_PASSKEYS: Final = 3
_VERIFIED: Final = {"email": 192, "phone_number": 64}
"""Of 256 decoys so many have verified this address: three quarters, and one."""
_A_FACTOR: Final = 32
"""Of 256 decoys so many have a second factor that the pool takes: an eighth, for each."""
_APP_BYTES: Final = 20
_PHONE: Final = re.compile(r"\+[0-9]{1,15}")

_ELEMENT_BYTES: Final = 400
"""128 bits more than N has, so that the remainder has no bias worth the name."""


def decoy_account(secret: bytes, pool: Pool, name: str, now: datetime) -> Account:
    """Play the user of this name: confirmed, and with a password.

    The name decides what else it has of what users of the pool can have: verified addresses,
    second factors, passkeys. So no menu is of real users alone, nor of decoys (COGNITO.md,
    section G). It has a mailbox and a phone in any case; what is shown of an address that was
    typed is masked from that, and nothing is sent.

    ``secret`` is known to the service alone and constant over restarts; ``name`` is as typed.
    """
    name = pool.fold(name)
    username = decoy_name(secret, pool, name)
    seed = _seed(secret, pool, username)
    app = _app(seed)  # as all below, drawn whether it has it or not: each name takes as long
    return Account(
        pool_id=pool.id,
        username=username,
        sub=username if pool.named_by else _uuid(seed, b"sub"),
        stamp=_drawn(seed, b"stamp", _STAMP_BYTES).hex(),
        created_at=now,
        modified_at=now,
        attributes=MappingProxyType(_addresses(seed, pool, name)),
        password=_password(seed, pool),
        totp=app if _has_factor(seed, pool, "SOFTWARE_TOKEN_MFA") else None,
        sms_mfa=_has_factor(seed, pool, "SMS_MFA"),
        email_mfa=_has_factor(seed, pool, "EMAIL_OTP"),
        passkeys=_passkeys(seed, pool, now),
    )


def decoy_name(secret: bytes, pool: Pool, name: str) -> str:
    """Give what the decoy of a typed name is called: the name, unless that is an address.

    It is folded as what real users are called: however a name is typed, the same one is told. By an
    address users are found who are called otherwise, and so is the decoy; what it is then called
    gives the same decoy.
    """
    if not any(ADDRESS_FORMS[each].fullmatch(name) for each in pool.addresses):
        return pool.fold(name)
    return _uuid(_seed(secret, pool, name), b"name")


def reachable(decoy: Account) -> Account:
    """Give a decoy whose addresses are both verified: who is asked for a code by any means."""
    marks = {"email_verified": "true", "phone_number_verified": "true"}
    return replace(decoy, attributes=MappingProxyType({**decoy.attributes, **marks}))


def decoy_verifier(secret: bytes, pool: Pool, name: str) -> SrpCredential:
    """Make the SRP verifier of a password that nobody knows, the same for the same name."""
    return _verifier(_seed(secret, pool, name))


def decoy_passkey(secret: bytes, pool: Pool, name: str) -> Descriptor:
    """Make up the passkey that is asked of who has none, the same for the same name.

    Nothing that is signed by it is believed, and nobody has its key.
    """
    return _passkey_forms(_seed(secret, pool, name), 1)[0]


def _seed(secret: bytes, pool: Pool, name: str) -> bytes:
    """Derive the root of all that a decoy has (COGNITO.md, section G)."""
    pool_id = octets(pool.id)
    # The length keeps "ab" + "c" and "a" + "bc" apart.
    message = b"fake" + len(pool_id).to_bytes(2, "big") + pool_id + octets(pool.fold(name))
    return hmac.digest(secret, message, "sha256")


def _uuid(seed: bytes, what: bytes) -> str:
    return str(UUID(bytes=_drawn(seed, what, _UUID_BYTES), version=4))


def _drawn(seed: bytes, what: bytes, size_bytes: int = 32) -> bytes:
    """Draw the bytes of one property: SHAKE256 over the seed, which is secret, and the name of it.

    (FIPS 202.) A decoy is made at every look-up, for real users too, so it must cost next to
    nothing.
    """
    return hashlib.shake_256(seed + what).digest(size_bytes)


def _addresses(seed: bytes, pool: Pool, name: str) -> dict[str, str]:
    """Give two addresses, each verified or not; one by which users sign in always is."""
    typed = {"email": "@" in name, "phone_number": _PHONE.fullmatch(name) is not None}
    drawn = {"email": _mailbox(seed), "phone_number": _phone(seed)}
    given = {}
    for attribute, share in _VERIFIED.items():
        known = typed[attribute] and attribute in pool.addresses
        verified = known or _drawn(seed, attribute.encode() + b" verified", 1)[0] < share
        given[attribute] = name if typed[attribute] else drawn[attribute]
        given[f"{attribute}_verified"] = "true" if verified else "false"
    return given


def _has_factor(seed: bytes, pool: Pool, method: str) -> bool:
    return method in pool.mfa_methods and _drawn(seed, method.encode(), 1)[0] < _A_FACTOR


def _app(seed: bytes) -> TotpFactor:
    return TotpFactor(_drawn(seed, b"app", _APP_BYTES))


def _mailbox(seed: bytes) -> str:
    """Make an address of two letters that are all a mask shows of it."""
    local, domain = (chr(ord("a") + byte % 26) for byte in _drawn(seed, b"email", 2))
    return f"{local}@{domain}.invalid"


def _phone(seed: bytes) -> str:
    """Make a number as long as most are."""
    digits = int.from_bytes(_drawn(seed, b"phone", 16), "big") % 10**10
    return f"+1{digits:010d}"


def _passkeys(seed: bytes, pool: Pool, now: datetime) -> tuple[Passkey, ...]:
    """Give no passkey to half of the decoys, one to a quarter, two to an eighth, three to the rest.

    The first is the one that is asked of who has none.
    """
    if pool.passkeys is None:
        return ()
    drawn = _drawn(seed, b"passkeys", 1)[0]
    number = next((n for n in range(_MOST_PASSKEYS) if not drawn >> n & 1), _MOST_PASSKEYS)
    party = pool.passkeys.relying_party
    made = [
        Passkey(form.credential_id, nobodys_key(key), 0, party, now, form.transports)
        for form, key in zip(
            _passkey_forms(seed, _MOST_PASSKEYS),
            _drawn(seed, b"keys", _MOST_PASSKEYS),
            strict=True,
        )
    ]
    return in_order(made[:number])


def _passkey_forms(seed: bytes, number: int) -> tuple[Descriptor, ...]:
    made = []
    for place in range(number):
        one = _drawn(seed, b"one passkey" + bytes([place]))
        size_bytes, transports = _PASSKEY_FORMS[_drawn(one, b"form", 1)[0] % len(_PASSKEY_FORMS)]
        made.append(Descriptor(_drawn(one, b"id", size_bytes), transports))
    return tuple(made)


def _password(seed: bytes, pool: Pool) -> PasswordCredential:
    return _verifier(seed) if pool.srp else HashCredential(passwords.DUMMY_HASH)


def _verifier(seed: bytes) -> SrpCredential:
    """Take a salt as real ones are drawn, and a random square.

    The squares are the group that g generates, so B is distributed as a real user's; and one
    multiplication takes no time that would tell a decoy from a user who is looked up, as a
    power of g would.
    """
    element = int.from_bytes(_drawn(seed, b"verifier", _ELEMENT_BYTES), "big") % srp.PRIME
    salt = srp.new_salt(_stream(seed, b"salt"))
    return SrpCredential(srp.to_hex(salt), element * element % srp.PRIME)


def _stream(seed: bytes, purpose: bytes) -> Entropy:
    """Give an endless draw that repeats itself for the same seed and purpose."""
    drawn = count()

    def draw(size_bytes: int) -> bytes:
        return _drawn(seed, purpose + next(drawn).to_bytes(4, "big"), size_bytes)

    return draw
