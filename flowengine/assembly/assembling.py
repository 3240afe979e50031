"""Puts a deployment together."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowengine.accounts.pool import Pool
from flowengine.assembly.adapters import (
    Close,
    PostgresqlStores,
    SignInStores,
    place_of,
    sign_in_stores,
    user_stores,
)
from flowengine.assembly.functions import load_functions
from flowengine.assembly.keyrings import decoy_secret, keyring_of
from flowengine.deployment.definition import Deployment, Listen
from flowengine.deployment.reader import ENDPOINT
from flowengine.engine.engine import AsyncEngine, Engine
from flowengine.engine.ports import Clock, Entropy, Observer, Work
from flowengine.engine.system import InlineWork, SystemEntropy, ThreadWork
from flowengine.stores.urls import MemoryPlace, Place


@dataclass(frozen=True, slots=True)
class Assembled:
    """A deployment that runs on an event loop.

    Attributes:
        admin: Secrets of administrators' access keys, by id.
        proxies: Whose X-Forwarded-For is believed.
        listen: The address that it wants to be served at.
    """

    engine: AsyncEngine
    admin: Mapping[str, str] = field(repr=False)
    proxies: tuple[str, ...] = field(repr=False)
    listen: Listen = field(repr=False)
    _closes: tuple[Close, ...] = field(repr=False)

    async def close(self) -> None:
        """Close its stores; on the event loop that used them."""
        async with AsyncExitStack() as stack:
            for close in self._closes:
                stack.push_async_callback(_close, close)


@dataclass(frozen=True, slots=True)
class AssembledBlocking:
    """A deployment for blocking code: commands, and backends without an event loop."""

    engine: Engine
    listen: Listen = field(repr=False)
    _closes: tuple[Close, ...] = field(repr=False)

    def close(self) -> None:
        """Close its stores."""
        with ExitStack() as stack:
            for close in self._closes:
                stack.callback(close)


def assemble(
    deployment: Deployment,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    observer: Observer | None = None,
) -> Assembled:
    """Open a deployment's stores and put its engine together.

    Raises:
        UnavailableError: A function, a driver or a key is missing.
        StoreError: A store cannot be opened.
        KeyringError: The keys are no good, or gone.
    """
    with _closed_on_failure() as closes:
        parts = _parts(deployment, _asynchronous, ThreadWork(), entropy or SystemEntropy(), closes)
        engine = AsyncEngine(
            deployment.flows.values(), clock=clock, entropy=entropy, observer=observer, **parts
        )
    definition = deployment.definition
    return Assembled(
        engine=engine,
        admin=MappingProxyType({key.id: key.secret for key in definition.admin}),
        proxies=definition.proxies,
        listen=definition.listen,
        _closes=tuple(closes),
    )


def assemble_blocking(
    deployment: Deployment,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    observer: Observer | None = None,
) -> AssembledBlocking:
    """Do the same for blocking code; see :func:`assemble`."""
    with _closed_on_failure() as closes:
        parts = _parts(deployment, _blocking, InlineWork(), entropy or SystemEntropy(), closes)
        engine = Engine(
            deployment.flows.values(), clock=clock, entropy=entropy, observer=observer, **parts
        )
    return AssembledBlocking(engine, deployment.definition.listen, tuple(closes))


@contextmanager
def _closed_on_failure() -> Iterator[list[Close]]:
    """Collect what closes the stores, and close those that are open when the rest fails."""
    closes: list[Close] = []
    try:
        yield closes
    except BaseException:
        for close in closes:
            closed = close()
            if inspect.iscoroutine(closed):
                closed.close()  # an asynchronous adapter opens when it is first used: not yet
        raise


def _parts(
    deployment: Deployment,
    connect: PostgresqlStores,
    work: Work,
    entropy: Entropy,
    closes: list[Close],
) -> dict[str, Any]:
    """Give what both engines are made of, and add what closes it."""
    definition = deployment.definition
    folder = Path(definition.source.name).parent
    functions = load_functions(
        (module.text for module in definition.functions), folder, deployment.flows.values()
    )
    endpoint = definition.endpoint or definition.listen.url
    pools = {pool.id: _with_issuer(pool, endpoint) for pool in deployment.pools}
    directory = place_of(definition.directory.text, folder)
    sessions = place_of(definition.sessions.text, folder)
    # The keys come first: once there is a database, their absence means that they were lost.
    keyring = keyring_of(definition, directory, entropy.draw)
    users = user_stores(directory, pools, keyring, work, entropy.draw)
    closes.append(users.close)
    sign_ins, beside_users = _sign_in_stores(sessions, directory, connect, closes)
    return {
        "sessions": sign_ins.sessions,
        "counters": beside_users.counters,
        "directory": users.directory,
        "grants": users.grants,
        "functions": functions,
        "pools": pools.values(),
        "clients": deployment.clients,
        "signing": users.signing,
        "decoy_secret": decoy_secret(keyring),
        "work": work,
    }


def _sign_in_stores(
    sessions: Place, directory: Place, connect: PostgresqlStores, closes: list[Close]
) -> tuple[SignInStores, SignInStores]:
    """Open where the sign-ins are kept and where the counters are; the same place, if it can be.

    A spent code and a lock last as long as their user does, whatever becomes of the sign-ins: so
    counters are beside the users, unless users end with the process.
    """
    sign_ins = sign_in_stores(sessions, connect)
    closes.append(sign_ins.close)
    if directory in {sessions, MemoryPlace()}:
        return sign_ins, sign_ins
    beside_users = sign_in_stores(directory, connect)
    closes.append(beside_users.close)
    return sign_ins, beside_users


def _with_issuer(pool: Pool, endpoint: str) -> Pool:
    """Give a pool its issuer, where that is the address of this server."""
    if pool.issuer != ENDPOINT:
        return pool
    return replace(pool, issuer=f"{endpoint}/{pool.id}")


def _asynchronous(url: str) -> SignInStores:
    from flowengine.stores.postgresql import (  # noqa: PLC0415 - an optional library
        PostgresqlCounters,
        PostgresqlSessions,
    )
    from flowengine.stores.postgresql_drivers import AsyncDriver  # noqa: PLC0415 - the same

    driver = AsyncDriver(url)
    return SignInStores(PostgresqlSessions(driver), PostgresqlCounters(driver), driver.close)


def _blocking(url: str) -> SignInStores:
    from flowengine.stores.postgresql import (  # noqa: PLC0415 - an optional library
        PostgresqlCounters,
        PostgresqlSessions,
    )
    from flowengine.stores.postgresql_drivers import BlockingDriver  # noqa: PLC0415 - the same

    driver = BlockingDriver(url)
    return SignInStores(PostgresqlSessions(driver), PostgresqlCounters(driver), driver.close)


async def _close(close: Close) -> None:
    closed = close()
    if inspect.isawaitable(closed):
        await closed
