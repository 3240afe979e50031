"""What is Valkey's own in the stores, beside the contract: the keys and how long they stay."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_END, Allowed, NewStep
from flowengine.stores.counting import RESERVATION_LIFE, key_hash
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import BlockingDriver
from flowengine.stores.valkey_place import parse_valkey
from flowengine.stores.valkey_scripts import SWEPT_AFTER_MS
from flowengine.testing.contracts.candidate import drive
from tests.stores.valkey_driving import NOW, new_step, token
from tests.valkey_server import ValkeyServer, plain_server

_POLICY = LockoutPolicy()
_LIFE = timedelta(minutes=3)
_SWEPT_AFTER = timedelta(milliseconds=SWEPT_AFTER_MS)
_A_MOMENT = timedelta(seconds=10)


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    started = plain_server()
    yield started
    started.stop()


@pytest.fixture
def driver(server: ValkeyServer) -> Iterator[BlockingDriver]:
    server.ask("FLUSHALL")
    opened = BlockingDriver(parse_valkey(server.url))
    yield opened
    opened.close()


@pytest.fixture
def sessions(driver: BlockingDriver) -> ValkeySessions:
    return ValkeySessions(driver)


@pytest.fixture
def counters(driver: BlockingDriver) -> ValkeyCounters:
    return ValkeyCounters(driver)


def _key(name: str) -> str:
    tag = base64.urlsafe_b64encode(token(name).id).decode().rstrip("=")
    return f"fe:{{{tag}}}"


def _stays(server: ValkeyServer, key: str, expected: timedelta) -> bool:
    """Say whether a key has that long to live, less the moment since it was written."""
    left = timedelta(milliseconds=server.ask("PTTL", key))
    return expected - _A_MOMENT < left <= expected + timedelta(milliseconds=1)


def _only_key(server: ValkeyServer) -> str:
    (key,) = server.ask("KEYS", "*")
    return str(key.decode())


def test_a_sign_in_is_one_hash_that_operators_read(
    server: ValkeyServer, sessions: ValkeySessions
) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    assert _only_key(server) == _key("a")
    row = server.ask("HGETALL", _key("a"))
    assert row[b"record"] == b'{"node":"x"}'
    assert row[b"private"] == b"sealed"
    assert row[b"node"] == b"password"


def test_an_outcome_wipes_private(server: ValkeyServer, sessions: ValkeySessions) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    assert drive(sessions.settle(token("a").id, 0, new_step("done"), "success"))
    row = server.ask("HGETALL", _key("a"))
    assert b"private" not in row
    assert (row[b"outcome"], row[b"node"]) == (b"success", b"done")


def test_a_row_stays_until_nobody_needs_it_and_a_while_longer(
    server: ValkeyServer, sessions: ValkeySessions
) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    assert _stays(server, _key("a"), _LIFE + KEPT_AFTER_END + _SWEPT_AFTER)


@pytest.mark.parametrize("life", [timedelta(seconds=30), timedelta(days=1)])
def test_the_time_to_live_moves_with_the_instant_of_expiry(
    server: ValkeyServer, sessions: ValkeySessions, life: timedelta
) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    drive(sessions.settle(token("a").id, 0, new_step("code", life=life), None))
    drive(sessions.claim(token("a", 1), NOW))
    assert _stays(server, _key("a"), life + KEPT_AFTER_END + _SWEPT_AFTER)


def test_an_instant_of_expiry_long_ago_sweeps_at_once(
    server: ValkeyServer, sessions: ValkeySessions
) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    step = new_step("code", life=-timedelta(days=1))
    assert drive(sessions.settle(token("a").id, 0, step, None))
    assert server.ask("PTTL", _key("a")) <= 1


def test_what_is_not_there_is_not_made(server: ValkeyServer, sessions: ValkeySessions) -> None:
    assert drive(sessions.claim(token("a"), NOW)) is None
    drive(sessions.release(token("a").id, 0))
    assert not drive(sessions.settle(token("a").id, 0, new_step(), None))
    assert drive(sessions.peek(token("a").id, NOW)) is None
    assert server.ask("DBSIZE") == 0


def test_forgetting_a_counter_makes_none(server: ValkeyServer, counters: ValkeyCounters) -> None:
    drive(counters.give_back("key", 1))
    drive(counters.clear("key"))
    assert server.ask("DBSIZE") == 0


def test_a_counter_stays_for_the_quiet_time(server: ValkeyServer, counters: ValkeyCounters) -> None:
    tried = drive(counters.try_now("key", _POLICY, NOW))
    key = _only_key(server)
    assert key.startswith("fe:c:{")
    assert _stays(server, key, _POLICY.quiet + _SWEPT_AFTER)
    assert isinstance(tried, Allowed)
    drive(counters.count_wrong("key", tried.reservation, _POLICY, NOW))
    assert _stays(server, key, _POLICY.quiet + _SWEPT_AFTER)


def test_a_counter_stays_while_its_lock_does(
    server: ValkeyServer, counters: ValkeyCounters
) -> None:
    lock = timedelta(days=400)
    policy = LockoutPolicy(1, lock, lock, timedelta(0))
    tried = drive(counters.try_now("key", policy, NOW))
    assert isinstance(tried, Allowed)
    assert _stays(server, _only_key(server), RESERVATION_LIFE + _SWEPT_AFTER)
    drive(counters.count_wrong("key", tried.reservation, policy, NOW))
    assert _stays(server, _only_key(server), lock + _SWEPT_AFTER)


@pytest.mark.parametrize("life", [timedelta(minutes=2), -timedelta(minutes=2)])
def test_what_was_spent_stays_until_it_may_be_forgotten(
    server: ValkeyServer, counters: ValkeyCounters, life: timedelta
) -> None:
    assert drive(counters.spend_once("key", NOW + life, NOW))
    key = _only_key(server)
    assert key.startswith("fe:s:{")
    assert _stays(server, key, max(life, timedelta(0)) + _SWEPT_AFTER)


def test_a_key_names_nobody(server: ValkeyServer, counters: ValkeyCounters) -> None:
    drive(counters.try_now("lock|alice", _POLICY, NOW))
    tag = base64.urlsafe_b64encode(key_hash("lock|alice")).decode().rstrip("=")
    assert _only_key(server) == f"fe:c:{{{tag}}}"


def test_instants_are_exact_to_the_microsecond(counters: ValkeyCounters) -> None:
    now = NOW.replace(year=2250, microsecond=123457)
    first = drive(counters.try_now("key", _POLICY, now))
    second = drive(counters.try_now("key", _POLICY, now))
    assert isinstance(first, Allowed)
    assert second == Allowed(first.reservation + 1)


@pytest.mark.parametrize(
    "damage",
    [
        ("SET", _key("a"), "text"),
        ("HSET", _key("a"), "step", "0", "secret_hash", token("").secret_hash),
        ("HSET", _key("a"), "step", "x", "expires_at", "9e99", "tries", "1", "used", "0"),
    ],
)
def test_a_row_that_somebody_else_wrote_is_a_store_error(
    server: ValkeyServer, sessions: ValkeySessions, damage: tuple[str, ...]
) -> None:
    server.ask(*damage)
    with pytest.raises(StoreError) as failed:
        drive(sessions.peek(token("a").id, NOW))
    assert "x" not in str(failed.value)


def test_a_row_whose_texts_are_none_is_a_store_error(
    server: ValkeyServer, sessions: ValkeySessions
) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    server.ask("HSET", _key("a"), "record", b"\xff")
    with pytest.raises(StoreError):
        drive(sessions.claim(token("a"), NOW))


@pytest.mark.parametrize("field", ["node", "record", "outcome"])
def test_a_text_that_is_no_unicode_is_a_store_error(sessions: ValkeySessions, field: str) -> None:
    drive(sessions.add(token("a").id, new_step(), NOW))
    step, bad = new_step(), "\ud800"
    outcome = bad if field == "outcome" else None
    written = NewStep(
        step.secret_hash,
        bad if field == "record" else step.record,
        step.private,
        bad if field == "node" else step.node,
        step.tries,
        step.expires_at,
    )
    with pytest.raises(StoreError):
        drive(sessions.settle(token("a").id, 0, written, outcome))
    assert drive(sessions.claim(token("a"), NOW)) is not None


def test_a_database_is_a_space_of_its_own(server: ValkeyServer, driver: BlockingDriver) -> None:
    drive(ValkeySessions(driver).add(token("a").id, new_step(), NOW))
    other = BlockingDriver(parse_valkey(f"{server.url}/1"))
    assert drive(ValkeySessions(other).peek(token("a").id, NOW)) is None
    other.close()
