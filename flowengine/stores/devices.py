"""Devices in SQL, on SQLAlchemy Core over SQLite or PostgreSQL.

What a device's secret is checked with is sealed under the deployment's keys, bound to its user.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowengine.accounts.account import SrpCredential
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.device import Device
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.errors import StoreError
from flowengine.stores.engines import reader, store_errors
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.tables import DEVICES
from flowengine.stores.work import Work

_FAILED: Final = "the devices cannot be reached"
_MINE: Final = (DEVICES.c.pool_id == sa.bindparam("pool")) & (
    DEVICES.c.sub == sa.bindparam("owner")
)
_THIS: Final = _MINE & (DEVICES.c.key == sa.bindparam("wanted"))
_FIND: Final = sa.select(DEVICES).where(_THIS)
_SAVE: Final = (
    sa.update(DEVICES)
    .where(_THIS, DEVICES.c.modified_at <= sa.bindparam("new_modified_at"))
    .values(
        name=sa.bindparam("new_name"),
        remembered=sa.bindparam("new_remembered"),
        modified_at=sa.bindparam("new_modified_at"),
        seen_at=sa.bindparam("new_seen_at"),
    )
)
_REMOVE: Final = sa.delete(DEVICES).where(_THIS)
_PAGE: Final = (
    sa.select(DEVICES)
    .where(_MINE, DEVICES.c.key > sa.bindparam("after"))
    .order_by(DEVICES.c.key)
    .limit(sa.bindparam("most"))
)


class SqlDevices:
    """``Devices`` in SQL. ``schema.migrate`` comes first."""

    def __init__(self, engine: sa.Engine, keyring: Keyring, work: Work, entropy: Entropy) -> None:
        """Take an engine of ``engines.sql_engine``; its owner disposes of it."""
        self._engine = engine
        self._reader = reader(engine)
        self._keyring = keyring
        self._work = work
        self._entropy = entropy

    async def find(self, pool_id: str, sub: str, key: str) -> Device | None:
        """Find a device of a user.

        Raises:
            StoreError: The database failed.
            KeyringError: The device's credential cannot be opened.
        """
        if not is_storable(key):
            return None
        rows = await self._work.run(lambda: self._rows(_FIND, _named(pool_id, sub, key)))
        return self._read(rows[0]) if rows else None

    async def add(self, device: Device) -> bool:
        """Add a device, unless the user has one of this key."""
        row = {
            "pool_id": device.pool_id,
            "sub": device.sub,
            "key": device.key,
            "name": device.name,
            "remembered": device.remembered,
            "created_at": microseconds(device.created_at),
            "modified_at": microseconds(device.modified_at),
            "seen_at": microseconds(device.seen_at),
            "credential": self._seal(device),
        }
        added = sa.insert(DEVICES).values(**row).returning(DEVICES.c.key)
        return await self._change(lambda connection: connection.execute(added).first() is not None)

    async def save(self, device: Device) -> bool:
        """Write what of a device may change, unless it was modified later."""
        values = {
            **_named(device.pool_id, device.sub, device.key),
            "new_name": device.name,
            "new_remembered": device.remembered,
            "new_modified_at": microseconds(device.modified_at),
            "new_seen_at": microseconds(device.seen_at),
        }
        return await self._change(
            lambda connection: connection.execute(_SAVE, values).rowcount == 1
        )

    async def remove(self, pool_id: str, sub: str, key: str) -> bool:
        """Forget a device."""
        if not is_storable(key):
            return False
        named = _named(pool_id, sub, key)
        return await self._change(
            lambda connection: connection.execute(_REMOVE, named).rowcount == 1
        )

    async def page(self, pool_id: str, sub: str, after: str, limit: int) -> Sequence[Device]:
        """Give some of a user's devices, in the order of their keys."""
        if not is_storable(after):
            return ()
        given = {"pool": pool_id, "owner": sub, "after": after, "most": limit}
        rows = await self._work.run(lambda: self._rows(_PAGE, given))
        return tuple(self._read(row) for row in rows)

    def _rows(self, statement: sa.Select[Any], given: dict[str, Any]) -> Sequence[sa.Row[Any]]:
        with store_errors(_FAILED), self._reader.connect() as connection:
            return connection.execute(statement, given).all()

    async def _change(self, change: Callable[[sa.Connection], bool]) -> bool:
        return await self._work.run(lambda: self._in_transaction(change))

    def _in_transaction(self, change: Callable[[sa.Connection], bool]) -> bool:
        with store_errors(_FAILED), self._engine.connect() as connection:
            try:
                changed = change(connection)
            except IntegrityError:  # there is one of this key
                return False
            connection.commit()
            return changed

    def _seal(self, device: Device) -> bytes:
        written = {
            "group_key": device.group_key,
            "salt": device.credential.salt,
            "verifier": f"{device.credential.verifier:x}",
            "origin_jti": device.origin_jti,
        }
        owner = _owner(device.pool_id, device.sub, device.key)
        return self._keyring.seal(json.dumps(written).encode(), owner, self._entropy)

    def _read(self, row: sa.Row[Any]) -> Device:
        owner = _owner(row.pool_id, row.sub, row.key)
        opened = self._keyring.open_sealed(row.credential, owner)
        try:
            written = json.loads(opened)
            credential = SrpCredential(written["salt"], int(written["verifier"], 16))
            group_key, origin_jti = written["group_key"], written.get("origin_jti", "")
        except (ValueError, TypeError, KeyError):
            raise StoreError("a device's credential cannot be read") from None
        return Device(
            pool_id=row.pool_id,
            sub=row.sub,
            key=row.key,
            group_key=group_key,
            credential=credential,
            name=row.name,
            remembered=row.remembered,
            created_at=instant_of(row.created_at),
            modified_at=instant_of(row.modified_at),
            seen_at=instant_of(row.seen_at),
            origin_jti=origin_jti,
        )


def _named(pool_id: str, sub: str, key: str) -> dict[str, Any]:
    return {"pool": pool_id, "owner": sub, "wanted": key}


def _owner(pool_id: str, sub: str, key: str) -> bytes:
    return json.dumps(["device", pool_id, sub, key]).encode()
