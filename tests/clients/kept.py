"""What a SQLite file keeps, row by row, and what a request changed in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

Row = Mapping[str, Any]
Rows = Mapping[tuple[str, tuple[Any, ...]], Row]
"""Rows by table and primary key."""

_BY_HOW_MUCH: Final = frozenset({"step", "used", "tries"})
"""Columns of which a change is told by how much, and not only that there was one."""


def rows(path: Path) -> Rows:
    """Read every row of every table."""
    found: dict[tuple[str, tuple[Any, ...]], Row] = {}
    with closing(_open(path, "ro")) as file:
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (table,) in file.execute(tables).fetchall():
            keys = _primary_key(file, table)
            for row in map(dict, file.execute(f"SELECT * FROM {table}").fetchall()):  # noqa: S608
                key = tuple(row[name] for name in keys)
                assert (table, key) not in found
                found[table, key] = row
    return found


def expire_newest(path: Path, at_us: int) -> None:
    """Let the newest sign-in's present step expire at this instant."""
    newest = "SELECT max(rowid) FROM sessions"
    statement = f"UPDATE sessions SET expires_at = ? WHERE rowid = ({newest})"  # noqa: S608
    with closing(_open(path, "rw")) as file, file:
        assert file.execute(statement, (at_us,)).rowcount == 1


def changes(before: Rows, after: Rows) -> list[str]:
    """Say what differs, one line for each row: its table, and what became of it.

    ``sessions: used+1`` is a row with one column changed; ``counters: new`` and ``spent: gone``
    are whole rows. Of a sign-in that ended it is told how: ``sessions: refused``, or
    ``sessions: new, refused`` where one request began and ended it. Of a counter only the failures
    are told: the rest of its row is when they were.
    """
    return sorted(_changes(before, after))


def _changes(before: Rows, after: Rows) -> Iterator[str]:
    for at in before.keys() | after.keys():
        table, was, now = at[0], before.get(at), after.get(at)
        if now is None:
            yield f"{table}: gone"
        elif was is None:
            yield f"{table}: new" + (f", {now['outcome']}" if now.get("outcome") else "")
        elif was.get("outcome") != now.get("outcome"):
            yield f"{table}: {now['outcome']}"
        elif was != now and was.get("failures") != now.get("failures"):
            yield f"{table}: failures{now['failures'] - was['failures']:+d}"
        elif was != now:
            columns = (_told(name, was[name], now[name]) for name in now if was[name] != now[name])
            yield f"{table}: {' '.join(sorted(columns))}"


def _told(column: str, was: Any, now: Any) -> str:
    return f"{column}{now - was:+d}" if column in _BY_HOW_MUCH else column


def _primary_key(file: sqlite3.Connection, table: str) -> list[str]:
    """Name the columns of a table's key; all of them where it has none."""
    columns = list(file.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)))
    return [name for name, place in columns if place] or [name for name, _ in columns]


def _open(path: Path, mode: str) -> sqlite3.Connection:
    file = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=10)
    file.row_factory = sqlite3.Row
    return file
