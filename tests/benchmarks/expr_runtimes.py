"""Compiled conditions beside the other CEL runtimes of Python, each with its own best way in.

Google's C++ runtime has its bindings converted beforehand, as has cel-python; the Rust one
(common-expression-language) converts them in each call, as its interface does. Part of
``bench_expr.py``; each figure is the best of several rounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import cel as rust
import celpy
from cel_expr_python import cel
from celpy.adapter import json_to_cel

from flowengine.expr import Environment

_Maker = Callable[[str], Callable[[], object]]

_OURS = {
    "status": "string",
    "score": "int",
    "groups": "list(string)",
    "email": "string",
    "mfa": "bool",
    "attributes": "map(string, string)",
}
_THEIRS = {
    "status": cel.Type.STRING,
    "score": cel.Type.INT,
    "groups": cel.Type.List(cel.Type.STRING),
    "email": cel.Type.STRING,
    "mfa": cel.Type.BOOL,
    "attributes": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
_BINDINGS: dict[str, Any] = {
    "status": "CONFIRMED",
    "score": 7,
    "groups": ["staff", "admin"],
    "email": "a@example.com",
    "mfa": False,
    "attributes": {"plan": "gold"},
}
_CONDITIONS = (
    'status == "CONFIRMED"',
    "score < 20 && !mfa",
    '"admin" in groups',
    'groups.exists(g, g.startsWith("adm"))',
    'has(attributes.plan) && attributes.plan == "gold"',
    'email.endsWith("@example.com")',
    'email.matches("^[^@]+@example[.]com$")',
    'mfa || score < 20 && status in ["CONFIRMED", "RESET_REQUIRED"]',
)
_ROUNDS = 7
_CALLS = 2_000
_SLOW_CALLS = 20


def _best(run: Callable[[], object], calls: int) -> float:
    """Time a call, in nanoseconds."""
    best = math.inf
    for _ in range(_ROUNDS):
        start = perf_counter()
        for _ in range(calls):
            run()
        best = min(best, (perf_counter() - start) / calls)
    return best * 1e9


def _value(program: cel.Expression, activation: cel.Activation) -> object:
    return program.eval(activation).value()


def _ours() -> _Maker:
    environment = Environment(_OURS)
    return lambda text: partial(environment.compile(text).evaluate, _BINDINGS)


def _reference() -> _Maker:
    environment = cel.NewEnv(variables=_THEIRS)
    activation = environment.Activation(_BINDINGS)
    return lambda text: partial(_value, environment.compile(text), activation)


def _rust() -> _Maker:
    return lambda text: partial(rust.compile(text).execute, _BINDINGS)


def _cel_python(runner: type[celpy.Runner]) -> _Maker:
    """Make programs of cel-python, whose parser is one for the process and of one runner."""
    celpy.celparser.CELParser.CEL_PARSER = None
    environment = celpy.Environment(runner_class=runner)
    converted = {name: json_to_cel(value) for name, value in _BINDINGS.items()}

    def make(text: str) -> Callable[[], object]:
        return partial(environment.program(environment.compile(text)).evaluate, converted)

    return make


def _column(make: _Maker, calls: int) -> list[float]:
    """Time every condition, all of which are true."""
    times = []
    for text in _CONDITIONS:
        run = make(text)
        if not run():
            raise SystemExit(f"{text} is not true here")
        times.append(_best(run, calls))
    return times


def main() -> None:
    """Print a line for each condition, and the geometric means of the ratios to ours."""
    columns = {
        "ours": _column(_ours(), _CALLS),
        "C++": _column(_reference(), _CALLS),
        "Rust": _column(_rust(), _CALLS),
        "celpy int.": _column(_cel_python(celpy.InterpretedRunner), _SLOW_CALLS),
        "celpy comp.": _column(_cel_python(celpy.CompiledRunner), _SLOW_CALLS),
    }
    print("".join(f"{name:>14}" for name in columns))
    for number, text in enumerate(_CONDITIONS):
        print("".join(f"{times[number]:11.0f} ns" for times in columns.values()), "", text)
    for name, times in columns.items():
        logarithms = [
            math.log(one / ours) for one, ours in zip(times, columns["ours"], strict=True)
        ]
        print(f"{name:12} takes {math.exp(sum(logarithms) / len(logarithms)):8.1f} times as long")
