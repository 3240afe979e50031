"""Where blocking calls run; the engine's port of the same name, which stores may not import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Work(Protocol):
    """Runs a task inline, or off the event loop."""

    async def run(self, task: Callable[[], Result]) -> Result:
        """Run it and give its result, or raise what it raised."""
