"""Threads for functions that may never return."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")


class DaemonThreads:
    """A pool whose threads do not keep the process alive.

    ``concurrent.futures`` and ``asyncio.to_thread`` wait for theirs when the interpreter ends, and
    a backend's function that hangs would keep a server from stopping.
    """

    def __init__(self, most: int) -> None:
        """Start at most so many threads, each when it is first needed; what comes then waits."""
        self._most = most
        self._started = 0
        self._idle = threading.Semaphore(0)
        self._starting = threading.Lock()
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()

    def submit(self, task: Callable[[], Result]) -> Future[Result]:
        """Run a task in a thread, with the context variables of now."""
        future: Future[Result] = Future()
        context = copy_context()
        self._waiting.put((future, lambda: context.run(task)))
        if not self._idle.acquire(blocking=False):
            self._start()
        return future

    def _start(self) -> None:
        with self._starting:
            if self._started == self._most:
                return
            self._started += 1
        threading.Thread(target=self._work, name="flowengine-function", daemon=True).start()

    def _work(self) -> None:
        while True:
            self._do(*self._waiting.get())
            self._idle.release()

    def _do(self, future: Future[Any], task: Callable[[], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(task())
        except StopIteration:
            # asyncio's futures carry none; a coroutine that raises it ends like this too.
            future.set_exception(RuntimeError("a function raised StopIteration"))
        except BaseException as error:  # noqa: BLE001 - it belongs to who waits
            future.set_exception(error)
