"""A user's credentials as the sealed columns hold them: JSON, encrypted at rest.

A public key is no secret, but whoever could put another in its place would be let in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, assert_never

from flowengine.accounts.account import (
    Account,
    HashCredential,
    Passkey,
    PasswordCredential,
    SrpCredential,
    TotpFactor,
)
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.errors import StoreError
from flowengine.stores.instants import instant_of, microseconds


@dataclass(frozen=True, slots=True)
class Credentials:
    """What verifies a user's answers."""

    password: PasswordCredential | None
    totp: TotpFactor | None
    pending_totp: bytes | None
    sms_mfa: bool
    email_mfa: bool
    made_by: Mapping[str, str]


def seal_credentials(account: Account, keyring: Keyring, entropy: Entropy) -> bytes:
    """Encrypt the credentials of an account, bound to its pool and sub.

    They are sealed even where there are none: the column does not tell who has which.
    """
    pending = account.pending_totp
    written = {
        "password": _write_password(account.password),
        "totp": _write_totp(account.totp),
        "pending_totp": pending.hex() if pending is not None else None,
        "sms_mfa": account.sms_mfa,
        "email_mfa": account.email_mfa,
        "made_by": dict(account.made_by),
    }
    return keyring.seal(json.dumps(written).encode(), _owner(account.pool_id, account.sub), entropy)


def open_credentials(sealed: bytes, pool_id: str, sub: str, keyring: Keyring) -> Credentials:
    """Decrypt them.

    Raises:
        KeyringError: The key is not there, or another account's were put in their place.
        StoreError: They are not what :func:`seal_credentials` writes.
    """
    opened = keyring.open_sealed(sealed, _owner(pool_id, sub))
    try:
        written = json.loads(opened)
        # The last four were not written by the first version.
        pending = written.get("pending_totp")
        return Credentials(
            _read_password(written["password"]),
            _read_totp(written["totp"]),
            bytes.fromhex(pending) if pending is not None else None,
            bool(written.get("sms_mfa", False)),
            bool(written.get("email_mfa", False)),
            MappingProxyType(dict(written.get("made_by", {}))),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreError("a user's credentials cannot be read") from None


def passkey_hash(credential_id: bytes) -> bytes:
    """Give the key that a passkey is found by within its pool; credential ids may be long."""
    return hashlib.sha256(credential_id).digest()


def seal_passkey(account: Account, passkey: Passkey, keyring: Keyring, entropy: Entropy) -> bytes:
    """Encrypt a passkey, without its counter, bound to its pool, its user's sub and its id."""
    written = {
        "id": passkey.credential_id.hex(),
        "public_key": passkey.public_key.hex(),
        "relying_party": passkey.relying_party,
        "created_at": microseconds(passkey.created_at),
        "transports": list(passkey.transports),
        "name": passkey.name,
        "backup_eligible": passkey.backup_eligible,
        "backed_up": passkey.backed_up,
        "verifies_user": passkey.verifies_user,
    }
    owner = _passkey_owner(account.pool_id, account.sub, passkey_hash(passkey.credential_id))
    return keyring.seal(json.dumps(written).encode(), owner, entropy)


def open_passkey(
    sealed: bytes, pool_id: str, sub: str, id_hash: bytes, sign_count: int, keyring: Keyring
) -> Passkey:
    """Decrypt one, and join it with its counter.

    Raises:
        KeyringError: The key is not there, or another's passkey was put in its place.
        StoreError: It is not what :func:`seal_passkey` writes.
    """
    opened = keyring.open_sealed(sealed, _passkey_owner(pool_id, sub, id_hash))
    try:
        written = json.loads(opened)
        return Passkey(
            credential_id=bytes.fromhex(written["id"]),
            public_key=bytes.fromhex(written["public_key"]),
            sign_count=sign_count,
            relying_party=written["relying_party"],
            created_at=instant_of(written["created_at"]),
            transports=tuple(written["transports"]),
            name=written["name"],
            backup_eligible=written["backup_eligible"],
            backed_up=written["backed_up"],
            verifies_user=written["verifies_user"],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreError("a passkey cannot be read") from None


def _passkey_owner(pool_id: str, sub: str, id_hash: bytes) -> bytes:
    return json.dumps(["passkey", pool_id, sub, id_hash.hex()]).encode()


def _owner(pool_id: str, sub: str) -> bytes:
    return json.dumps(["account", pool_id, sub]).encode()


def _write_password(password: PasswordCredential | None) -> dict[str, str] | None:
    match password:
        case None:
            return None
        case SrpCredential(salt, verifier):
            return {"kind": "srp", "salt": salt, "verifier": f"{verifier:x}"}
        case HashCredential(phc):
            return {"kind": "hash", "phc": phc}
        case _:
            assert_never(password)


def _read_password(written: Any) -> PasswordCredential | None:  # noqa: ANN401 - JSON
    if written is None:
        return None
    if written["kind"] == "srp":
        return SrpCredential(written["salt"], int(written["verifier"], 16))
    if written["kind"] == "hash":
        return HashCredential(written["phc"])
    raise ValueError


def _write_totp(totp: TotpFactor | None) -> dict[str, Any] | None:
    if totp is None:
        return None
    return {"secret": totp.secret.hex(), "active": totp.active, "name": totp.name}


def _read_totp(written: Any) -> TotpFactor | None:  # noqa: ANN401 - JSON
    if written is None:
        return None
    return TotpFactor(bytes.fromhex(written["secret"]), written["active"], written["name"])
