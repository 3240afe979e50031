"""CEL's own conformance cases, run one by one.

``python -m tests.expr.conformance`` prints a count for each file, and with ``-v`` each case that
was declined. ``tests/expr/cel/README.md`` says how to read the cases and carries their notice.
"""

from __future__ import annotations

import base64
import json
import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import Environment, Program, times

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cel" / "cases.json").read_text(encoding="utf-8")
)


def _python(typed: dict[str, Any]) -> object:  # noqa: PLR0911 - one per type
    """Turn a typed value of a case into what it is at run time."""
    ((kind, value),) = typed.items()
    match kind:
        case "list":
            return [_python(one) for one in value]
        case "map":
            return {_python(key): _python(one) for key, one in value}
        case "bytes":
            return base64.b64decode(value)
        case "double":
            return float(value)
        case "timestamp":
            return times.read_timestamp(value)
        case "duration":
            return times.read_duration(value)
        case _:
            return value


def _same(found: object, typed: dict[str, Any]) -> bool:
    """Compare strictly: int and bool and float are different, NaN equals NaN."""
    ((kind, value),) = typed.items()
    match kind:
        case "list":
            return (
                isinstance(found, list)
                and len(found) == len(value)
                and all(map(_same, found, value))
            )
        case "map":
            return _same_map(found, value)
        case "double":
            number = float(value)
            return type(found) is float and (
                math.isnan(found) if math.isnan(number) else repr(found) == repr(number)
            )
        case _:
            expected = _python(typed)
            return type(found) is type(expected) and found == expected


def _same_map(found: object, entries: list[list[dict[str, Any]]]) -> bool:
    return (
        isinstance(found, dict)
        and len(found) == len(entries)
        and all(_python(key) in found and _same(found[_python(key)], one) for key, one in entries)
    )


_KINDS = {"null": "null_type"}


def _kind_fits(kind: str, typed: dict[str, Any]) -> bool:
    """Tell whether the type that we found is that of the expected value."""
    ((expected, _),) = typed.items()
    if kind == "number":  # the reference checker says dyn, which is any of the three
        return expected in ("int", "uint", "double")
    return kind.split("(", 1)[0] == _KINDS.get(expected, expected)


def outcome(case: dict[str, Any]) -> str:
    """Run one case: passed, early (an error told when compiling), declined, or WRONG."""
    expected = case["expected"]
    try:
        program = Environment(case["types"]).compile(case["expr"])
    except ExpressionError as error:
        unknown = any(found.rule == "unknown-function" for found in error.diagnostics)
        return "early" if "error" in expected and not unknown else "declined"
    if case["static"] == "reject":
        return "WRONGLY ACCEPTED"
    if case["deduced_type"] not in (None, str(program.type)):
        return "WRONG TYPE"
    return "passed" if case["check_only"] else _evaluated(case, program)


def _evaluated(case: dict[str, Any], program: Program) -> str:
    expected = case["expected"]
    try:
        found = program.evaluate({name: _python(one) for name, one in case["bindings"].items()})
    except EvaluationError:
        return "passed" if "error" in expected else "WRONG ERROR"
    if "value" not in expected or not _same(found, expected["value"]):
        return "WRONG VALUE"
    return "passed" if _kind_fits(str(program.type), expected["value"]) else "WRONG TYPE"


def speaks_of_types(case: dict[str, Any]) -> bool:
    """Tell a case on the values of ``type()``, which the language leaves out."""
    return "type" in case["feats"] or "type" in case["expected"].get("value", ())


def main() -> None:
    """Print how many cases of each file and kind had which outcome."""
    found = [(case, outcome(case)) for case in CASES]
    counts: dict[str, Counter[str]] = {}
    for case, what in found:
        kind = "type()" if speaks_of_types(case) else case["static"]
        counts.setdefault(case["file"], Counter())[f"{kind} {what}"] += 1
    for file, outcomes in sorted(counts.items()):
        listed = ", ".join(f"{what}: {count}" for what, count in sorted(outcomes.items()))
        print(f"{file:16} {sum(outcomes.values()):4}  {listed}")  # noqa: T201
    if "-v" in sys.argv:
        for case, what in found:
            if what == "declined":
                print(f"{case['static']:6} {case['id']}: {case['expr']}")  # noqa: T201
    if any(what.isupper() for _, what in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
