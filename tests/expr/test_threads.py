"""Programs are shared by threads, each with bindings of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowengine.expr import Environment

_THREADS = 8
_ROUNDS = 125_000 // 8 if os.environ.get("FLOWENGINE_SOAK") else 200
_ENVIRONMENT = Environment(
    {"i": "int", "l": "list(int)", "m": "map(string, int)", "s": "string"}, sizes={"l": 16}
)
_TEXTS = (
    "i % 7 == 3 || i / (i % 2) == i",
    "l.exists(x, x == i) && l.all(x, l.exists(y, y == x))",
    "l.map(x, x + i).filter(x, x % 2 == 0)",
    "m.?a.orValue(i) + m.?b.orValue(i)",
    "cel.bind(x, i * 2, cel.bind(y, x + 1, [x, y, i]))",
    "s.matches('^n[0-9]+$') ? s + string(i) : ''",
    "{'a': i, s: i + 1}",
    "l.transformList(n, x, n * x + i)",
)


@pytest.fixture
def _often() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _bindings(number: int) -> dict[str, object]:
    low = number % 13
    values = {"a": number} if number % 3 else {"b": number}
    return {"i": 2 * number + 1, "l": [low, low + 1, low + 2], "m": values, "s": f"n{number}"}


@pytest.mark.usefixtures("_often")
@pytest.mark.timeout(1800)
def test_threads_that_share_programs_have_each_their_own_values() -> None:
    programs = [_ENVIRONMENT.compile(text) for text in _TEXTS]
    expected = [[one.evaluate(_bindings(number)) for one in programs] for number in range(64)]

    def work(thread: int) -> int:
        right = 0
        for turn in range(_ROUNDS):
            number = (turn * _THREADS + thread) % 64
            found = [one.evaluate(_bindings(number)) for one in programs]
            right += found == expected[number]
        return right

    with ThreadPoolExecutor(_THREADS) as pool:
        assert list(pool.map(work, range(_THREADS))) == [_ROUNDS] * _THREADS


@pytest.mark.usefixtures("_often")
def test_threads_that_compile_at_once_have_each_their_own_program() -> None:
    def work(number: int) -> object:
        return Environment({"i": "int"}).compile(f"i + {number}").evaluate({"i": number})

    with ThreadPoolExecutor(_THREADS) as pool:
        assert list(pool.map(work, range(64))) == [2 * number for number in range(64)]
