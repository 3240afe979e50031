"""Claim and settle, side by side: memory, SQLite, PostgreSQL and Valkey.

Run as ``python -m tests.benchmarks.bench_stores``. Rounds are interleaved, since machines are
shared; the median round is printed, and the best one in brackets.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.engine.ports import Counters, SessionStore
from flowengine.runtime.stored import Allowed, NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.memory import MemoryCounters, MemorySessions
from flowengine.stores.postgresql import PostgresqlCounters, PostgresqlSessions
from flowengine.stores.postgresql_drivers import AsyncDriver, BlockingDriver
from flowengine.stores.schema import migrate
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import AsyncDriver as AsyncValkey
from flowengine.stores.valkey_drivers import BlockingDriver as BlockingValkey
from flowengine.stores.valkey_place import ValkeyPlace, parse_valkey
from flowengine.testing.contracts.candidate import drive
from flowengine.testing.fakes import ScriptedEntropy
from tests.postgresql_server import PostgresqlServer
from tests.valkey_server import plain_server

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_POLICY = LockoutPolicy()
_ROUNDS = 7
_IN_FLIGHT = 8
_RECORD = '{"padding":"' + "x" * 500 + '"}'
_ENTROPY = ScriptedEntropy("bench")


@dataclass(frozen=True, slots=True)
class Contestant:
    """One store, and how many sign-ins a round over it has."""

    name: str
    sessions: SessionStore
    counters: Counters
    count: int


def _tokens() -> list[StepToken]:
    sign_in = _ENTROPY.draw(16)
    return [StepToken(sign_in, step, _ENTROPY.draw(32)) for step in range(2)]


def _step(token: StepToken) -> NewStep:
    life = timedelta(minutes=3)
    return NewStep(token.secret_hash, _RECORD, b"s" * 500, f"node-{token.step}", 5, _NOW + life)


async def _sign_in(contestant: Contestant, spent: dict[str, float]) -> None:
    first, second = _tokens()
    store, counters, key = contestant.sessions, contestant.counters, first.id.hex()

    async def timed(name: str, call: Awaitable[object]) -> object:
        begun = time.perf_counter()
        result = await call
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - begun
        return result

    await timed("add", store.add(first.id, _step(first), _NOW))
    await timed("claim", store.claim(first, _NOW))
    tried = await timed("try", counters.try_now(key, _POLICY, _NOW))
    assert isinstance(tried, Allowed)
    await timed("give back", counters.give_back(key, tried.reservation))
    await timed("settle", store.settle(first.id, 0, _step(second), None))


async def _round(contestant: Contestant) -> dict[str, float]:
    spent: dict[str, float] = {}
    for _ in range(contestant.count):
        await _sign_in(contestant, spent)
    return {name: seconds / contestant.count * 1e6 for name, seconds in spent.items()}


async def _crowd(contestant: Contestant) -> float:
    """Make claim and settle with several in flight; pairs a second."""
    tokens = [_tokens() for _ in range(contestant.count)]
    for first, _ in tokens:
        await contestant.sessions.add(first.id, _step(first), _NOW)
    waiting = iter(tokens)

    async def work() -> None:
        for first, second in waiting:
            await contestant.sessions.claim(first, _NOW)
            await contestant.sessions.settle(first.id, 0, _step(second), None)

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(_IN_FLIGHT)))
    return contestant.count / (time.perf_counter() - begun)


def _report(name: str, rounds: list[dict[str, float]]) -> None:
    costs = {step: [costs[step] for costs in rounds] for step in rounds[0]}
    pairs = [1e6 / (costs["claim"] + costs["settle"]) for costs in rounds]
    cells = (f"{step} {statistics.median(us):.1f} [{min(us):.1f}]" for step, us in costs.items())
    print(
        f"{name:12} {statistics.median(pairs):8,.0f} [{max(pairs):,.0f}] claim+settle/s;"
        f" µs: {', '.join(cells)}"
    )


def _compare(contestants: list[Contestant]) -> None:
    rounds: dict[str, list[dict[str, float]]] = {c.name: [] for c in contestants}
    for _ in range(_ROUNDS):
        for contestant in contestants:
            rounds[contestant.name].append(drive(_round(contestant)))
    for name, costs in rounds.items():
        _report(name, costs)


async def _report_in_flight(name: str, contestant: Contestant) -> None:
    _report(name, [await _round(contestant) for _ in range(3)])
    pairs = [await _crowd(contestant) for _ in range(3)]
    print(f"{name:12} {statistics.median(pairs):8,.0f} claim+settle/s, {_IN_FLIGHT} in flight")


async def _compare_in_flight(url: str, valkey: ValkeyPlace) -> None:
    postgresql = AsyncDriver(url, _IN_FLIGHT)
    stores = PostgresqlSessions(postgresql), PostgresqlCounters(postgresql)
    await _report_in_flight("pg async", Contestant("async", *stores, 400))
    await postgresql.close()
    driver = AsyncValkey(valkey, _IN_FLIGHT)
    kept = ValkeySessions(driver), ValkeyCounters(driver)
    await _report_in_flight("valkey async", Contestant("async", *kept, 1000))
    await driver.close()


def _with_servers(run: Callable[[Path, str, ValkeyPlace], None]) -> None:
    with ExitStack() as undo:
        server = PostgresqlServer()
        undo.callback(server.stop)
        url = server.new_database()
        migrate(url)
        valkey = plain_server()
        undo.callback(valkey.stop)
        folder = undo.enter_context(tempfile.TemporaryDirectory())
        run(Path(folder), url, parse_valkey(valkey.url))


def _main(folder: Path, url: str, valkey: ValkeyPlace) -> None:
    normal = SqliteFile(folder / "normal.db")
    full = SqliteFile(folder / "full.db", "FULL")
    driver = BlockingDriver(url)
    kept = BlockingValkey(valkey)
    _compare(
        [
            Contestant("memory", MemorySessions(), MemoryCounters(), 4000),
            Contestant("sqlite", SqliteSessions(normal), SqliteCounters(normal), 2000),
            Contestant("sqlite FULL", SqliteSessions(full), SqliteCounters(full), 300),
            Contestant("pg blocking", PostgresqlSessions(driver), PostgresqlCounters(driver), 400),
            Contestant("valkey", ValkeySessions(kept), ValkeyCounters(kept), 1000),
        ]
    )
    for store in (normal, full, driver, kept):
        store.close()
    asyncio.run(_compare_in_flight(url, valkey))


if __name__ == "__main__":
    _with_servers(_main)
