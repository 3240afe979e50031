from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowengine.errors import EvaluationError
from flowengine.flow.machine import FlowMachine, Row, Walk


def fails(_facts: Mapping[str, Any]) -> bool:
    raise EvaluationError("no such key")


def truthy(_facts: Mapping[str, Any]) -> object:
    return "yes"


def machine(*guards: object) -> FlowMachine:
    rows = [Row("proved", "a", "b", "guard", guard) for guard in guards]  # type: ignore[arg-type]
    return FlowMachine(["a", "b", "c"], [*rows, Row("proved", "a", "c")])


def test_the_first_true_guard_wins() -> None:
    walk = Walk("a", {"x": True})
    assert machine(lambda facts: facts["x"]).fire(walk, "proved")
    assert walk.state == "b"


def test_a_guard_without_a_value_denies_and_hides_what_stands_behind_it() -> None:
    walk = Walk("a", {})
    assert not machine(fails).fire(walk, "proved")
    assert walk.state == "a"
    assert walk.trail[-1].failed


def test_only_exactly_true_lets_through() -> None:
    walk = Walk("a", {})
    assert machine(truthy).fire(walk, "proved")
    assert walk.state == "c"


@pytest.mark.parametrize("outcome", ["wrong", "", "trigger"])
def test_what_is_no_outcome_denies(outcome: str) -> None:
    walk = Walk("a", {})
    assert not machine().fire(walk, outcome)
    assert walk.state == "a"
    assert walk.trail[-1].target is None


def test_an_outcome_that_this_node_lacks_denies() -> None:
    walk = Walk("b", {})
    assert not machine().fire(walk, "proved")
