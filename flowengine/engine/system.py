"""The system's own clock, entropy and work: the ports' ordinary implementations."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

Result = TypeVar("Result")
_log = logging.getLogger("flowengine.audit")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Say what time it is: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the port's implementation


class SystemEntropy:
    """The operating system's random generator."""

    def draw(self, size_bytes: int) -> bytes:
        """Draw that many bytes."""
        return os.urandom(size_bytes)  # noqa: TID251 - this is the port's implementation


class InlineWork:
    """Runs work where it is asked for; never suspends."""

    async def run(self, task: Callable[[], Result]) -> Result:
        """Run it."""
        return task()


class ThreadWork:
    """Runs work in a thread, so that an event loop goes on serving others.

    The arithmetic it is for (libcrypto's powers, argon2, RSA) releases the interpreter lock.
    """

    async def run(self, task: Callable[[], Result]) -> Result:
        """Run it in the loop's default executor."""
        return await asyncio.to_thread(task)


class LogObserver:
    """Writes what the engine did to the logger ``flowengine.audit``."""

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        """Log one line of ``key=value`` pairs."""
        _log.info("%s %s", event, " ".join(f"{key}={value!r}" for key, value in fields.items()))
