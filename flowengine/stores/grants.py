"""Grants in SQL, on SQLAlchemy Core over SQLite or PostgreSQL: one row for each sign-in."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flowengine.runtime.stored import KEPT_AFTER_EXPIRY, Grant, Retired
from flowengine.stores.engines import reader, store_errors
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.purging import PURGE_ROWS, Turns
from flowengine.stores.tables import GRANTS
from flowengine.stores.work import Work

_FIND = sa.select(GRANTS).where(GRANTS.c.family == sa.bindparam("wanted"))
_ROTATE = (
    sa.update(GRANTS)
    .where(
        GRANTS.c.family == sa.bindparam("wanted"),
        GRANTS.c.hash == sa.bindparam("old_hash"),
        GRANTS.c.revoked.is_(other=sa.false()),
        GRANTS.c.expires_at > sa.bindparam("now"),
    )
    .values(
        hash=sa.bindparam("new_hash"),
        rotations=sa.bindparam("new_rotations"),
        retired=sa.bindparam("new_retired", type_=GRANTS.c.retired.type),
    )
)
_REVOKE = (
    sa.update(GRANTS).where(GRANTS.c.origin_jti == sa.bindparam("origin")).values(revoked=True)
)
_REVOKE_USER = (
    sa.update(GRANTS)
    .where(GRANTS.c.pool_id == sa.bindparam("pool"), GRANTS.c.username == sa.bindparam("name"))
    .values(revoked=True)
)
_LIVE = sa.select(GRANTS).where(
    GRANTS.c.origin_jti == sa.bindparam("origin"), GRANTS.c.revoked.is_(other=sa.false())
)
_EXPIRED = (
    sa.select(GRANTS.c.family)
    .where(GRANTS.c.expires_at <= sa.bindparam("until"))
    .limit(PURGE_ROWS)
    .with_for_update(skip_locked=True)
)
_PURGE = sa.delete(GRANTS).where(GRANTS.c.family.in_(_EXPIRED.scalar_subquery()))


class SqlGrants:
    """``Grants`` in SQL. ``schema.migrate`` comes first."""

    def __init__(self, engine: sa.Engine, work: Work) -> None:
        """Take an engine of ``engines.sql_engine``; its owner disposes of it."""
        self._engine = engine
        self._reader = reader(engine)
        self._work = work
        self._turns = Turns()

    async def add(self, grant: Grant) -> None:
        """Keep a new one; now and then, throw away those that are not needed any more."""
        await self._work.run(lambda: self._add(grant))

    async def find(self, family: bytes) -> Grant | None:
        """Find one as it stands."""
        row = await self._work.run(lambda: self._row(_FIND, {"wanted": family}))
        return None if row is None else _read(row)

    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        """Replace the token of one that still has the old one."""
        parameters = {
            "wanted": grant.family,
            "old_hash": old_hash,
            "now": microseconds(now),
            "new_hash": grant.hash,
            "new_rotations": grant.rotations,
            "new_retired": _retired_to_plain(grant),
        }
        return await self._work.run(lambda: self._write(_ROTATE, parameters)) == 1

    async def revoke(self, origin_jti: str) -> None:
        """Revoke one sign-in."""
        await self._work.run(lambda: self._write(_REVOKE, {"origin": origin_jti}))

    async def revoke_user(self, pool_id: str, username: str) -> None:
        """Revoke all sign-ins of a user."""
        parameters = {"pool": pool_id, "name": username}
        await self._work.run(lambda: self._write(_REVOKE_USER, parameters))

    async def live(self, origin_jti: str) -> Grant | None:
        """Find a sign-in that is there and was not revoked."""
        row = await self._work.run(lambda: self._row(_LIVE, {"origin": origin_jti}))
        return None if row is None else _read(row)

    def _add(self, grant: Grant) -> None:
        with store_errors("the grants failed"), self._engine.begin() as connection:
            if self._turns.is_due():
                # The user's authentication is past, so what had expired by then has expired now.
                until = microseconds(grant.auth_time - KEPT_AFTER_EXPIRY)
                connection.execute(_PURGE, {"until": until})
            connection.execute(sa.insert(GRANTS), _written(grant))

    def _row(self, query: sa.Select[Any], parameters: Mapping[str, Any]) -> sa.Row[Any] | None:
        with store_errors("the grants failed"), self._reader.connect() as connection:
            return connection.execute(query, parameters).one_or_none()

    def _write(self, statement: sa.Update, parameters: Mapping[str, Any]) -> int:
        with store_errors("the grants failed"), self._engine.begin() as connection:
            return connection.execute(statement, parameters).rowcount


def _written(grant: Grant) -> dict[str, Any]:
    return {
        "family": grant.family,
        "hash": grant.hash,
        "origin_jti": grant.origin_jti,
        "pool_id": grant.pool_id,
        "client_id": grant.client_id,
        "username": grant.username,
        "sub": grant.sub,
        "record": grant.record,
        "level": grant.level,
        "auth_time": microseconds(grant.auth_time),
        "expires_at": microseconds(grant.expires_at),
        "rotations": grant.rotations,
        "retired": _retired_to_plain(grant),
        "revoked": grant.revoked,
    }


def _read(row: sa.Row[Any]) -> Grant:
    return Grant(
        family=row.family,
        hash=row.hash,
        origin_jti=row.origin_jti,
        pool_id=row.pool_id,
        client_id=row.client_id,
        username=row.username,
        sub=row.sub,
        record=row.record,
        level=row.level,
        auth_time=instant_of(row.auth_time),
        expires_at=instant_of(row.expires_at),
        rotations=row.rotations,
        retired=tuple(map(_retired_from_plain, row.retired)),
        revoked=row.revoked,
    )


def _retired_to_plain(grant: Grant) -> list[list[str | int]]:
    """Write hash, instant and sealed successor of each."""
    return [
        [old.hash.hex(), microseconds(old.at), base64.b64encode(old.successor).decode("ascii")]
        for old in grant.retired
    ]


def _retired_from_plain(plain: tuple[str, int, str]) -> Retired:
    written_hash, at, successor = plain
    return Retired(bytes.fromhex(written_hash), instant_of(at), base64.b64decode(successor))
