"""Nodes that call the backend's functions: what is saved, what fails, what acts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CallerError,
    NotAuthorizedError,
    SpentSessionError,
    UnavailableError,
    UserLambdaValidationError,
)
from tests import planted
from tests.engine.world import World

FLOW = """
flow: risky
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge}
require: [proved.quiz]
functions:
  look_up:
    with: {name: {type: string, role: identity}}
    returns: {score: int, signals: [string]}
    max_items: 3
    max_length: 5
  tell: {with: {name: {type: string, role: recipient}, text: {type: string}}, acts: true}
start: risk
nodes:
  risk:
    call: look_up
    with: {name: user.username}
    save: risk
    timeout: 200ms
    next:
      - when: vars.risk.score < 50
        goto: quiz
      - else: refused
    failed: doubtful
  doubtful:
    end: failure
    error: ForbiddenException
    message: Not now.
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    attempts: 2
    next: told
  told:
    call: tell
    with: {name: user.username, text: '"signed in"'}
    next: done
    failed: refused
  done:
    end: success
"""


class Backend:
    """The functions, what they were told, and what they answer."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.asked = 0
        self.risk: Callable[[str], Any] = lambda _: {"score": 10, "signals": []}
        self.refuses = False

    def look_up(self, name: str) -> Any:
        self.asked += 1
        return self.risk(name)

    def tell(self, name: str, text: str) -> None:
        if self.refuses:
            raise UserLambdaValidationError("The mail is down.")
        self.told.append((name, text))

    def ask(self) -> Any:
        return {"public": {}, "private": {"answer": planted.CODE}}

    def functions(self) -> dict[str, Callable[..., Any]]:
        return {"look_up": self.look_up, "tell": self.tell, "ask": self.ask}


def begun(backend: Backend, flow: str = FLOW, username: str = "alice") -> tuple[World, Reply]:
    world = World(flow, functions=backend.functions())
    world.add_user()
    request = InitiateAuthRequest(planted.CLIENT_ID, "CUSTOM_AUTH", {"USERNAME": username})
    return world, world.engine.initiate(request)


def answer(world: World, reply: Reply, text: str = planted.CODE, username: str = "alice") -> Reply:
    assert isinstance(reply, ChallengeReply)
    responses = {"USERNAME": username, "ANSWER": text}
    return world.answer("CUSTOM_CHALLENGE", reply.session, responses)


def refusal(call: Callable[..., Any], *arguments: Any) -> CallerError:
    with pytest.raises(CallerError) as error:
        call(*arguments)
    return error.value


def test_what_a_function_returned_is_branched_on_and_the_acting_one_is_called_once() -> None:
    backend = Backend()
    world, asked = begun(backend)
    assert backend.told == []
    assert isinstance(answer(world, asked), SuccessReply)
    assert backend.told == [("alice", "signed in")]
    assert isinstance(refusal(answer, world, asked), SpentSessionError)
    assert (backend.told, backend.asked) == ([("alice", "signed in")], 1)


def test_a_result_that_the_branch_refuses_refuses() -> None:
    backend = Backend()
    backend.risk = lambda _: {"score": 50, "signals": []}
    assert type(refusal(begun, backend)) is NotAuthorizedError


def _raise(_: str) -> Any:
    raise ValueError(planted.CODE)


def _hang(_: str) -> Any:
    time.sleep(1)
    return {"score": 1, "signals": []}


@pytest.mark.parametrize(
    "risk",
    [
        _raise,
        _hang,
        lambda _: None,
        lambda _: {"score": 10},
        lambda _: {"score": 10, "signals": [], "more": 1},
        lambda _: {"score": "10", "signals": []},
        lambda _: {"score": True, "signals": []},
        lambda _: {"score": 10, "signals": [1]},
        lambda _: {"score": 2**63, "signals": []},
        lambda _: {"score": 10, "signals": [""] * 4},
        lambda _: {"score": 10, "signals": ["abcdef"]},
        lambda _: [10],
        lambda _: object(),
    ],
)
def test_whatever_is_not_what_it_declares_takes_the_failed_edge(risk: Callable[..., Any]) -> None:
    backend = Backend()
    backend.risk = risk
    error = refusal(begun, backend)
    assert (error.code, error.message) == ("ForbiddenException", "Not now.")


def test_an_acting_function_that_refuses_ends_the_sign_in_without_tokens() -> None:
    backend = Backend()
    world, asked = begun(backend)
    backend.refuses = True
    assert refusal(answer, world, asked).message == "The mail is down."
    backend.refuses = False
    assert isinstance(refusal(answer, world, asked), SpentSessionError)
    assert backend.told == []


def test_an_acting_function_is_not_called_for_a_wrong_answer() -> None:
    backend = Backend()
    world, asked = begun(backend)
    again = answer(world, asked, "wrong")
    assert isinstance(refusal(answer, world, again, "wrong"), NotAuthorizedError)
    assert backend.told == []


def test_an_acting_function_on_the_way_to_a_refusal_is_called_once() -> None:
    flow = FLOW.replace("    attempts: 2\n", "    attempts: 2\n    exhausted: warned\n").replace(
        "  done:\n",
        "  warned:\n    call: tell\n    with: {name: user.username, text: '\"tried\"'}\n"
        "    next: refused\n    failed: refused\n  done:\n",
    )
    backend = Backend()
    world, asked = begun(backend, flow)
    again = answer(world, asked, "wrong")
    assert isinstance(refusal(answer, world, again, "wrong"), NotAuthorizedError)
    assert backend.told == [("alice", "tried")]


def test_an_unknown_user_walks_the_same_way_and_proves_nothing() -> None:
    backend = Backend()
    world, asked = begun(backend, username="nobody")
    again = answer(world, asked, username="nobody")
    assert isinstance(again, ChallengeReply)
    assert isinstance(refusal(answer, world, again, planted.CODE, "nobody"), NotAuthorizedError)
    assert (backend.asked, backend.told) == (1, [])


AGAIN = """
flow: again
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge}
require: [proved.quiz]
functions: {look_up: {with: {name: {type: string}}, returns: int}}
start: first
nodes:
  first: {call: look_up, with: {name: user.username}, save: n, next: quiz, failed: refused}
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next: second
  second: {call: look_up, with: {name: user.username}, save: n, next: kept, failed: lost}
  kept: {choose: [{when: vars.n == 2, goto: done}, {else: refused}]}
  lost: {choose: [{when: '!has(vars.n)', goto: done}, {else: refused}]}
  done: {end: success}
"""


@pytest.mark.parametrize("second", [2, "not a number"])
def test_a_call_that_is_made_again_unsets_what_it_saved_before(second: Any) -> None:
    backend = Backend()
    results = iter((1, second))
    backend.risk = lambda _: next(results)
    world, asked = begun(backend, AGAIN)
    assert isinstance(answer(world, asked), SuccessReply)


def test_what_was_saved_is_kept_in_the_record_until_it_is_needed() -> None:
    flow = FLOW.replace("    next: told\n", "    next: check\n").replace(
        "  told:\n",
        "  check:\n    choose:\n      - when: has(vars.risk) && vars.risk.score == 10\n"
        "        goto: told\n      - else: refused\n  told:\n",
    )
    backend = Backend()
    world, asked = begun(backend, flow)
    assert isinstance(answer(world, asked), SuccessReply)


def test_an_argument_without_a_value_takes_the_failed_edge() -> None:
    flow = FLOW.replace("name: user.username}\n    save", "name: user.attributes.none}\n    save")
    backend = Backend()
    assert refusal(begun, backend, flow).code == "ForbiddenException"
    assert backend.asked == 0


def test_a_function_that_is_not_registered_is_told_at_the_start() -> None:
    backend = Backend()
    functions = backend.functions()
    del functions["tell"]
    with pytest.raises(UnavailableError, match="flow risky: function tell is not registered"):
        World(FLOW, functions=functions)


def test_a_record_of_saved_values_is_json() -> None:
    backend = Backend()
    world, _ = begun(backend)
    (row,) = world.sessions._rows.values()
    assert json.loads(row.now.record)["vars"] == {"risk": {"score": 10, "signals": []}}
