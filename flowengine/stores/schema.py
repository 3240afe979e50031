"""Brings the tables of a database up to date, and says when they are.

Alembic owns the tables. Its import is slow, so it is only loaded where something is to be done.
"""

from __future__ import annotations

import sqlite3
from typing import assert_never

from flowengine.errors import StoreError
from flowengine.stores.urls import MemoryPlace, PostgresqlPlace, SqlitePlace, parse

HEAD = "0004"
"""The revision that this version of flowengine works with."""

_REVISION = "SELECT version_num FROM alembic_version"


def migrate(url: str) -> None:
    """Make the tables, or bring them up to date; several processes may do so at once.

    Raises:
        StoreError: The database cannot be reached or changed.
        UnavailableError: A newer flowengine made the tables, or the URL is malformed.
    """
    place = parse(url)
    match place:
        case MemoryPlace():
            return
        case SqlitePlace():
            current = _sqlite_revision(place)
        case PostgresqlPlace():
            current = _postgresql_revision(place)
        case _:
            assert_never(place)
    if current == HEAD:
        return
    from flowengine.stores.migrating import upgrade  # noqa: PLC0415 - slow, and seldom needed

    upgrade(place)


def _sqlite_revision(place: SqlitePlace) -> str | None:
    if not place.path.exists():
        return None
    try:
        connection = sqlite3.connect(place.path)
    except sqlite3.Error:
        raise StoreError("the SQLite file cannot be opened") from None
    try:
        row = connection.execute(_REVISION).fetchone()
    except sqlite3.OperationalError:  # no such table; anything worse shows when it is made
        return None
    except sqlite3.DatabaseError:
        raise StoreError("the file is not a SQLite database") from None
    finally:
        connection.close()
    return None if row is None else str(row[0])


def _postgresql_revision(place: PostgresqlPlace) -> str | None:
    from flowengine.stores.postgresql_drivers import revision  # noqa: PLC0415 - an optional library

    return revision(place.url, _REVISION)
