"""CEL's own conformance cases: never a wrong answer, and nothing that CEL refuses.

``tests/expr/cel/README.md`` says how to read them and carries their notice.
"""

from __future__ import annotations

import base64
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import Environment, Program, times

_CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cel" / "cases.json").read_text(encoding="utf-8")
)
_PASSED_AT_LEAST = 654
"""Cases of kind ok or empty that are answered rightly; may only be raised."""


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


_WHOLE_FILES = frozenset(
    {"basic", "comparisons", "fields", "fp_math", "integer_math", "lists", "logic", "macros"}
    | {"namespace", "plumbing"}
)
_KINDS = {"null": "null_type"}


def _kind_fits(kind: str, typed: dict[str, Any]) -> bool:
    """Tell whether the type that we found is that of the expected value."""
    ((expected, _),) = typed.items()
    if kind == "number":  # the reference checker says dyn, which is any of the three
        return expected in ("int", "uint", "double")
    return kind.split("(", 1)[0] == _KINDS.get(expected, expected)


def _outcome(case: dict[str, Any]) -> str:
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


_OUTCOMES = {case["id"]: _outcome(case) for case in _CASES}


def test_no_case_has_a_wrong_answer_and_none_is_wrongly_accepted() -> None:
    wrong = {name: outcome for name, outcome in _OUTCOMES.items() if outcome.isupper()}
    assert not wrong


def test_every_case_that_cel_refuses_is_refused() -> None:
    refused = [_OUTCOMES[case["id"]] for case in _CASES if case["static"] == "reject"]
    assert refused
    assert set(refused) <= {"early", "declined"}


def test_the_cases_that_pass_do_not_become_fewer(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[str, Counter[str]] = {}
    for case in _CASES:
        counts.setdefault(case["static"], Counter())[_OUTCOMES[case["id"]]] += 1
    with capsys.disabled():
        for static, outcomes in sorted(counts.items()):
            print(f"\n{static}: {dict(sorted(outcomes.items()))}", end="")  # noqa: T201
    passed = (counts["ok"] + counts["empty"])["passed"]
    assert passed >= _PASSED_AT_LEAST


def test_only_what_is_out_of_the_present_scope_is_declined() -> None:
    """Every fully typed case without functions and features to come is answered."""
    declined = [
        case["expr"]
        for case in _CASES
        if case["static"] in ("ok", "empty", "n/a")
        and _OUTCOMES[case["id"]] == "declined"
        and not set(case["feats"]) & {"type", "math", "optional", "bind", "regex", "ip", "format"}
        and case["file"] in _WHOLE_FILES
    ]
    assert declined == []
