"""Where a store is, as a deployment writes it: ``memory:``, ``sqlite:///…``, ``postgresql://…``.

Sign-ins and counters may also be in Valkey or Redis, which has no tables: ``redis://…``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flowengine.errors import UnavailableError
from flowengine.stores.valkey_place import SCHEMES, ValkeyPlace, parse_valkey


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
SignInPlace = Place | ValkeyPlace
_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def parse_sign_ins(url: str) -> SignInPlace:
    """Read where sign-ins and counters are: where any store may be, or in Valkey or Redis.

    Raises:
        UnavailableError: It is malformed. The message shows nothing of the text.
    """
    scheme, separator, _ = url.partition("://")
    return parse_valkey(url) if separator and scheme in SCHEMES else parse(url)


def parse(url: str) -> Place:
    """Read where a store of any kind is.

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
    if scheme in SCHEMES:
        return (
            "Valkey and Redis keep sign-ins alone, as redis://user:password@host:port/database; "
            "users are kept in sqlite:///… or postgresql://…"
        )
    return "a store is written memory:, sqlite:///… or postgresql://…; for sign-ins also redis://…"
