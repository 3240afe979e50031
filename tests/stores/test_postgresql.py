"""What is PostgreSQL's own, beside the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_END, NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.postgresql import PostgresqlCounters, PostgresqlSessions
from flowengine.stores.postgresql_drivers import AsyncDriver, BlockingDriver
from flowengine.stores.purging import PURGE_EVERY
from flowengine.stores.schema import migrate
from flowengine.testing.contracts.candidate import drive, in_threads
from tests.postgresql_server import PostgresqlServer

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ID = b"i" * 16
_TOKEN = StepToken(_ID, 0, b"s" * 32)


def _step(node: str = "password", life: timedelta = timedelta(minutes=3)) -> NewStep:
    return NewStep(_TOKEN.secret_hash, '{"node":"x"}', b"hunter2", node, 3, _NOW + life)


@pytest.fixture
def url(postgresql: PostgresqlServer) -> str:
    made = postgresql.new_database()
    migrate(made)
    return made


@pytest.fixture
def driver(url: str) -> Iterator[BlockingDriver]:
    opened = BlockingDriver(url)
    yield opened
    opened.close()


def test_an_outcome_wipes_private(driver: BlockingDriver) -> None:
    sessions = PostgresqlSessions(driver)
    drive(sessions.add(_ID, _step(), _NOW))
    assert drive(driver.row("SELECT private FROM sessions", {})) == (b"hunter2",)
    assert drive(sessions.settle(_ID, 0, _step("done"), "success"))
    row = drive(driver.row("SELECT private, outcome, node, record FROM sessions", {}))
    assert row == (None, "success", "done", '{"node":"x"}')


def test_a_dead_row_is_purged_when_nobody_needs_it_any_more(driver: BlockingDriver) -> None:
    sessions = PostgresqlSessions(driver)
    drive(sessions.add(_ID, _step(life=timedelta(0)), _NOW))
    for number in range(PURGE_EVERY):
        drive(sessions.add(number.to_bytes(16, "big"), _step(), _NOW + KEPT_AFTER_END))
    assert drive(driver.row("SELECT count(*) FROM sessions", {})) == (PURGE_EVERY,)


def test_counters_and_spent_keys_are_purged_when_they_cannot_matter(
    driver: BlockingDriver,
) -> None:
    counters = PostgresqlCounters(driver)
    policy = LockoutPolicy()
    drive(counters.try_now("old", policy, _NOW))
    drive(counters.spend_once("old", _NOW, _NOW))
    for number in range(PURGE_EVERY):
        drive(counters.try_now(str(number), policy, _NOW + policy.quiet))
        drive(counters.spend_once(str(number), _NOW + timedelta(1), _NOW))
    assert drive(driver.row("SELECT count(*) FROM counters", {})) == (PURGE_EVERY,)
    assert drive(driver.row("SELECT count(*) FROM spent", {})) == (PURGE_EVERY,)


def test_a_failure_repeats_nothing_of_postgresqls_text(driver: BlockingDriver) -> None:
    sessions = PostgresqlSessions(driver)
    drive(sessions.add(_ID, _step(), _NOW))
    with pytest.raises(StoreError) as failed:
        drive(sessions.add(_ID, _step(), _NOW))
    assert str(failed.value) == "the PostgreSQL store failed"
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("node", ["\ud800", "a\x00b"])
def test_a_text_that_postgresql_cannot_hold_is_a_store_error(
    driver: BlockingDriver, node: str
) -> None:
    with pytest.raises(StoreError):
        drive(PostgresqlSessions(driver).add(_ID, _step(node), _NOW))


def test_a_database_that_wants_serializable_changes_nothing(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'".encode()
        )
    driver = BlockingDriver(url)
    sessions = PostgresqlSessions(driver)
    drive(sessions.add(_ID, _step(), _NOW))
    claims = drive(in_threads([lambda: sessions.claim(_TOKEN, _NOW)] * 12))
    assert sum(claim is not None for claim in claims) == 3
    driver.close()


def test_a_store_goes_on_after_its_connections_were_cut(url: str) -> None:
    driver = BlockingDriver(url, connections=1)
    sessions = PostgresqlSessions(driver)
    drive(sessions.add(_ID, _step(), _NOW))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(StoreError):
        drive(sessions.claim(_TOKEN, _NOW))
    assert drive(sessions.claim(_TOKEN, _NOW)) is not None
    driver.close()


def test_the_asynchronous_driver_works_while_others_wait(url: str) -> None:
    async def claim_all() -> int:
        driver = AsyncDriver(url, connections=2)
        sessions = PostgresqlSessions(driver)
        await sessions.add(_ID, _step(), _NOW)
        claims = await asyncio.gather(*(sessions.claim(_TOKEN, _NOW) for _ in range(12)))
        await driver.close()
        await driver.close()
        return sum(claim is not None for claim in claims)

    assert asyncio.run(claim_all()) == 3


def test_an_asynchronous_failure_repeats_nothing_of_postgresqls_text(url: str) -> None:
    async def add_twice() -> None:
        driver = AsyncDriver(url)
        sessions = PostgresqlSessions(driver)
        await sessions.add(_ID, _step(), _NOW)
        try:
            await sessions.add(_ID, _step(), _NOW)
        finally:
            await driver.close()

    with pytest.raises(StoreError) as failed:
        asyncio.run(add_twice())
    assert str(failed.value) == "the PostgreSQL store failed"
