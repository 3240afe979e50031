from __future__ import annotations

import pytest

from flowengine.errors import ExpressionError
from flowengine.expr import BOOL, Environment, parse

_ENVIRONMENT = Environment({"score": "int", "marks": "list(int)", "done": "bool"})


def _with(**definitions: str) -> Environment:
    return _ENVIRONMENT.with_definitions({name: parse(text) for name, text in definitions.items()})


def test_a_definition_stands_for_its_expression() -> None:
    made = _with(low="score < 20").compile("low && !done", BOOL)
    assert made.variables == {"score", "done"}
    assert made.text == "low && !done"
    assert made.evaluate({"score": 1, "done": False}) is True


def test_a_macro_variable_hides_a_definition_and_is_not_seen_inside_one() -> None:
    env = _with(low="score < 20")
    hidden = env.compile("marks.exists(low, low == 2)", BOOL)
    assert hidden.evaluate({"marks": [2], "score": 99}) is True
    inside = env.compile("marks.exists(score, low)", BOOL)
    assert inside.evaluate({"marks": [1], "score": 99}) is False


def test_a_definition_with_a_macro_keeps_its_own_variable() -> None:
    made = _with(any_two="marks.exists(m, m == 2)").compile("[5].all(m, any_two && m == 5)", BOOL)
    assert made.evaluate({"marks": [2]}) is True


def test_a_definition_may_use_others_when_it_was_expanded() -> None:
    env = _with(low="score < 20")
    both = env.with_definitions({**env.definitions, "fine": env.expand(parse("low && done"))})
    assert both.compile("fine", BOOL).evaluate({"score": 1, "done": True}) is True


def test_a_misspelt_definition_gets_a_hint_at_its_place() -> None:
    _, found = _with(second_factor="done").check("done && secondfactor", BOOL)
    assert [(one.message, one.hint, one.span.start) for one in found] == [
        ("unknown name secondfactor", "did you mean second_factor?", 8)
    ]


def test_a_type_error_about_a_definition_points_at_its_name() -> None:
    _, found = _with(low="score < 20").check("done && low == 3", BOOL)
    assert [(one.span.start, one.message) for one in found] == [(15, "expected bool, found int")]


def test_definitions_that_would_grow_without_bound_are_refused() -> None:
    with pytest.raises(ExpressionError) as caught:
        _again_and_again("(a && a) || score == 5")
    assert caught.value.diagnostics[0].rule == "expression-limit"


def test_definitions_that_would_nest_too_deep_are_refused() -> None:
    with pytest.raises(ExpressionError) as caught:
        _again_and_again("!a")
    assert caught.value.diagnostics[0].rule == "expression-limit"


def _again_and_again(text: str) -> None:
    """Define a name by itself, forty times."""
    env = _with(a="done")
    for _ in range(40):
        env = env.with_definitions({"a": env.expand(parse(text))})
