"""Several servers: a cluster whose slots move, and a primary that Sentinel replaces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from redis.cluster import RedisCluster

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import Driver, check
from flowengine.stores.valkey_place import parse_valkey
from flowengine.testing.contracts.candidate import in_tasks, in_threads
from flowengine.testing.contracts.counters import check_counters
from flowengine.testing.contracts.sessions import check_session_store
from tests.planted import PASSWORD
from tests.stores.valkey_driving import NOW, Kind, new_step, token
from tests.valkey_server import ValkeyCluster, ValkeySentinel, ValkeyServer, wait_until

_MINUTE = timedelta(minutes=1)


@pytest.fixture(params=Kind, ids=lambda kind: kind.value)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(scope="module")
def moving() -> Iterator[ValkeyCluster]:
    """Give one whose slots a test may move."""
    started = ValkeyCluster()
    yield started
    started.stop()


@pytest.fixture
def cluster() -> Iterator[ValkeyCluster]:
    """Give one that a test may change."""
    started = ValkeyCluster()
    yield started
    started.stop()


class _Slot:
    """The slot of the only sign-in, and the node that has it."""

    def __init__(self, cluster: ValkeyCluster) -> None:
        first = cluster.nodes[0]
        with RedisCluster(host="127.0.0.1", port=first.port, password=PASSWORD) as client:
            (key,) = client.keys("fe:*", target_nodes=RedisCluster.PRIMARIES)
            self.key = key
            self.number = client.keyslot(key)
            owner = client.get_node_from_key(key)
            assert owner is not None
        self.nodes = cluster.nodes
        self.source = next(node for node in cluster.nodes if node.port == owner.port)
        self.target = next(node for node in cluster.nodes if node is not self.source)

    def begin(self) -> None:
        """Say on both sides that the slot is on its way."""
        self.target.ask("CLUSTER", "SETSLOT", self.number, "IMPORTING", _id(self.source))
        self.source.ask("CLUSTER", "SETSLOT", self.number, "MIGRATING", _id(self.target))

    def move_keys(self) -> None:
        where = ("127.0.0.1", self.target.port, self.key, 0, 5000)
        self.source.ask("MIGRATE", *where, "AUTH", PASSWORD)

    def end(self) -> None:
        for node in (self.target, self.source, *self.nodes):
            node.ask("CLUSTER", "SETSLOT", self.number, "NODE", _id(self.target))


def _id(node: ValkeyServer) -> str:
    return bytes(node.ask("CLUSTER", "MYID")).decode()


def _pause() -> None:
    """Block: the blocking driver's coroutines may not suspend."""
    time.sleep(0.05)


async def _comes_back(sessions: ValkeySessions) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            await sessions.peek(token("a").id, NOW)
        except StoreError:
            _pause()
        else:
            return
    raise AssertionError("the store did not come back")


async def _tries_left(sessions: ValkeySessions) -> int:
    peeked = await sessions.peek(token("a").id, NOW)
    return -1 if peeked is None else peeked.tries_left


@pytest.mark.parametrize("connections", [1, 2, 8])
def test_the_stores_follow_a_slot_that_moves(
    moving: ValkeyCluster, kind: Kind, connections: int
) -> None:
    moving.forget()

    async def body(driver: Driver) -> None:
        sessions = ValkeySessions(driver)
        await sessions.add(token("a").id, new_step(tries=50), NOW)
        race = in_tasks if kind is Kind.ASYNC else in_threads
        await race([partial(sessions.peek, bytes([n] * 16), NOW) for n in range(40)])
        slot = _Slot(moving)
        slot.begin()
        assert await sessions.claim(token("a"), NOW) is not None
        slot.move_keys()
        claims = await race([lambda: sessions.claim(token("a"), NOW)] * 6)
        assert None not in claims, "the source says where to ask"
        assert await sessions.claim(token("a"), NOW) is not None
        slot.end()
        assert await sessions.claim(token("a"), NOW) is not None, "and then that it moved"
        assert await _tries_left(sessions) == 50 - 9

    kind.run(moving.url, body, connections)


def test_a_server_that_the_client_does_not_know_yet_is_a_store_error(
    cluster: ValkeyCluster, kind: Kind
) -> None:
    async def body(driver: Driver) -> None:
        sessions = ValkeySessions(driver)
        await sessions.add(token("a").id, new_step(), NOW)
        slot = _Slot(cluster)
        slot.target = cluster.grow()
        slot.begin()
        slot.move_keys()
        with pytest.raises(StoreError):
            await sessions.claim(token("a"), NOW)
        slot.end()
        assert await sessions.claim(token("a"), NOW) is not None
        assert await _tries_left(sessions) == 2

    kind.run(cluster.url, body)


def test_one_node_less_is_an_error_for_its_slots_alone(cluster: ValkeyCluster, kind: Kind) -> None:
    for node in cluster.nodes:
        node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")

    async def spend(counters: ValkeyCounters, key: str) -> bool:
        try:
            return await counters.spend_once(key, NOW + _MINUTE, NOW)
        except StoreError:
            return False

    async def body(driver: Driver) -> None:
        counters = ValkeyCounters(driver)
        assert all([await spend(counters, f"before {number}") for number in range(30)])
        cluster.nodes[2].kill()
        spent = [await spend(counters, f"after {number}") for number in range(30)]
        assert 0 < sum(spent) < len(spent)

    kind.run(cluster.url, body)


def test_every_primary_is_asked_whether_it_keeps_all_keys(valkey_cluster: ValkeyCluster) -> None:
    place, last = parse_valkey(valkey_cluster.url), valkey_cluster.nodes[-1]
    check(place)
    last.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(UnavailableError):
            check(place)
    finally:
        last.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")


def test_the_first_callers_may_come_all_at_once(valkey_cluster: ValkeyCluster) -> None:
    async def body(driver: Driver) -> None:
        counters = ValkeyCounters(driver)
        calls = (counters.spend_once(f"{time.monotonic()}{n}", NOW, NOW) for n in range(40))
        assert all(await asyncio.gather(*calls))

    for _ in range(5):
        Kind.ASYNC.run(valkey_cluster.url, body)


@pytest.fixture(scope="module")
def watched() -> Iterator[ValkeySentinel]:
    """Give one that stays as it is."""
    started = ValkeySentinel()
    yield started
    started.stop()


@pytest.fixture
def sentinel() -> Iterator[ValkeySentinel]:
    started = ValkeySentinel()
    yield started
    started.stop()


def test_the_contracts_are_kept_behind_sentinel(watched: ValkeySentinel, kind: Kind) -> None:
    check(parse_valkey(watched.url))
    race = in_tasks if kind is Kind.ASYNC else in_threads

    async def body(driver: Driver) -> None:
        await check_session_store(lambda: ValkeySessions(driver), race)
        await check_counters(lambda: ValkeyCounters(driver), race)

    kind.run(watched.url, body)


def test_the_primary_is_the_one_that_sentinel_names(sentinel: ValkeySentinel, kind: Kind) -> None:
    async def body(driver: Driver) -> None:
        sessions = ValkeySessions(driver)
        await sessions.add(token("a").id, new_step(), NOW)
        await sessions.claim(token("a"), NOW)
        wait_until(sentinel.is_in_step)
        before = sentinel.primary_port()
        sentinel.primary.kill()
        with pytest.raises(StoreError):
            await sessions.claim(token("a"), NOW)
        wait_until(lambda: sentinel.primary_port() != before)
        await _comes_back(sessions)
        assert await _tries_left(sessions) == 2, "nothing was forgotten and nothing counted twice"
        assert await sessions.claim(token("a"), NOW) is not None

    kind.run(sentinel.url, body)


def test_a_sentinel_that_watches_nothing_of_that_name_is_a_store_error(
    watched: ValkeySentinel, kind: Kind
) -> None:
    async def body(driver: Driver) -> None:
        await ValkeyCounters(driver).clear("key")

    with pytest.raises(StoreError):
        kind.run(watched.url.replace("/sign-ins", "/another"), body)
