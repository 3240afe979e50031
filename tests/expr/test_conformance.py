"""CEL's own conformance cases: never a wrong answer, and nothing that CEL refuses."""

from __future__ import annotations

from tests.expr.conformance import CASES, outcome, speaks_of_types

_OUTCOMES = {case["id"]: outcome(case) for case in CASES}
_OF_MIXED_TYPES = {
    "[1, 'foo', 3].all(i, v, i == 0 || v == 1)",
    "[0, 'foo', 3].all(i, v, v % 2 == i)",
    "{?'nested_map': optional.ofNonZeroValue({?'map': {}.?c}), 'singleton': true}",
}
"""Literals of values of several types, which have the type dyn: there is none here."""


def test_no_case_has_a_wrong_answer_and_none_is_wrongly_accepted() -> None:
    wrong = {name: outcome for name, outcome in _OUTCOMES.items() if outcome.isupper()}
    assert not wrong


def test_every_case_that_cel_refuses_is_refused() -> None:
    refused = [_OUTCOMES[case["id"]] for case in CASES if case["static"] == "reject"]
    assert len(refused) == 52
    assert set(refused) <= {"early", "declined"}


def test_every_typed_case_passes_but_those_on_types_and_of_mixed_types() -> None:
    """An error that is told when compiling has been told early, not declined."""
    declined = {
        case["expr"]
        for case in CASES
        if case["static"] in ("ok", "empty", "n/a")
        and _OUTCOMES[case["id"]] == "declined"
        and not speaks_of_types(case)
    }
    assert declined == _OF_MIXED_TYPES


def test_what_needs_dynamic_types_passes_or_is_refused_when_compiling() -> None:
    dynamic = [_OUTCOMES[case["id"]] for case in CASES if case["static"] == "dyn"]
    assert len(dynamic) == 176
    assert set(dynamic) <= {"passed", "early", "declined"}
