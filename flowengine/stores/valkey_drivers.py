"""Two ways to run the same scripts in Valkey or Redis: blocking and asynchronous.

A script is sent once and never again, unless the server said that it did not run it: not in the
script cache yet, or another server's slot. redis-py's own retries are off, since after a cut or a
timeout nobody knows whether the script ran: a claim sent twice would count twice, and a settle
would lose against itself. So a doubtful call fails, and fails closed.

RESP2 is spoken: every server knows it, and connecting takes no more than it must.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias, assert_never

from flowengine.errors import StoreError, UnavailableError
from flowengine.stores.valkey_place import Login, Topology, ValkeyPlace
from flowengine.stores.valkey_scripts import Script

try:
    import redis.asyncio.cluster
    import redis.asyncio.sentinel
    import redis.cluster
    import redis.sentinel
    from redis.asyncio.cluster import PipelineCommand
    from redis.asyncio.retry import Retry as AsyncRetry
    from redis.backoff import NoBackoff
    from redis.exceptions import (
        AskError,
        ClusterError,
        MovedError,
        NoScriptError,
        RedisClusterException,
        RedisError,
    )
    from redis.retry import Retry
except ImportError:
    raise UnavailableError("Valkey needs a driver: pip install 'flowengine[redis]'") from None

Argument: TypeAlias = bytes | str | int
Reply: TypeAlias = Any
"""None, an int, bytes, or a list of these."""

_Client: TypeAlias = redis.Redis | redis.cluster.RedisCluster
_AsyncClient: TypeAlias = redis.asyncio.Redis | redis.asyncio.cluster.RedisCluster

_CONNECT_S = 2.0
_ANSWER_S = 5.0
"""How long a server may take; after that a call has failed, whatever the script did."""
_WAIT_S = 10.0
"""How long an operation waits for its turn."""
_KEEPS_ALL = "noeviction"
_IN_PLACE = 0
"""A slot that moved is corrected; redis-py would else cut every fifth time what is under way."""
_FAILED = "the Valkey store failed"


class Driver(Protocol):
    """Runs one script."""

    async def run(self, script: Script, key: str, arguments: Sequence[Argument]) -> Reply:
        """Run it on its one key, at most once.

        Raises:
            StoreError: The server failed, or nobody knows whether the script ran. The server's
                text is not repeated, as it may quote a value.
        """


class BlockingDriver:
    """Blocks the thread that asks, so that its coroutines never suspend; safe under threads."""

    def __init__(self, place: ValkeyPlace, connections: int = 8) -> None:
        """Take what will be connected at the first script.

        Args:
            connections: So many scripts run at once, each over a connection of its own; the
                others wait.
        """
        self._place = place
        self._turns = threading.BoundedSemaphore(connections)
        self._opening = threading.Lock()
        self._client: _Client | None = None

    async def run(self, script: Script, key: str, arguments: Sequence[Argument]) -> Reply:
        """Run one script."""
        if not self._turns.acquire(timeout=_WAIT_S):
            raise StoreError(_FAILED)
        try:
            with _store_errors():
                client = self._client or self._open()
                try:
                    return client.evalsha(script.sha, 1, key, *arguments)
                except NoScriptError:  # the server looked for it and ran nothing
                    return client.eval(script.text, 1, key, *arguments)
        finally:
            self._turns.release()

    def close(self) -> None:
        """Close the connections."""
        with self._opening:
            client, self._client = self._client, None
        if client is not None:
            _close(client)

    def _open(self) -> _Client:
        with self._opening:
            if self._client is None:
                self._client = _blocking_client(self._place)
            return self._client


class AsyncDriver:
    """Suspends while Valkey works; belongs to the event loop that first uses it."""

    def __init__(self, place: ValkeyPlace, connections: int = 8) -> None:
        """Take what will be connected at the first script; ``connections`` as above."""
        self._place = place
        self._turns = asyncio.Semaphore(connections)
        self._client: _AsyncClient | None = None

    async def run(self, script: Script, key: str, arguments: Sequence[Argument]) -> Reply:
        """Run one script; one that is cancelled may have run."""
        with _store_errors():
            async with asyncio.timeout(_WAIT_S):
                await self._turns.acquire()
            try:
                if self._client is None:
                    self._client = _async_client(self._place)
                # A cluster's client that does not know the slots yet guesses, several at once.
                client = await self._client.initialize()
                try:
                    return await _evaluate(client, script, key, arguments)
                except ClusterError:
                    if isinstance(client, redis.asyncio.Redis):
                        raise
                    return await _ask(client, script, key, arguments)
            finally:
                self._turns.release()

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await _aclose(client)


async def _evaluate(
    client: _AsyncClient, script: Script, key: str, arguments: Sequence[Argument]
) -> Reply:
    try:
        return await client.evalsha(script.sha, 1, key, *arguments)
    except NoScriptError:
        return await client.eval(script.text, 1, key, *arguments)


async def _ask(
    client: redis.asyncio.cluster.RedisCluster,
    script: Script,
    key: str,
    arguments: Sequence[Argument],
) -> Reply:
    """Run a script on a key whose slot is on its way to another server.

    redis-py sends ASKING and the script over whichever connections are free, hence often over
    two, and gives up after sixteen times in which no server ran anything.
    """
    command = ("EVAL", script.text, 1, key, *arguments)
    source = client.get_node_from_key(key)
    if source is None:
        raise ClusterError
    try:
        return await source.execute_command(*command)
    except MovedError:
        raise
    except AskError as told:
        target = client.get_node(told.host, told.port)
    if target is None:
        raise ClusterError
    pair = [PipelineCommand(0, "ASKING"), PipelineCommand(1, *command)]
    await target.execute_pipeline(pair)  # over one connection
    answer = pair[1].result
    if isinstance(answer, Exception):
        raise answer
    return answer


def check(place: ValkeyPlace) -> None:
    """Ask every primary whether it is one that a store may trust.

    Raises:
        StoreError: It cannot be reached, or may not be asked.
        UnavailableError: It evicts keys when its memory is full, hence forgets locks and spent
            codes as soon as somebody starts enough sign-ins.
    """
    with _store_errors("the Valkey server cannot be reached"):
        client = _blocking_client(place)
        try:
            for told in _memory(client):
                if told.get("maxmemory_policy") != _KEEPS_ALL:
                    raise UnavailableError(
                        "the Valkey server evicts keys when its memory is full: "
                        f"set its maxmemory-policy to {_KEEPS_ALL}"
                    )
        finally:
            _close(client)


def _memory(client: _Client) -> list[dict[str, Any]]:
    if isinstance(client, redis.cluster.RedisCluster):
        return [client.info("memory", target_nodes=node) for node in client.get_primaries()]
    told: dict[str, Any] = client.info("memory")
    return [told]


def _blocking_client(place: ValkeyPlace) -> _Client:
    """Make a client; that of a cluster connects at once."""
    options = _options(place, place.login)
    pairs = [(address.host, address.port) for address in place.addresses]
    match place.topology:
        case Topology.SINGLE:
            ((host, port),) = pairs
            return redis.Redis(host, port, db=place.database, retry=_never(), **options)
        case Topology.CLUSTER:
            nodes = [redis.cluster.ClusterNode(host, port) for host, port in pairs]
            return redis.cluster.RedisCluster(
                startup_nodes=nodes, retry=_never(), reinitialize_steps=_IN_PLACE, **options
            )
        case Topology.SENTINEL:
            asked = {**_options(place, place.sentinel_login), "retry": _never()}
            sentinel = redis.sentinel.Sentinel(pairs, sentinel_kwargs=asked)
            client: redis.Redis = sentinel.master_for(
                place.service, db=place.database, retry=_never(), **options
            )
            return client
        case _:
            assert_never(place.topology)


def _async_client(place: ValkeyPlace) -> _AsyncClient:
    """Make a client; nothing is connected yet."""
    options = _options(place, place.login)
    pairs = [(address.host, address.port) for address in place.addresses]
    never = AsyncRetry(NoBackoff(), 0)
    match place.topology:
        case Topology.SINGLE:
            ((host, port),) = pairs
            return redis.asyncio.Redis(
                host=host, port=port, db=place.database, retry=never, **options
            )
        case Topology.CLUSTER:
            nodes = [redis.asyncio.cluster.ClusterNode(host, port) for host, port in pairs]
            return redis.asyncio.cluster.RedisCluster(
                startup_nodes=nodes, retry=never, reinitialize_steps=_IN_PLACE, **options
            )
        case Topology.SENTINEL:
            asked = {**_options(place, place.sentinel_login), "retry": never}
            sentinel = redis.asyncio.sentinel.Sentinel(pairs, sentinel_kwargs=asked)
            client: redis.asyncio.Redis = sentinel.master_for(
                place.service, db=place.database, retry=never, **options
            )
            return client
        case _:
            assert_never(place.topology)


def _close(client: _Client) -> None:
    client.close()
    if isinstance(client, redis.Redis):
        for asked in _sentinels(client.connection_pool):
            asked.close()


async def _aclose(client: _AsyncClient) -> None:
    await client.aclose()
    if isinstance(client, redis.asyncio.Redis):
        for asked in _sentinels(client.connection_pool):
            await asked.aclose()
    else:
        for nodes in ("nodes_cache", "startup_nodes"):  # after a failure aclose passes them over
            await client.nodes_manager.aclose(nodes)


def _sentinels(pool: object) -> list[Any]:
    """Give the clients that ask Sentinel: closing the one of the primary leaves them open."""
    asks = (redis.sentinel.SentinelConnectionPool, redis.asyncio.sentinel.SentinelConnectionPool)
    return list(pool.sentinel_manager.sentinels) if isinstance(pool, asks) else []


def _options(place: ValkeyPlace, login: Login) -> dict[str, Any]:
    """Give what all clients are told."""
    options: dict[str, Any] = {
        "username": login.user,
        "password": login.password,
        "socket_connect_timeout": _CONNECT_S,
        "socket_timeout": _ANSWER_S,
        "protocol": 2,
    }
    if place.tls is not None:
        options |= {
            "ssl": True,
            "ssl_ca_certs": place.tls.authorities,
            "ssl_certfile": place.tls.certificate,
            "ssl_keyfile": place.tls.key,
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
        }
    return options


def _never() -> Retry:
    return Retry(NoBackoff(), 0)


@contextmanager
def _store_errors(what: str = _FAILED) -> Iterator[None]:
    try:
        yield
    except (RedisError, RedisClusterException, OSError, UnicodeError, AttributeError):
        # redis-py raises the last where it is sent to a server that it does not know yet.
        raise StoreError(what) from None
