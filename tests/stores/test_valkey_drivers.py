"""The drivers: a script runs at most once, whatever becomes of connection and server."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores import valkey_drivers
from flowengine.stores.valkey import ValkeyCounters, ValkeySessions
from flowengine.stores.valkey_drivers import AsyncDriver, Driver, check
from flowengine.stores.valkey_place import parse_valkey
from flowengine.stores.valkey_scripts import PEEK
from flowengine.testing.contracts.candidate import drive, in_tasks, in_threads
from tests.planted import OTHER_PASSWORD, PASSWORD
from tests.stores.valkey_driving import NOW, Kind, new_step, token
from tests.valkey_proxy import Proxy
from tests.valkey_server import ValkeyServer, cluster_node, free_port, plain_server, wait_until

_FAILED = "the Valkey store failed"
_SLOTS = 16384


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    started = plain_server()
    yield started
    started.stop()


@pytest.fixture(params=Kind, ids=lambda kind: kind.value)
def kind(request: pytest.FixtureRequest, server: ValkeyServer) -> Kind:
    server.ask("FLUSHALL")
    chosen: Kind = request.param
    return chosen


async def _add(driver: Driver) -> ValkeySessions:
    sessions = ValkeySessions(driver)
    await sessions.add(token("a").id, new_step(), NOW)
    return sessions


async def _tries_left(sessions: ValkeySessions) -> int:
    peeked = await sessions.peek(token("a").id, NOW)
    return -1 if peeked is None else peeked.tries_left


def _through(proxy: Proxy, scheme: str = "redis") -> str:
    return f"{scheme}://:{PASSWORD}@127.0.0.1:{proxy.port}"


def test_a_script_that_the_server_forgot_is_sent_again(server: ValkeyServer, kind: Kind) -> None:
    async def body(driver: Driver) -> None:
        sessions = await _add(driver)
        server.ask("SCRIPT", "FLUSH")
        assert await sessions.claim(token("a"), NOW) is not None
        assert await _tries_left(sessions) == 2

    kind.run(server.url, body)


def test_a_failure_repeats_nothing_of_the_servers_text(server: ValkeyServer, kind: Kind) -> None:
    server.ask("SET", "text", PASSWORD)

    async def body(driver: Driver) -> None:
        await driver.run(PEEK, "text", (0,))

    with pytest.raises(StoreError) as failed:
        kind.run(server.url, body)
    assert str(failed.value) == _FAILED
    assert failed.value.__suppress_context__


@pytest.fixture
def slot_holder() -> Iterator[tuple[str, ValkeyServer, Proxy]]:
    """Give a cluster of one node that says that it is where a proxy is."""
    node = cluster_node()
    proxy = Proxy(node.port)
    node.ask("CONFIG", "SET", "cluster-announce-ip", "127.0.0.1")
    node.ask("CONFIG", "SET", "cluster-announce-client-port", proxy.port)
    node.ask("CONFIG", "SET", "cluster-announce-port", proxy.port)
    node.ask("CLUSTER", "ADDSLOTSRANGE", 0, _SLOTS - 1)
    wait_until(lambda: b"cluster_state:ok" in node.ask("CLUSTER", "INFO"))
    yield _through(proxy, "redis+cluster"), node, proxy
    proxy.close()
    node.stop()


async def _lose_one_answer(driver: Driver, proxy: Proxy) -> None:
    """Claim where the answer is lost; then count the tries."""
    sessions = await _add(driver)
    await sessions.peek(token("a").id, NOW)
    await sessions.claim(token("none"), NOW)  # now the server knows both scripts
    sent, proxy.loses_answers = proxy.sent, True
    with pytest.raises(StoreError):
        await sessions.claim(token("a"), NOW)
    proxy.loses_answers = False
    assert proxy.sent == sent + 1
    assert await _tries_left(sessions) == 2, "the claim ran, and ran once"


def test_a_script_whose_answer_was_lost_is_not_sent_again(server: ValkeyServer, kind: Kind) -> None:
    proxy = Proxy(server.port)
    kind.run(_through(proxy), lambda driver: _lose_one_answer(driver, proxy))
    proxy.close()


def test_nor_is_it_in_a_cluster(slot_holder: tuple[str, ValkeyServer, Proxy], kind: Kind) -> None:
    url, _, proxy = slot_holder
    kind.run(url, lambda driver: _lose_one_answer(driver, proxy))
    assert proxy.sent > 0


def test_a_store_goes_on_after_the_server_was_started_again(kind: Kind) -> None:
    mortal = plain_server()

    async def body(driver: Driver) -> None:
        sessions = await _add(driver)
        mortal.restart()
        for _ in range(2):  # the first may find a connection that nobody knew was cut
            try:
                assert await _tries_left(sessions) == -1
            except StoreError:
                continue
        await _add(driver)
        assert await _tries_left(sessions) == 3

    kind.run(mortal.url, body)
    mortal.stop()


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
def test_a_server_that_is_not_there_is_a_store_error(kind: Kind, scheme: str) -> None:
    path = "/sign-ins" if scheme == "redis+sentinel" else ""

    async def body(driver: Driver) -> None:
        await ValkeyCounters(driver).clear("key")

    with pytest.raises(StoreError) as failed:
        kind.run(f"{scheme}://:{PASSWORD}@127.0.0.1:{free_port()}{path}", body)
    assert str(failed.value) == _FAILED


def test_a_server_that_never_answers_is_given_up(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey_drivers, "_ANSWER_S", 0.1)

    async def body(driver: Driver) -> None:
        await ValkeyCounters(driver).clear("key")

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreError):
            kind.run(f"redis://127.0.0.1:{port}", body)


@pytest.mark.parametrize("password", [f":{OTHER_PASSWORD}@", ""])
def test_a_wrong_password_is_a_store_error(server: ValkeyServer, kind: Kind, password: str) -> None:
    async def body(driver: Driver) -> None:
        await ValkeyCounters(driver).clear("key")

    with pytest.raises(StoreError) as failed:
        kind.run(f"redis://{password}127.0.0.1:{server.port}", body)
    assert str(failed.value) == _FAILED


def test_more_callers_than_connections_wait_for_their_turn(
    server: ValkeyServer, kind: Kind
) -> None:
    async def body(driver: Driver) -> None:
        sessions = await _add(driver)
        race = in_tasks if kind is Kind.ASYNC else in_threads
        claims = await race([lambda: sessions.claim(token("a"), NOW)] * 12)
        assert sum(claim is not None for claim in claims) == 3
        clients = str(server.ask("CLIENT", "LIST")).count("lib-name=redis-py")
        assert clients <= 3, "two of the driver, and the one that asks"

    kind.run(server.url, body, connections=2)


def test_one_that_waits_too_long_is_a_store_error(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey_drivers, "_WAIT_S", 0.05)

    async def body(driver: Driver) -> None:
        counters = ValkeyCounters(driver)
        await counters.clear("key")
        server.ask("CLIENT", "PAUSE", 300)
        with pytest.raises(StoreError):
            await in_tasks([lambda: counters.clear("key")] * 2)

    Kind.ASYNC.run(server.url, body, connections=1)


def test_a_call_that_was_cancelled_leaves_no_answer_to_the_next(server: ValkeyServer) -> None:
    async def body(driver: Driver) -> None:
        sessions, counters = await _add(driver), ValkeyCounters(driver)
        for number in range(20):
            task = asyncio.create_task(sessions.peek(token("a").id, NOW))
            await asyncio.sleep(number * 0.00002)
            task.cancel()
            assert await counters.spend_once(str(number), NOW, NOW) is True

    server.ask("FLUSHALL")
    Kind.ASYNC.run(server.url, body, connections=1)


def test_closing_twice_is_no_mistake(server: ValkeyServer) -> None:
    async def close_twice() -> None:
        driver = AsyncDriver(parse_valkey(server.url))
        await ValkeyCounters(driver).clear("key")
        await driver.close()
        await driver.close()

    asyncio.run(close_twice())
    blocking = valkey_drivers.BlockingDriver(parse_valkey(server.url))
    drive(ValkeyCounters(blocking).clear("key"))
    blocking.close()
    blocking.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(server: ValkeyServer, authority: trustme.CA) -> Iterator[Proxy]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    proxy = Proxy(server.port, context)
    yield proxy
    proxy.close()


def _over_tls(proxy: Proxy, host: str, trusted: Path) -> str:
    return f"rediss://:{PASSWORD}@{host}:{proxy.port}?ssl_ca_certs={trusted}"


def test_tls_is_spoken(kind: Kind, secure: Proxy, authority: trustme.CA, tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)

    async def body(driver: Driver) -> None:
        assert await _tries_left(await _add(driver)) == 3

    kind.run(_over_tls(secure, "localhost", trusted), body)


@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_a_server_that_cannot_prove_who_it_is_is_refused(
    kind: Kind, secure: Proxy, authority: trustme.CA, tmp_path: Path, wrong: str
) -> None:
    trusted = tmp_path / "ca.pem"
    other = trustme.CA() if wrong == "authority" else authority
    other.cert_pem.write_to_path(trusted)

    async def body(driver: Driver) -> Any:
        return await ValkeyCounters(driver).clear("key")

    host = "127.0.0.1" if wrong == "name" else "localhost"
    with pytest.raises(StoreError):
        kind.run(_over_tls(secure, host, trusted), body)


def test_a_server_that_keeps_all_keys_is_trusted(server: ValkeyServer) -> None:
    check(parse_valkey(server.url))


def test_a_server_that_evicts_keys_is_not_trusted(server: ValkeyServer) -> None:
    server.ask("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
    try:
        with pytest.raises(UnavailableError) as refused:
            check(parse_valkey(server.url))
    finally:
        server.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert "maxmemory-policy to noeviction" in str(refused.value)


def test_a_server_that_cannot_be_asked_is_not_trusted() -> None:
    with pytest.raises(StoreError) as failed:
        check(parse_valkey(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}"))
    assert str(failed.value) == "the Valkey server cannot be reached"
