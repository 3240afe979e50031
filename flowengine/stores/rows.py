"""A user as its row has it: plain columns, which operators may read, and sealed credentials."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from flowengine.accounts.account import Account, in_order
from flowengine.accounts.user import UserStatus
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.stores.credentials import open_credentials, open_passkey, seal_credentials
from flowengine.stores.instants import instant_of, microseconds


def written_columns(account: Account, keyring: Keyring, entropy: Entropy) -> dict[str, Any]:
    """Give the columns that a change of a user writes: all but what never changes."""
    until = account.temporary_until
    return {
        "stamp": account.stamp,
        "status": account.status.value,
        "enabled": account.enabled,
        "groups": list(account.groups),
        "attributes": dict(account.attributes),
        "prefers": account.prefers,
        "modified_at": microseconds(account.modified_at),
        "temporary_until": None if until is None else microseconds(until),
        "credentials": seal_credentials(account, keyring, entropy),
    }


def read_account(rows: Sequence[sa.RowMapping], keyring: Keyring) -> Account:
    """Read a user out of its rows: one for each passkey, or one in all.

    By names in brackets: each name after a dot would first raise an error within SQLAlchemy.

    Raises:
        KeyringError: The user's credentials cannot be opened.
        StoreError: They are not what was written.
    """
    row = rows[0]
    passkeys = (
        open_passkey(
            each["credential"],
            row["pool_id"],
            row["sub"],
            each["id_hash"],
            each["sign_count"],
            keyring,
        )
        for each in rows
        if each["id_hash"] is not None
    )
    credentials = open_credentials(row["credentials"], row["pool_id"], row["sub"], keyring)
    until = row["temporary_until"]
    return Account(
        pool_id=row["pool_id"],
        username=row["username"],
        sub=row["sub"],
        stamp=row["stamp"],
        created_at=instant_of(row["created_at"]),
        modified_at=instant_of(row["modified_at"]),
        status=UserStatus(row["status"]),
        enabled=row["enabled"],
        groups=tuple(row["groups"]),
        attributes=MappingProxyType(row["attributes"]),
        password=credentials.password,
        totp=credentials.totp,
        pending_totp=credentials.pending_totp,
        sms_mfa=credentials.sms_mfa,
        email_mfa=credentials.email_mfa,
        made_by=credentials.made_by,
        passkeys=in_order(passkeys),
        prefers=row["prefers"],
        temporary_until=None if until is None else instant_of(until),
    )
