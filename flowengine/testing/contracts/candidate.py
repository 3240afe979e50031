"""An adapter under a contract, and the ways to set many callers on it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, Generic, Protocol, TypeVar

Port = TypeVar("Port")
Result = TypeVar("Result")
Call = Callable[[], Coroutine[Any, Any, Result]]


class BrokenContractError(AssertionError):
    """An adapter does not do what its port promises; the message is the broken promise."""


class Race(Protocol):
    """Makes all calls at once and gives their results in order."""

    async def __call__(self, calls: Sequence[Call[Result]]) -> list[Result]:
        """Make them."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Port]):
    """What a contract is run on.

    Attributes:
        make: Makes the adapter; called once by each check.
        race: :func:`in_threads` where coroutines never suspend, else :func:`in_tasks`.
    """

    make: Callable[[], Port]
    race: Race


Check = Callable[[Candidate[Port]], Coroutine[Any, Any, None]]


def check_name(check: Callable[..., object]) -> str:
    """Give the name of a check, for reports."""
    return check.__name__


def expect(kept: bool, promise: str) -> None:  # noqa: FBT001 - reads as the assertion it is
    """Raise unless the promise was kept.

    Raises:
        BrokenContractError: It was not.
    """
    if not kept:
        raise BrokenContractError(promise)


def drive(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine that never suspends, without an event loop.

    Raises:
        BrokenContractError: It suspended.
    """
    try:
        coroutine.send(None)
    except StopIteration as finished:
        result: Result = finished.value
        return result
    coroutine.close()
    raise BrokenContractError("a blocking adapter never suspends")


async def in_threads(calls: Sequence[Call[Result]]) -> list[Result]:
    """Make each call in a thread of its own, all released at once; never suspends."""
    start = Barrier(len(calls))

    def run(call: Call[Result]) -> Result:
        start.wait()
        return drive(call())

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


async def in_tasks(calls: Sequence[Call[Result]]) -> list[Result]:
    """Make each call in a task of the running loop."""
    return list(await asyncio.gather(*(call() for call in calls)))
