"""The keys that sign tokens: made on first start, sealed, and the same for every process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.errors import StoreError
from flowengine.stores.engines import reader, store_errors
from flowengine.stores.tables import SIGNING_KEYS

_FIND = sa.select(SIGNING_KEYS.c.kid, SIGNING_KEYS.c.pem).where(
    SIGNING_KEYS.c.pool_id == sa.bindparam("pool"), SIGNING_KEYS.c.use == sa.bindparam("wanted")
)


class KeptKey(NamedTuple):
    """A signing key in the clear; its repr shows the id alone."""

    kid: str
    pem: bytes

    def __repr__(self) -> str:
        return f"KeptKey(kid={self.kid!r})"


class SqlSigningKeys:
    """Signing keys in SQL; asked at the start of a process, so its methods block."""

    def __init__(self, engine: sa.Engine, keyring: Keyring, entropy: Entropy) -> None:
        """Take an engine of ``engines.sql_engine``; its owner disposes of it."""
        self._engine = engine
        self._reader = reader(engine)
        self._keyring = keyring
        self._entropy = entropy

    def ensure(self, pool_id: str, use: str, make: Callable[[], tuple[str, bytes]]) -> KeptKey:
        """Give the key of a pool and use; where there is none, make it and keep it.

        Of several processes that make one at once, the first to keep its own wins, and all get
        that one. ``make`` gives a key id and a private key in PEM; ``use`` is ``id`` or ``access``.

        Raises:
            StoreError: The database failed.
            KeyringError: The kept key cannot be opened.
        """
        kept = self._find(pool_id, use)
        if kept is None:
            kid, pem = make()
            self._keep(pool_id, use, kid, pem)
            kept = self._find(pool_id, use)
        if kept is None:
            raise StoreError("a signing key was removed while it was made")
        return kept

    def _find(self, pool_id: str, use: str) -> KeptKey | None:
        with store_errors("the signing keys failed"), self._reader.connect() as connection:
            row = connection.execute(_FIND, {"pool": pool_id, "wanted": use}).one_or_none()
        if row is None:
            return None
        bound = _bound(pool_id, use, row.kid)
        return KeptKey(row.kid, self._keyring.open_sealed(row.pem, bound))

    def _keep(self, pool_id: str, use: str, kid: str, pem: bytes) -> None:
        sealed = self._keyring.seal(pem, _bound(pool_id, use, kid), self._entropy)
        row = {"pool_id": pool_id, "use": use, "kid": kid, "pem": sealed}
        with store_errors("the signing keys failed"), self._engine.connect() as connection:
            try:
                connection.execute(sa.insert(SIGNING_KEYS), row)
            except IntegrityError:  # another process was first
                return
            connection.commit()


def _bound(pool_id: str, use: str, kid: str) -> bytes:
    return json.dumps(["signing key", pool_id, use, kid]).encode()
