"""The adapters as the contracts see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowengine.crypto.keyring import Keyring
from flowengine.engine.ports import Counters, Devices, Directory, Grants, SessionStore
from flowengine.engine.system import InlineWork
from flowengine.stores.devices import SqlDevices
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.grants import SqlGrants
from flowengine.stores.memory import (
    MemoryCounters,
    MemoryDirectory,
    MemorySessions,
)
from flowengine.stores.memory_devices import MemoryDevices
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.stores.postgresql import PostgresqlCounters, PostgresqlSessions
from flowengine.stores.postgresql_drivers import AsyncDriver, BlockingDriver
from flowengine.stores.schema import migrate
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.urls import parse
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import AsyncDriver as AsyncValkey
from flowengine.stores.valkey_drivers import BlockingDriver as BlockingValkey
from flowengine.stores.valkey_place import parse_valkey
from flowengine.testing.contracts.candidate import Race, drive, in_tasks, in_threads
from flowengine.testing.contracts.directory import POOLS
from flowengine.testing.fakes import ScriptedEntropy

Run = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(frozen=True, slots=True)
class Stores:
    """Sign-ins and counters of one kind."""

    sessions: Callable[[], SessionStore]
    counters: Callable[[], Counters]
    race: Race
    run: Run


@dataclass(frozen=True, slots=True)
class People:
    """Users, grants and devices of one kind."""

    directory: Callable[[], Directory]
    grants: Callable[[], Grants]
    devices: Callable[[], Devices]


@pytest.fixture(scope="session")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a file with all tables, shared by the tests of a run."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'shared.db'}"
    migrate(url)
    return url


@pytest.fixture(
    params=[
        "memory",
        "sqlite",
        "postgresql",
        "postgresql-async",
        "valkey",
        "valkey-async",
        "valkey_cluster",
        "valkey_cluster-async",
    ]
)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    match request.param:
        case "memory":
            yield Stores(MemorySessions, MemoryCounters, in_threads, drive)
        case "sqlite":
            file = SqliteFile(
                Path(request.getfixturevalue("sqlite_url").removeprefix("sqlite:///"))
            )
            yield Stores(
                lambda: SqliteSessions(file), lambda: SqliteCounters(file), in_threads, drive
            )
            file.close()
        case "postgresql":
            driver = BlockingDriver(request.getfixturevalue("postgresql_url"))
            yield Stores(
                lambda: PostgresqlSessions(driver),
                lambda: PostgresqlCounters(driver),
                in_threads,
                drive,
            )
            driver.close()
        case "postgresql-async":
            yield _asynchronous(request.getfixturevalue("postgresql_url"))
        case "valkey" | "valkey_cluster":
            blocking = BlockingValkey(parse_valkey(request.getfixturevalue(request.param).url))
            yield Stores(
                lambda: ValkeySessions(blocking),
                lambda: ValkeyCounters(blocking),
                in_threads,
                drive,
            )
            blocking.close()
        case "valkey-async" | "valkey_cluster-async":
            server = request.getfixturevalue(request.param.removesuffix("-async"))
            yield _asynchronous_valkey(server.url)


def _asynchronous(url: str) -> Stores:
    driver = AsyncDriver(url)
    return Stores(
        lambda: PostgresqlSessions(driver),
        lambda: PostgresqlCounters(driver),
        in_tasks,
        _in_a_loop(driver),
    )


def _asynchronous_valkey(url: str) -> Stores:
    driver = AsyncValkey(parse_valkey(url))
    return Stores(
        lambda: ValkeySessions(driver),
        lambda: ValkeyCounters(driver),
        in_tasks,
        _in_a_loop(driver),
    )


def _in_a_loop(driver: AsyncDriver | AsyncValkey) -> Run:
    async def closing(check: Coroutine[Any, Any, None]) -> None:
        try:
            await check
        finally:
            await driver.close()

    return lambda check: asyncio.run(closing(check))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def people(request: pytest.FixtureRequest) -> Iterator[People]:
    if request.param == "memory":
        yield People(lambda: MemoryDirectory(POOLS), MemoryGrants, MemoryDevices)
        return
    engine = sql_engine(parse(request.getfixturevalue(f"{request.param}_url")))
    entropy = ScriptedEntropy("people").draw
    keyring = Keyring.generate(entropy)
    yield People(
        lambda: SqlDirectory(engine, keyring, POOLS, InlineWork(), entropy),
        lambda: SqlGrants(engine, InlineWork()),
        lambda: SqlDevices(engine, keyring, InlineWork(), entropy),
    )
    engine.dispose()
