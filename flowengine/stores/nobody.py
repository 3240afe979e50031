"""A user who is nobody, read where there is no such user: the time of a reply must not tell.

What is read of it is as long as what is read of others, since decoding takes time by length.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from flowengine.accounts.account import Account, Passkey, SrpCredential
from flowengine.accounts.pool import Pool
from flowengine.crypto import srp
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.crypto.passkeys import NOBODYS_KEY
from flowengine.stores.credentials import open_passkey, passkey_hash, seal_passkey
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.rows import written_columns

_SINCE: Final = instant_of(1_700_000_000_000_000)
_NAME: Final = "nobody-0"
_ATTRIBUTES: Final = MappingProxyType(
    {"email": "nobody@example.com", "email_verified": "true", "phone_number": "+15550100000"}
)
_TRANSPORTS: Final = ("internal", "hybrid")


class Nobody:
    """A pool's user like any other, who is never written; with a passkey where others have one."""

    columns: dict[str, Any]
    """Bound to the parameters of the statement that finds a user, as ``nobodys_COLUMN``."""

    def __init__(self, pool: Pool, keyring: Keyring, entropy: Entropy) -> None:
        """Make the user, and seal what others have sealed."""
        credential_id = entropy(32)
        party = pool.id if pool.passkeys is None else pool.passkeys.relying_party
        passkey = Passkey(credential_id, NOBODYS_KEY, 0, party, _SINCE, _TRANSPORTS)
        account = Account(
            pool.id,
            _NAME,
            str(UUID(bytes=entropy(16), version=4)),
            entropy(16).hex(),
            _SINCE,
            _SINCE,
            attributes=_ATTRIBUTES,
            password=SrpCredential(srp.to_hex(srp.new_salt(entropy)), srp.PRIME // 3),
            made_by={passkey.digest: entropy(16).hex()},
        )
        self._account = account
        self._id_hash = passkey_hash(credential_id)
        self._sealed = seal_passkey(account, passkey, keyring, entropy)
        self._keyring = keyring
        row = {
            "pool_id": pool.id,
            "username": _NAME,
            "sub": account.sub,
            "created_at": microseconds(_SINCE),
            **written_columns(account, keyring, entropy),
            **self._passkey_columns(pool),
        }
        self.columns = {f"nobodys_{name}": value for name, value in row.items()}

    def _passkey_columns(self, pool: Pool) -> dict[str, Any]:
        if pool.passkeys is None:
            return {"id_hash": None, "sign_count": None, "credential": None}
        return {"id_hash": self._id_hash, "sign_count": 0, "credential": self._sealed}

    def open_passkey(self) -> None:
        """Open the passkey, for nothing but the time that it takes."""
        account = self._account
        open_passkey(self._sealed, account.pool_id, account.sub, self._id_hash, 0, self._keyring)
