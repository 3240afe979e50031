"""Two ways to run the same statements on PostgreSQL: blocking and asynchronous.

Connections are in autocommit mode, statements are prepared, and each operation is one statement,
hence one round trip. The isolation level is set on each connection: READ COMMITTED, under which
an update that waited for another one's row decides by the row as it then is.

A pool must be opened in the process that uses it: after a fork, not before.
"""

from __future__ import annotations

import asyncio
from typing import Any, LiteralString, Protocol

from flowengine.errors import StoreError, UnavailableError

try:
    import psycopg
    from psycopg_pool import AsyncConnectionPool, ConnectionPool
except ImportError:
    raise UnavailableError(
        "PostgreSQL needs a driver: pip install 'flowengine[postgresql]'"
    ) from None

Row = tuple[Any, ...]
Parameters = dict[str, Any]
_READ_COMMITTED = "SET default_transaction_isolation TO 'read committed'"
_WAIT_S = 10.0
"""How long an operation waits for a free connection."""


class Driver(Protocol):
    """Runs one statement."""

    async def row(self, statement: LiteralString, parameters: Parameters) -> Row | None:
        """Run it, committed when this returns; its first row, or None.

        Raises:
            StoreError: PostgreSQL failed; its text is not repeated, as it may quote a value.
        """


class BlockingDriver:
    """Blocks the thread that asks, so that its coroutines never suspend; safe under threads."""

    def __init__(self, url: str, connections: int = 8) -> None:
        """Open a pool of at most so many connections; they are made when they are needed."""
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            timeout=_WAIT_S,
            kwargs={"autocommit": True},
            configure=_configure,
            open=True,
        )

    async def row(self, statement: LiteralString, parameters: Parameters) -> Row | None:
        """Run one statement."""
        try:
            with self._pool.connection() as connection:
                cursor = connection.execute(statement, parameters, prepare=True)
                return cursor.fetchone() if cursor.description else None
        except (psycopg.Error, UnicodeError):
            raise _failure() from None

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class AsyncDriver:
    """Suspends while PostgreSQL works; belongs to the event loop that first uses it."""

    def __init__(self, url: str, connections: int = 8) -> None:
        """Take what the pool will be; it is opened at the first statement."""
        self._url = url
        self._connections = connections
        self._opening = asyncio.Lock()
        self._pool: AsyncConnectionPool | None = None

    async def row(self, statement: LiteralString, parameters: Parameters) -> Row | None:
        """Run one statement."""
        try:
            pool = self._pool or await self._open()
            async with pool.connection() as connection:
                cursor = await connection.execute(statement, parameters, prepare=True)
                return await cursor.fetchone() if cursor.description else None
        except (psycopg.Error, UnicodeError):
            raise _failure() from None

    async def close(self) -> None:
        """Close the connections."""
        async with self._opening:
            if self._pool is not None:
                await self._pool.close()
                self._pool = None

    async def _open(self) -> AsyncConnectionPool:
        async with self._opening:
            if self._pool is None:
                pool = AsyncConnectionPool(
                    self._url,
                    min_size=1,
                    max_size=self._connections,
                    timeout=_WAIT_S,
                    kwargs={"autocommit": True},
                    configure=_configure_async,
                    open=False,
                )
                await pool.open()
                self._pool = pool
            return self._pool


def revision(url: str, statement: LiteralString) -> str | None:
    """Ask for the revision of the tables; None where there are none yet.

    Raises:
        StoreError: The database cannot be reached.
    """
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            row = connection.execute(statement).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.Error:
        raise StoreError("the PostgreSQL database cannot be reached") from None
    return None if row is None else str(row[0])


def _configure(connection: psycopg.Connection) -> None:
    connection.execute(_READ_COMMITTED)


async def _configure_async(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(_READ_COMMITTED)


def _failure() -> StoreError:
    return StoreError("the PostgreSQL store failed")
