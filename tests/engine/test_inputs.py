"""The facts that a backend supplies are held against their declared types before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.accounts.pool import FunctionInput
from flowengine.accounts.user import UserFacts
from flowengine.engine.engine import Engine
from flowengine.engine.refreshing import _inputs
from flowengine.engine.replies import SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    InvalidLambdaResponseError,
    InvalidParameterError,
    NotAuthorizedError,
)
from flowengine.stores.memory import MemoryCounters, MemorySessions
from tests.engine.world import PASSWORD, WEB, World, program

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


def test_an_input_beyond_its_declared_size_is_refused_by_name_and_not_shown() -> None:
    bounded = FLOW.replace("channel: {type: string}", "channel: {type: string, max_length: 3}")
    bounded = bounded.replace("signals: []}}", "signals: []}, max_items: 1, max_length: 6}")
    more = "  labels: {type: map(string), default: {}, max_items: 1, max_length: 2}\nrequire:"
    bounded = bounded.replace("require:", more)

    def begin(channel: str, *signals: str, **labels: str) -> Any:
        engine = Engine([program(bounded)], sessions=MemorySessions(), counters=MemoryCounters())
        risk = {"score": 3, "signals": list(signals)}
        inputs = {"risk": risk, "channel": channel, "labels": labels}
        return engine.start("by-risk", user=UserFacts(username="alice"), inputs=inputs)

    assert isinstance(begin("app", "new-ip", long_key="ab"), SuccessReply)
    for labels in ({"a": "abc"}, {"a": "", "b": ""}):
        with pytest.raises(InvalidParameterError, match="The input labels is not of its"):
            begin("app", **labels)
    for wrong, given in (
        ("channel", ("appp",)),
        ("risk", ("app", "new-ip6")),
        ("risk", ("app", "", "")),
    ):
        with pytest.raises(InvalidParameterError) as refused:
            begin(*given)
        assert str(refused.value) == f"The input {wrong} is not of its declared type."


@pytest.mark.parametrize(("channel", "good"), [("app", True), ("appp", False)])
def test_a_clients_function_gives_no_more_than_is_declared(channel: str, *, good: bool) -> None:
    world = World(OF_CLIENT, functions={"of_client": lambda **_: channel}, inputs=GIVEN)
    world.add_user()
    request = InitiateAuthRequest(WEB, "USER_PASSWORD_AUTH", PLAIN)
    if good:
        assert isinstance(world.engine.initiate(request), SuccessReply)
    else:
        with pytest.raises(InvalidLambdaResponseError):
            world.engine.initiate(request)


OF_CLIENT = """
flow: by-channel
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs: {channel: {type: string, max_length: 3}}
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - {when: 'channel.startsWith("app")', goto: done}
      - {else: refused}
  done: {end: success}
"""
GIVEN = {"channel": FunctionInput("of_client")}
PLAIN = {"USERNAME": "alice", "PASSWORD": PASSWORD}


@pytest.mark.parametrize(
    "kept", [{}, {"channel": 3}, {"channel": "appp"}, {"channel": None}, {"other": "app"}]
)
def test_a_sign_in_is_not_refreshed_with_inputs_that_the_flow_does_not_take_any_more(
    kept: dict[str, Any],
) -> None:
    assert _inputs(program(OF_CLIENT), {"channel": "app", "gone": 1}) == {"channel": "app"}
    with pytest.raises(NotAuthorizedError, match="revoked"):
        _inputs(program(OF_CLIENT), kept)
