"""Runs the body of a test over either driver of Valkey, and closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from flowengine.runtime.stored import NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.valkey_drivers import AsyncDriver, BlockingDriver, Driver
from flowengine.stores.valkey_place import parse_valkey
from flowengine.testing.contracts.candidate import drive

Result = TypeVar("Result")
Body = Callable[[Driver], Coroutine[Any, Any, Result]]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Kind(Enum):
    """Which driver."""

    BLOCKING = "blocking"
    ASYNC = "async"

    def run(self, url: str, body: Body[Result], connections: int = 8) -> Result:
        if self is Kind.ASYNC:
            return asyncio.run(_in_a_loop(url, body, connections))
        driver = BlockingDriver(parse_valkey(url), connections)
        try:
            return drive(body(driver))
        finally:
            driver.close()


async def _in_a_loop(url: str, body: Body[Result], connections: int) -> Result:
    driver = AsyncDriver(parse_valkey(url), connections)
    try:
        return await body(driver)
    finally:
        await driver.close()


def token(name: str, step: int = 0) -> StepToken:
    """Give a handle of a sign-in; another test names another one."""
    return StepToken(name.encode().ljust(16, b".")[:16], step, b"s" * 32)


def new_step(node: str = "password", tries: int = 3, life: timedelta | None = None) -> NewStep:
    expires_at = NOW + (timedelta(minutes=3) if life is None else life)
    return NewStep(token("").secret_hash, '{"node":"x"}', b"sealed", node, tries, expires_at)
