"""How a flow's call reaches the backend's Python, and what becomes of one that misbehaves."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowengine.engine.functions import AsyncFunctions, BlockingFunctions
from flowengine.engine.threads import DaemonThreads
from flowengine.errors import UnavailableError, UnexpectedLambdaError, UserLambdaValidationError
from flowengine.testing.contracts.candidate import drive
from tests import planted

_SECOND = timedelta(seconds=1)
_CALLER: ContextVar[str] = ContextVar("caller")


def call_blocking(function: Callable[..., Any], limit: timedelta = _SECOND, **given: Any) -> object:
    return drive(BlockingFunctions({"ask": function}).call("ask", given, limit))


def call_async(function: Callable[..., Any], limit: timedelta = _SECOND, **given: Any) -> object:
    return asyncio.run(AsyncFunctions({"ask": function}).call("ask", given, limit))


Call = Callable[..., object]
both = pytest.mark.parametrize("call", [call_blocking, call_async])


@both
def test_a_function_gets_its_arguments_and_the_callers_context(call: Call) -> None:
    _CALLER.set("alice")
    assert call(lambda name: (name, _CALLER.get()), name="bob") == ("bob", "alice")


def test_a_coroutine_function_is_awaited_by_the_asynchronous_engine_alone() -> None:
    async def ask(name: str) -> str:
        await asyncio.sleep(0)
        return name

    assert call_async(ask, name="bob") == "bob"
    with pytest.raises(UnavailableError, match="function ask is asynchronous: use AsyncEngine"):
        BlockingFunctions({"ask": ask})


@both
@pytest.mark.parametrize(
    ("raised", "told"),
    [(ValueError, "ValueError"), (SystemExit, "SystemExit"), (StopIteration, "RuntimeError")],
)
def test_whatever_a_function_raises_its_class_alone_is_told(
    call: Call, raised: type[BaseException], told: str
) -> None:
    def ask() -> None:
        raise raised(planted.CODE)

    with pytest.raises(UserLambdaValidationError) as error:
        call(ask)
    assert str(error.value) == f"ask failed with error {told}."


@both
def test_a_function_that_takes_too_long_is_given_up(call: Call) -> None:
    ended = threading.Event()
    try:
        with pytest.raises(UnexpectedLambdaError, match="invocation failed due to error Timeout"):
            call(ended.wait, timedelta(milliseconds=50))
    finally:
        ended.set()


_NEVER_RETURNS = """
import asyncio, threading
from datetime import timedelta
from flowengine.engine.functions import AsyncFunctions, BlockingFunctions
from flowengine.errors import UnexpectedLambdaError
from flowengine.testing.contracts.candidate import drive

functions = dict(ask=threading.Event().wait)
call = KIND(functions).call("ask", dict(), timedelta(milliseconds=50))
try:
    RUN(call)
except UnexpectedLambdaError:
    print("given up")
"""


@pytest.mark.parametrize(
    ("kind", "run"), [("BlockingFunctions", "drive"), ("AsyncFunctions", "asyncio.run")]
)
def test_a_function_that_never_returns_does_not_keep_the_process_alive(kind: str, run: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", _NEVER_RETURNS.replace("KIND", kind).replace("RUN", run)),
        cwd=Path(__file__).parents[2], text=True, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "given up\n", "")


def test_more_tasks_than_threads_wait_their_turn() -> None:
    threads, names = DaemonThreads(2), set()
    both_run = threading.Barrier(2)

    def task(number: int) -> int:
        names.add(threading.current_thread().ident)
        both_run.wait(10)
        return number

    futures = [threads.submit(lambda number=number: task(number)) for number in range(8)]  # type: ignore[misc]
    assert [future.result(10) for future in futures] == list(range(8))
    assert len(names) == 2


def test_a_thread_that_is_idle_is_used_again() -> None:
    threads = DaemonThreads(8)
    first = threads.submit(threading.get_ident).result(10)
    while not threads._idle._value:
        pass
    assert threads.submit(threading.get_ident).result(10) == first


def test_a_task_that_was_given_up_before_its_turn_is_not_run() -> None:
    threads, ended, ran = DaemonThreads(1), threading.Event(), []
    first = threads.submit(ended.wait)
    second = threads.submit(lambda: ran.append("second"))
    assert second.cancel()
    ended.set()
    assert first.result(10)
    assert threads.submit(lambda: "third").result(10) == "third"
    assert ran == []
