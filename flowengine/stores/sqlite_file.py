"""One SQLite file, used straight through sqlite3: no thread hop, one statement an operation.

The file is in WAL mode, so readers never wait. With ``synchronous=NORMAL`` a crash of the process
loses nothing; a power cut may lose the last commits (never the file), so that an answer given in
the last moments before it could be given once more afterwards. ``FULL`` closes that gap and
costs a flush to disk with every statement.

Several processes may use one file at once: each waits for the other's statement up to
``_BUSY_S``. Threads of one process share one connection under a lock: SQLite lets one write at a
time anyway, and a lock hands over at once where SQLite's busy handler would sleep.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores.schema import migrate

Row = tuple[Any, ...]
_BUSY_S = 10.0
_OLDEST = (3, 38, 0)
"""RETURNING came with 3.35, JSON functions in every build with 3.38."""


class SqliteFile:
    """A file and its connection; made with its tables when it is not there."""

    def __init__(self, path: Path, synchronous: Literal["NORMAL", "FULL"] = "NORMAL") -> None:
        """Open the file, or make it, readable to its owner alone.

        Raises:
            StoreError: It cannot be opened or made.
            UnavailableError: This SQLite is too old, or a newer flowengine made the file.
        """
        if sqlite3.sqlite_version_info < _OLDEST:
            raise UnavailableError("SQLite 3.38 or newer is needed")
        migrate(f"sqlite:///{path}")
        self._path = path
        self._synchronous = synchronous
        self._left_behind: list[sqlite3.Connection] = []
        self._open()

    def row(self, statement: str, parameters: Mapping[str, object]) -> Row | None:
        """Run one statement, committed when this returns; its first row, or None.

        Raises:
            StoreError: SQLite failed; its text is not repeated, as it may quote a value.
        """
        if self._process != os.getpid():
            self._open_in_child()
        with self._lock:
            try:
                # All rows are fetched, since a statement is committed when it is done, and
                # one with RETURNING is not done at its first row.
                rows = self._connection.execute(statement, parameters).fetchall()
            except (sqlite3.Error, UnicodeError, OverflowError):
                raise StoreError("the SQLite store failed") from None
        return rows[0] if rows else None

    def close(self) -> None:
        """Close the connection; the file must not be used afterwards."""
        with self._lock:
            self._connection.close()

    def _open(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
        try:
            self._connection = sqlite3.connect(
                self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._connection.execute(f"PRAGMA synchronous={self._synchronous}")
        except sqlite3.Error:
            raise StoreError("the SQLite file cannot be opened") from None

    def _open_in_child(self) -> None:
        # A connection must neither be used nor closed in a process that was forked from its
        # owner (https://www.sqlite.org/howtocorrupt.html, section 2.6), so it is kept unused.
        self._left_behind.append(self._connection)
        self._open()
