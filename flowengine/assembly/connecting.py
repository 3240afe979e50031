"""Connects the stores of sign-ins that have a server, each way as a driver of the engine needs it.

The libraries are optional: each is imported when a deployment names its kind of server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flowengine.engine.ports import Counters, SessionStore
from flowengine.stores.valkey_place import ValkeyPlace

Close = Callable[[], object]
"""Closes something; one of an asynchronous adapter gives an awaitable."""


@dataclass(frozen=True, slots=True)
class SignInStores:
    """What one place keeps of sign-ins: themselves, and counters."""

    sessions: SessionStore
    counters: Counters
    close: Close


class Connecting(Protocol):
    """Takes what will be connected to a server at the first statement."""

    def postgresql(self, url: str) -> SignInStores:
        """Keep sign-ins and counters in PostgreSQL."""

    def valkey(self, place: ValkeyPlace) -> SignInStores:
        """Keep sign-ins and counters in Valkey or Redis.

        Raises:
            UnavailableError: The library is missing, or the server may forget what it was told.
            StoreError: The server cannot be reached.
        """


class AsyncConnecting:
    """Stores that suspend, for ``AsyncEngine``."""

    def postgresql(self, url: str) -> SignInStores:
        """Keep sign-ins and counters in PostgreSQL."""
        from flowengine.stores.postgresql import (  # noqa: PLC0415 - an optional library
            PostgresqlCounters,
            PostgresqlSessions,
        )
        from flowengine.stores.postgresql_drivers import AsyncDriver  # noqa: PLC0415 - the same

        driver = AsyncDriver(url)
        return SignInStores(PostgresqlSessions(driver), PostgresqlCounters(driver), driver.close)

    def valkey(self, place: ValkeyPlace) -> SignInStores:
        """Keep sign-ins and counters in Valkey or Redis."""
        from flowengine.stores.valkey import (  # noqa: PLC0415 - an optional library
            ValkeyCounters,
            ValkeySessions,
        )
        from flowengine.stores.valkey_drivers import (  # noqa: PLC0415 - the same
            AsyncDriver,
            check,
        )

        check(place)
        driver = AsyncDriver(place)
        return SignInStores(ValkeySessions(driver), ValkeyCounters(driver), driver.close)


class BlockingConnecting:
    """Stores that never suspend, for ``Engine``."""

    def postgresql(self, url: str) -> SignInStores:
        """Keep sign-ins and counters in PostgreSQL."""
        from flowengine.stores.postgresql import (  # noqa: PLC0415 - an optional library
            PostgresqlCounters,
            PostgresqlSessions,
        )
        from flowengine.stores.postgresql_drivers import BlockingDriver  # noqa: PLC0415 - the same

        driver = BlockingDriver(url)
        return SignInStores(PostgresqlSessions(driver), PostgresqlCounters(driver), driver.close)

    def valkey(self, place: ValkeyPlace) -> SignInStores:
        """Keep sign-ins and counters in Valkey or Redis."""
        from flowengine.stores.valkey import (  # noqa: PLC0415 - an optional library
            ValkeyCounters,
            ValkeySessions,
        )
        from flowengine.stores.valkey_drivers import (  # noqa: PLC0415 - the same
            BlockingDriver,
            check,
        )

        check(place)
        driver = BlockingDriver(place)
        return SignInStores(ValkeySessions(driver), ValkeyCounters(driver), driver.close)
