"""The facts that a backend supplies are held against their declared types before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.accounts.user import UserFacts
from flowengine.engine.engine import Engine
from flowengine.engine.replies import SuccessReply
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from flowengine.stores.memory import MemoryCounters, MemorySessions
from tests.engine.world import program

FLOW = """
flow: by-risk
version: 1
inputs:
  risk: {type: {score: int, signals: [string]}, default: {score: 100, signals: []}}
  channel: {type: string}
require: [risk.score < 20]
start: gate
nodes:
  gate:
    choose:
      - when: risk.score < 20 && channel == "app"
        goto: done
      - else: refused
  done: {end: success}
"""
RISK = {"score": 3, "signals": ["new-ip"]}


def start(inputs: dict[str, Any]) -> Any:
    engine = Engine([program(FLOW)], sessions=MemorySessions(), counters=MemoryCounters())
    return engine.start("by-risk", user=UserFacts(username="alice"), inputs=inputs)


def test_inputs_of_their_types_decide() -> None:
    assert isinstance(start({"risk": RISK, "channel": "app"}), SuccessReply)


def test_a_default_stands_in_for_what_is_not_given() -> None:
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        start({"channel": "app"})


@pytest.mark.parametrize(
    "risk",
    [
        None,
        3,
        {"score": "3", "signals": []},
        {"score": True, "signals": []},
        {"score": 3.0, "signals": []},
        {"score": 2**63, "signals": []},
        {"score": 3},
        {"score": 3, "signals": [], "more": 1},
        {"score": 3, "signals": [1]},
        {"score": 3, "signals": "new-ip"},
    ],
)
def test_an_input_of_another_type_is_refused_by_name_and_not_shown(risk: Any) -> None:
    with pytest.raises(InvalidParameterError) as refused:
        start({"risk": risk, "channel": "app"})
    assert str(refused.value) == "The input risk is not of its declared type."


def test_a_missing_and_an_unknown_input_are_refused_by_name() -> None:
    with pytest.raises(InvalidParameterError, match="needs the input channel"):
        start({"risk": RISK})
    with pytest.raises(InvalidParameterError, match="has no input chanel"):
        start({"risk": RISK, "chanel": "app"})
