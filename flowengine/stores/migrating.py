"""Runs the migrations, one process at a time for each database.

PostgreSQL takes an advisory lock for the transaction, SQLite its write lock at the beginning of
it. Whoever comes second finds the work done.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores.engines import sql_engine, store_errors
from flowengine.stores.urls import PostgresqlPlace, SqlitePlace

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x666C6F77
"""The advisory lock's number: "flow" in ASCII."""

_WAL_TRIES = 100
_WAL_PAUSE_S = 0.05

_ALEMBIC = threading.Lock()
"""Alembic's ``context`` and ``op`` are one for the whole process."""


def upgrade(place: SqlitePlace | PostgresqlPlace) -> None:
    """Bring the tables up to date.

    Raises:
        StoreError: The database failed.
        UnavailableError: Its tables are of a revision that this version does not know.
    """
    if isinstance(place, SqlitePlace):
        _prepare_file(place.path)
    engine = sql_engine(place, exclusive=True)
    try:
        with _ALEMBIC, store_errors("the tables cannot be made"), engine.connect() as connection:
            _upgrade(connection, place)
    finally:
        engine.dispose()


def _upgrade(connection: sa.Connection, place: SqlitePlace | PostgresqlPlace) -> None:
    connection.begin()
    if isinstance(place, PostgresqlPlace):
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise UnavailableError("the tables were made by another version of flowengine") from None
    connection.commit()


def _prepare_file(path: Path) -> None:
    """Make the file readable to its owner alone, and put it into WAL mode, which stays."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error):
        raise StoreError("the SQLite file cannot be opened or made") from None
    try:
        _enter_wal(connection)
    finally:
        connection.close()


def _enter_wal(connection: sqlite3.Connection) -> None:
    # Two processes that switch at once may be told at once, without the usual wait, that the
    # file is locked.
    for _ in range(_WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(_WAL_PAUSE_S)
        except sqlite3.DatabaseError:
            raise StoreError("the file is not a SQLite database") from None
        else:
            return
    raise StoreError("the SQLite file stays locked")
