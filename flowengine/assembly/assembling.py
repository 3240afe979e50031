"""Puts a deployment together."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowengine.accounts.pool import FunctionInput, Pool
from flowengine.assembly.adapters import (
    place_of_counters,
    place_of_sign_ins,
    place_of_users,
    sign_in_stores,
    user_stores,
)
from flowengine.assembly.connecting import (
    AsyncConnecting,
    BlockingConnecting,
    Close,
    Connecting,
    SignInStores,
)
from flowengine.assembly.deliveries import delivery_of, folder_of
from flowengine.assembly.functions import load_function, load_functions, load_input
from flowengine.assembly.keyrings import decoy_secret, keyring_of
from flowengine.delivery.queue import QueuedDelivery
from flowengine.deployment.definition import Deployment, DeploymentDefinition, Listen
from flowengine.deployment.reader import ENDPOINT
from flowengine.engine.engine import AsyncEngine, Engine
from flowengine.engine.ports import Clock, Entropy, Observer, Work
from flowengine.engine.system import (
    InlineWork,
    LogObserver,
    SystemClock,
    SystemEntropy,
    ThreadWork,
)
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.stores.urls import Place, SignInPlace


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
        """Send what waits to be sent, for a limited time, and close its stores.

        On the event loop that used them.
        """
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
        """Send what waits to be sent, for a limited time, and close its stores."""
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
        world = _world(clock, entropy, observer)
        parts = _parts(deployment, world, AsyncConnecting(), ThreadWork(), closes)
        closes.extend(_closing_in_a_thread(parts["delivery"]))
        engine = AsyncEngine(deployment.flows.values(), **parts)
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
        world = _world(clock, entropy, observer)
        parts = _parts(deployment, world, BlockingConnecting(), InlineWork(), closes)
        closes.extend(_closing(parts["delivery"]))
        engine = Engine(deployment.flows.values(), **parts)
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


@dataclass(frozen=True, slots=True)
class _World:
    """What the engine and the delivery share of the world."""

    clock: Clock
    entropy: Entropy
    observer: Observer


def _world(clock: Clock | None, entropy: Entropy | None, observer: Observer | None) -> _World:
    return _World(clock or SystemClock(), entropy or SystemEntropy(), observer or LogObserver())


def _parts(
    deployment: Deployment,
    world: _World,
    connecting: Connecting,
    work: Work,
    closes: list[Close],
) -> dict[str, Any]:
    """Give what both engines are made of, and add what closes the stores."""
    definition = deployment.definition
    folder = folder_of(definition)
    functions = _functions(deployment, folder)
    delivery = delivery_of(definition, deployment.flows, world.clock, world.entropy, world.observer)
    endpoint = definition.endpoint or definition.listen.url
    pools = {pool.id: _with_issuer(pool, endpoint) for pool in deployment.pools}
    directory = place_of_users(definition.directory.text, folder)
    sessions = place_of_sign_ins(definition.sessions.text, folder)
    # The keys come first: once there is a database, their absence means that they were lost.
    keyring = keyring_of(definition, directory, world.entropy.draw)
    users = user_stores(directory, pools, keyring, work, world.entropy.draw)
    closes.append(users.close)
    sign_ins, counting = _sign_in_stores(sessions, directory, connecting, closes)
    return {
        "sessions": sign_ins.sessions,
        "counters": counting.counters,
        "directory": users.directory,
        "grants": users.grants,
        "devices": users.devices,
        "delivery": delivery,
        "functions": functions,
        "triggers": _triggers(definition, folder),
        "pools": pools.values(),
        "clients": deployment.clients,
        "signing": users.signing,
        "decoy_secret": decoy_secret(keyring),
        "clock": world.clock,
        "entropy": world.entropy,
        "work": work,
        "observer": world.observer,
    }


def _functions(deployment: Deployment, folder: Path) -> dict[str, Callable[..., Any]]:
    """Load what flows call, by its name, and what gives inputs, as it is written."""
    modules = (module.text for module in deployment.definition.functions)
    functions = load_functions(modules, folder, deployment.flows.values())
    for client in deployment.clients:
        for source in client.inputs.values():
            if isinstance(source, FunctionInput):
                functions[source.function] = load_input(source.function, folder)
    return functions


def _triggers(definition: DeploymentDefinition, folder: Path) -> dict[str, PoolTriggers]:
    """Load the handlers of each pool that has some, by its id."""
    return {
        pool.id.text: PoolTriggers(
            **{name.text: load_function(written.text, folder) for name, written in pool.triggers},
            token_event=pool.token_event,
            empty_private=pool.empty_private,
        )
        for pool in definition.pools
        if pool.triggers
    }


def _sign_in_stores(
    sessions: SignInPlace, directory: Place, connecting: Connecting, closes: list[Close]
) -> tuple[SignInStores, SignInStores]:
    """Open where the sign-ins are kept and where the counters are, often the same place."""
    counters = place_of_counters(sessions, directory)
    sign_ins = sign_in_stores(sessions, connecting)
    closes.append(sign_ins.close)
    if counters == sessions:
        return sign_ins, sign_ins
    counting = sign_in_stores(counters, connecting)
    closes.append(counting.close)
    return sign_ins, counting


def _closing(delivery: QueuedDelivery | None) -> Iterator[Close]:
    """Give what closes the queue; added last, it is called first, while stores are open."""
    if delivery is not None:
        yield delivery.close


def _closing_in_a_thread(delivery: QueuedDelivery | None) -> Iterator[Close]:
    for close in _closing(delivery):
        yield partial(asyncio.to_thread, close)


def _with_issuer(pool: Pool, endpoint: str) -> Pool:
    """Give a pool its issuer, where that is the address of this server."""
    if pool.issuer != ENDPOINT:
        return pool
    return replace(pool, issuer=f"{endpoint}/{pool.id}")


async def _close(close: Close) -> None:
    closed = close()
    if inspect.isawaitable(closed):
        await closed
