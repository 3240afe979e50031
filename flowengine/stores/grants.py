"""Refresh tokens in SQL, by hash, on SQLAlchemy Core over SQLite or PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flowengine.runtime.stored import Grant
from flowengine.stores.engines import reader, store_errors
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.purging import PURGE_ROWS, Turns
from flowengine.stores.tables import GRANTS
from flowengine.stores.work import Work

_FIND = sa.select(GRANTS).where(
    GRANTS.c.hash == sa.bindparam("wanted"), GRANTS.c.expires_at > sa.bindparam("now")
)
_EXPIRED = (
    sa.select(GRANTS.c.hash)
    .where(GRANTS.c.expires_at <= sa.bindparam("now"))
    .limit(PURGE_ROWS)
    .with_for_update(skip_locked=True)
)
_PURGE = sa.delete(GRANTS).where(GRANTS.c.hash.in_(_EXPIRED.scalar_subquery()))


class SqlGrants:
    """``Grants`` in SQL. ``schema.migrate`` comes first."""

    def __init__(self, engine: sa.Engine, work: Work) -> None:
        """Take an engine of ``engines.sql_engine``; its owner disposes of it."""
        self._engine = engine
        self._reader = reader(engine)
        self._work = work
        self._turns = Turns()

    async def add(self, grant: Grant) -> None:
        """Keep a new one; now and then, throw away those that had expired when it was made."""
        await self._work.run(lambda: self._add(grant))

    async def find(self, token_hash: bytes, now: datetime) -> Grant | None:
        """Find one that has not expired."""
        return await self._work.run(lambda: self._find(token_hash, now))

    def _add(self, grant: Grant) -> None:
        with store_errors("the grants failed"), self._engine.begin() as connection:
            if self._turns.is_due():
                # The user's authentication is past, so what had expired by then has expired now.
                connection.execute(_PURGE, {"now": microseconds(grant.auth_time)})
            connection.execute(sa.insert(GRANTS), _written(grant))

    def _find(self, token_hash: bytes, now: datetime) -> Grant | None:
        parameters = {"wanted": token_hash, "now": microseconds(now)}
        with store_errors("the grants failed"), self._reader.connect() as connection:
            row = connection.execute(_FIND, parameters).one_or_none()
        return None if row is None else _read(row)


def _written(grant: Grant) -> dict[str, Any]:
    return {
        "hash": grant.hash,
        "origin_jti": grant.origin_jti,
        "pool_id": grant.pool_id,
        "client_id": grant.client_id,
        "username": grant.username,
        "ledger": grant.ledger,
        "stamp": grant.stamp,
        "auth_time": microseconds(grant.auth_time),
        "expires_at": microseconds(grant.expires_at),
    }


def _read(row: sa.Row[Any]) -> Grant:
    return Grant(
        hash=row.hash,
        origin_jti=row.origin_jti,
        pool_id=row.pool_id,
        client_id=row.client_id,
        username=row.username,
        ledger=row.ledger,
        stamp=row.stamp,
        auth_time=instant_of(row.auth_time),
        expires_at=instant_of(row.expires_at),
    )
