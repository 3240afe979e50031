"""Where a store is, as a deployment writes it: ``memory:``, ``sqlite:///…``, ``postgresql://…``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flowengine.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class MemoryPlace:
    """``memory:``: in this process, gone when it ends."""


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    """``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Attributes:
        path: A relative one is relative to the working directory.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class PostgresqlPlace:
    """``postgresql://user:password@host:port/database?option=value``, as libpq reads it.

    Attributes:
        url: Hidden from the repr: it may hold a password.
    """

    url: str = field(repr=False)


Place = MemoryPlace | SqlitePlace | PostgresqlPlace
_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def parse(url: str) -> Place:
    """Read where a store is.

    Raises:
        UnavailableError: It is none of the forms above. The message shows nothing of the
            text, which may hold a password anywhere.
    """
    if url == "memory:":
        return MemoryPlace()
    path = url.removeprefix(_SQLITE)
    if path != url and path not in {"", ":memory:"} and "?" not in path:
        return SqlitePlace(Path(path))
    for prefix in _POSTGRESQL:
        if url.startswith(prefix):
            return PostgresqlPlace(_POSTGRESQL[0] + url.removeprefix(prefix))
    raise UnavailableError(_objection(url))


def _objection(url: str) -> str:
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return (
            "a SQLite store is written sqlite:///relative.db or sqlite:////absolute.db "
            "(in memory: memory:)"
        )
    if scheme in {"postgresql", "postgres"}:
        return "a PostgreSQL store is written postgresql://user:password@host/database"
    if scheme in {"redis", "rediss", "valkey"}:
        return "this version has no store for Redis or Valkey"
    return "a store is written memory:, sqlite:///… or postgresql://…"
