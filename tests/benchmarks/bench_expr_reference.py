"""Compiled conditions beside Google's C++ runtime, which has its bindings converted beforehand.

Run ``python tests/benchmarks/bench_expr_reference.py``; each figure is the best of several rounds.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cel_expr_python import cel

from flowengine.expr import Environment

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
_BINDINGS: dict[str, object] = {
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
_ROUNDS = 9
_CALLS = 5_000


def _best(run: Callable[[], object]) -> float:
    best = math.inf
    for _ in range(_ROUNDS):
        start = perf_counter()
        for _ in range(_CALLS):
            run()
        best = min(best, (perf_counter() - start) / _CALLS)
    return best


def _value(program: cel.Expression, activation: cel.Activation) -> object:
    return program.eval(activation).value()


def main() -> None:
    """Print a line for each condition, and the geometric mean."""
    theirs, ours = cel.NewEnv(variables=_THEIRS), Environment(_OURS)
    activation = theirs.Activation(_BINDINGS)
    print("    ours      C++  ratio")
    ratios: list[float] = []
    for text in _CONDITIONS:
        reference, evaluate = theirs.compile(text), ours.compile(text).evaluate
        assert reference.eval(activation).value() == evaluate(_BINDINGS)
        one = _best(partial(evaluate, _BINDINGS))
        other = _best(partial(_value, reference, activation))
        ratios.append(other / one)
        print(f"{one * 1e9:5.0f} ns {other * 1e9:5.0f} ns {other / one:6.1f}  {text}")
    print(f"\ngeometric mean: {math.exp(sum(map(math.log, ratios)) / len(ratios)):.1f}")


if __name__ == "__main__":
    main()
