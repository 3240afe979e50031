"""A user's credentials as the sealed column holds them: JSON, encrypted at rest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, assert_never

from flowengine.accounts.account import (
    Account,
    HashCredential,
    PasswordCredential,
    SrpCredential,
    TotpFactor,
)
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.errors import StoreError


@dataclass(frozen=True, slots=True)
class Credentials:
    """What verifies a user's answers."""

    password: PasswordCredential | None
    totp: TotpFactor | None
    pending_totp: bytes | None
    sms_mfa: bool
    email_mfa: bool


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
        # The last three were not written by the first version.
        pending = written.get("pending_totp")
        return Credentials(
            _read_password(written["password"]),
            _read_totp(written["totp"]),
            bytes.fromhex(pending) if pending is not None else None,
            bool(written.get("sms_mfa", False)),
            bool(written.get("email_mfa", False)),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise StoreError("a user's credentials cannot be read") from None


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
