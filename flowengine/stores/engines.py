"""SQLAlchemy engines for the directory, the grants and the signing keys.

Parameters are hidden from SQLAlchemy's messages and logs, and every failure becomes a
``StoreError`` that repeats nothing of the driver's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores.urls import MemoryPlace, Place, PostgresqlPlace, SqlitePlace

_BUSY_S = 10.0


def sql_engine(place: Place, *, exclusive: bool = False) -> sa.Engine:
    """Make an engine; nothing is connected yet.

    If ``exclusive``, a transaction over SQLite takes the write lock at its beginning and not at
    its first write.

    Raises:
        UnavailableError: There is no SQL in memory, or the URL or its driver is no good.
    """
    match place:
        case MemoryPlace():
            raise UnavailableError("a directory in memory has no tables")
        case SqlitePlace():
            return _sqlite_engine(place, _begin_immediate if exclusive else _begin)
        case PostgresqlPlace():
            return _postgresql_engine(place)
        case _:
            assert_never(place)


def reader(engine: sa.Engine) -> sa.Engine:
    """Give the engine for single reads: over PostgreSQL, without a round trip to begin and end."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Turn what SQLAlchemy and its drivers raise into a ``StoreError`` that says ``what``."""
    try:
        yield
    except (exc.SQLAlchemyError, UnicodeError, OverflowError):
        raise StoreError(what) from None


def _sqlite_engine(place: SqlitePlace, begin: Callable[[sa.Connection], None]) -> sa.Engine:
    url = sa.URL.create("sqlite", database=str(place.path))
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_S})
    # The driver would begin a transaction at the first write and none before DDL; ours begin
    # where SQLAlchemy says (SQLAlchemy's manual, "Serializable isolation / Savepoints").
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", begin)
    return engine


def _leave_transactions_to_us(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql_engine(place: PostgresqlPlace) -> sa.Engine:
    try:
        url = make_url(place.url).set(drivername="postgresql+psycopg")
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (exc.SQLAlchemyError, ValueError):
        raise UnavailableError("the PostgreSQL URL cannot be read") from None
    except ImportError:
        raise UnavailableError(
            "PostgreSQL needs a driver: pip install 'flowengine[postgresql]'"
        ) from None
