"""Compiled conditions beside lambdas written by hand, then beside other CEL runtimes.

Run ``python tests/benchmarks/bench_expr.py``. The machine is shared, so the ratio is what to
quote; each is the best of several rounds. The lambdas do what a person would write: they check
no types and absorb no errors.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flowengine.expr import BOOL, parse
from tests.benchmarks import expr_runtimes
from tests.expr.builders import ENVIRONMENT, bindings

_Condition = Callable[[Mapping[str, Any]], object]

_CONDITIONS: tuple[tuple[str, _Condition], ...] = (
    (
        'user.status == "FORCE_CHANGE_PASSWORD"',
        lambda b: b["user"]["status"] == "FORCE_CHANGE_PASSWORD",
    ),
    ("user.has.totp", lambda b: b["user"]["has"]["totp"]),
    (
        "risk.score < 20 && !user.has.any",
        lambda b: b["risk"]["score"] < 20 and not b["user"]["has"]["any"],
    ),
    (
        "proved.totp || proved.passkey || proved.device",
        lambda b: b["proved"]["totp"] or b["proved"]["passkey"] or b["proved"]["device"],
    ),
    (
        "proved.device && age.totp < duration('5m')",
        lambda b: b["proved"]["device"] and b["age"]["totp"] < 300_000_000_000,
    ),
    (
        'user.status in ["CONFIRMED", "RESET_REQUIRED"]',
        lambda b: b["user"]["status"] in {"CONFIRMED", "RESET_REQUIRED"},
    ),
    ('"admin" in user.groups', lambda b: "admin" in b["user"]["groups"]),
    (
        'user.groups.exists(g, g.startsWith("adm"))',
        lambda b: any(g.startswith("adm") for g in b["user"]["groups"]),
    ),
    (
        'has(user.attributes.plan) && user.attributes.plan == "gold"',
        lambda b: "plan" in b["user"]["attributes"] and b["user"]["attributes"]["plan"] == "gold",
    ),
)
_ROUNDS = 15
_CALLS = 20_000


def _best(run: _Condition, bound: Mapping[str, Any], best: float) -> float:
    """Time one round; in nanoseconds a call."""
    start = perf_counter()
    for _ in range(_CALLS):
        run(bound)
    return min(best, (perf_counter() - start) / _CALLS * 1e9)


def _compile_time(text: str) -> float:
    """Time compiling a condition; in microseconds, the best of several."""
    times = []
    for _ in range(30):
        start = perf_counter()
        _ = ENVIRONMENT.compile(text, BOOL).evaluate
        times.append(perf_counter() - start)
    return min(times) * 1e6


def main() -> None:
    """Print a line for each condition, and the geometric mean of the ratios."""
    start = perf_counter()
    parse("true")
    print(f"building the parser: {(perf_counter() - start) * 1e3:.0f} ms, once\n")
    print(f"{'ours':>8} {'lambda':>8} {'ratio':>6} {'compile':>9}")
    ratios = []
    for text, by_hand in _CONDITIONS:
        run, bound = ENVIRONMENT.compile(text, BOOL).evaluate, bindings()
        if run(bound) is not bool(by_hand(bound)):
            raise SystemExit(f"the lambda for {text} says something else")
        ours = theirs = math.inf
        for _ in range(_ROUNDS):
            ours, theirs = _best(run, bound, ours), _best(by_hand, bound, theirs)
        ratios.append(ours / theirs)
        compiled = f"{_compile_time(text):6.0f} us"
        print(f"{ours:5.0f} ns {theirs:5.0f} ns {ratios[-1]:6.2f} {compiled}  {text}")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"\ngeometric mean of the ratios: {mean:.2f}; highest {max(ratios):.2f}\n")
    expr_runtimes.main()


if __name__ == "__main__":
    main()
