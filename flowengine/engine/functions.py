"""Registered functions: how a flow's ``call`` reaches the backend's Python."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import timedelta
from functools import partial
from typing import Any

from flowengine.accounts.triggers import TRIGGERS
from flowengine.engine.threads import DaemonThreads
from flowengine.errors import (
    CallerError,
    UnavailableError,
    UnexpectedLambdaError,
    UserLambdaValidationError,
)

_CALLS_AT_ONCE = 32


class BlockingFunctions:
    """Plain functions, called from a thread so that each has its time limit; never suspends."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Take functions by the name that flows call them by.

        Raises:
            UnavailableError: One is a coroutine function, which only AsyncEngine can await.
        """
        for name, function in functions.items():
            if inspect.iscoroutinefunction(function):
                raise UnavailableError(f"function {name} is asynchronous: use AsyncEngine")
        self._functions = dict(functions)
        self._threads = DaemonThreads(_CALLS_AT_ONCE)

    def has(self, name: str) -> bool:
        """Say whether a function of this name is registered."""
        return name in self._functions

    async def call(self, name: str, arguments: Mapping[str, Any], limit: timedelta) -> object:
        """Call one with keyword arguments and wait for it at most ``limit``."""
        future = self._threads.submit(partial(self._functions[name], **arguments))
        try:
            return future.result(limit.total_seconds())
        except FutureTimeoutError:
            future.cancel()
            raise _too_late(name) from None
        except CallerError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raised: refused
            raise _failed(name, error) from None


class AsyncFunctions:
    """Plain and coroutine functions; plain ones run in threads, off the event loop."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Take functions by the name that flows call them by."""
        self._functions = dict(functions)
        self._threads = DaemonThreads(_CALLS_AT_ONCE)

    def has(self, name: str) -> bool:
        """Say whether a function of this name is registered."""
        return name in self._functions

    async def call(self, name: str, arguments: Mapping[str, Any], limit: timedelta) -> object:
        """Call one with keyword arguments and wait for it at most ``limit``."""
        function = self._functions[name]
        try:
            async with asyncio.timeout(limit.total_seconds()):
                if inspect.iscoroutinefunction(function):
                    return await function(**arguments)
                task = partial(function, **arguments)
                return await asyncio.wrap_future(self._threads.submit(task))
        except TimeoutError:
            raise _too_late(name) from None
        except CallerError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raised: refused
            raise _failed(name, error) from None


def _too_late(name: str) -> UnexpectedLambdaError:
    return UnexpectedLambdaError(f"{_told(name)} invocation failed due to error TimeoutError.")


def _failed(name: str, error: BaseException) -> UserLambdaValidationError:
    # The class alone: the text of an error that nobody meant for a client may hold anything.
    return UserLambdaValidationError(f"{_told(name)} failed with error {type(error).__name__}.")


def _told(name: str) -> str:
    """Give what a client is told of ``module:function``: not how the backend is laid out.

    A pool's trigger is told by Cognito's name.
    """
    plain = name.rpartition(":")[2]
    return TRIGGERS.get(plain.rpartition("/")[2], plain)
