from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    ExpiredCodeError,
    NotAuthorizedError,
    SpentSessionError,
    UnavailableError,
    UnexpectedLambdaError,
    UserLambdaValidationError,
)
from flowengine.stores.memory import MemoryCounters, MemorySessions
from tests.engine.world import WEB, World, program

CUSTOM = """
flow: two-rounds
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge, code: mailbox}
require: [proved.quiz && proved.code]
start: quiz
nodes:
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {name: user.username, exists: user.exists}}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    attempts: 3
    next: code
  code:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: send}
    verify: {call: judge, with: {given: responses.ANSWER, code: private.code}, timeout: 200ms}
    evidence: code
    expires: 1m
    next: done
  done:
    end: success
"""


def ask(name: str, exists: bool) -> ChallengeParameters:  # noqa: FBT001 - called by keyword
    return ChallengeParameters({"question": f"hello {name}"}, {"answer": f"blue {exists}"})


def send() -> dict[str, dict[str, str]]:
    return {"public": {"to": "m***"}, "private": {"code": "4242"}}


def judge(given: str, code: str) -> str:
    return "proved" if given == code else "wrong"


FUNCTIONS: dict[str, Callable[..., Any]] = {"ask": ask, "send": send, "judge": judge}


def begin(world: World, username: str = "alice") -> ChallengeReply:
    request = InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": username})
    reply = world.engine.initiate(request)
    assert isinstance(reply, ChallengeReply)
    return reply


def say(world: World, reply: ChallengeReply, answer: str, username: str = "alice") -> Any:
    responses = {"USERNAME": username, "ANSWER": answer}
    return world.answer("CUSTOM_CHALLENGE", reply.session, responses)


def world_with(**changed: Callable[..., Any]) -> World:
    world = World(CUSTOM, functions={**FUNCTIONS, **changed})
    world.add_user()
    return world


def test_two_rounds_sign_in() -> None:
    world = world_with()
    first = begin(world)
    assert first.challenge_parameters == {"question": "hello alice", "USERNAME": "alice"}
    second = say(world, first, "blue True")
    done = say(world, second, "4242")
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"quiz", "code"}


def test_a_wrong_answer_asks_anew_and_spends_the_old_session() -> None:
    world = world_with()
    first = begin(world)
    again = say(world, first, "green")
    assert isinstance(again, ChallengeReply)
    assert again.session != first.session
    with pytest.raises(SpentSessionError):
        say(world, first, "blue True")
    assert isinstance(say(world, again, "blue True"), ChallengeReply)


def test_tries_are_counted_over_reissues() -> None:
    world = world_with()
    reply = begin(world)
    for _ in range(2):
        reply = say(world, reply, "green")
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        say(world, reply, "green")


def test_a_code_is_too_late_from_the_instant_it_expires() -> None:
    world = world_with()
    second = say(world, begin(world), "blue True")
    world.clock.advance(program(CUSTOM).nodes["code"].expires)  # type: ignore[union-attr, arg-type]
    with pytest.raises(ExpiredCodeError):
        say(world, second, "4242")


def test_a_decoy_passes_no_round_even_with_the_right_answer() -> None:
    world = world_with()
    first = begin(world, "nobody")
    again = say(world, first, "blue False", "nobody")
    assert isinstance(again, ChallengeReply)
    assert again.node == "quiz"


@pytest.mark.parametrize("answer", [None, 1, "yes", "Proved", {"public": {}}])
def test_a_judgement_that_is_none_is_refused(answer: object) -> None:
    world = world_with(judge=lambda **_: answer)
    second = say(world, begin(world), "blue True")
    with pytest.raises(Exception, match=r"Unrecognizable lambda output|Incorrect username"):
        say(world, second, "4242")
    with pytest.raises(SpentSessionError):
        say(world, second, "4242")


def test_a_function_that_raises_refuses_without_its_text() -> None:
    def broken(**_: object) -> None:
        raise ValueError("planted-secret")

    world = world_with(judge=broken)
    second = say(world, begin(world), "blue True")
    with pytest.raises(UserLambdaValidationError) as refused:
        say(world, second, "4242")
    assert "planted-secret" not in str(refused.value)
    assert "judge" in str(refused.value)


def test_a_function_that_is_too_slow_refuses() -> None:
    world = world_with(judge=lambda **_: time.sleep(1))
    second = say(world, begin(world), "blue True")
    with pytest.raises(UnexpectedLambdaError):
        say(world, second, "4242")


def test_an_engine_without_a_function_of_the_flow_is_not_made() -> None:
    with pytest.raises(UnavailableError, match="function judge is not registered"):
        World(CUSTOM, functions={"ask": ask, "send": send})


def test_an_engine_without_a_directory_is_not_made_for_stored_credentials() -> None:
    flow = program(
        "flow: f\nversion: 1\nrequire: [proved.password]\nstart: p\nnodes:\n"
        "  p: {challenge: PASSWORD, responses: [PASSWORD], next: d}\n  d: {end: success}\n"
    )
    with pytest.raises(UnavailableError, match="needs a directory"):
        Engine([flow], sessions=MemorySessions(), counters=MemoryCounters())


def test_a_create_that_fails_after_a_right_answer_spends_the_session() -> None:
    def broken() -> None:
        raise ValueError

    world = world_with(send=broken)
    first = begin(world)
    with pytest.raises(UserLambdaValidationError):
        say(world, first, "blue True")
    with pytest.raises(SpentSessionError):
        say(world, first, "blue True")


METADATA = """
flow: rounds
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge}
require: [proved.quiz]
start: quiz
nodes:
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next:
      - when: session.history.exists(h, h.result && h.metadata == "ROUND_2")
        goto: done
      - else: refused
  done:
    end: success
"""


def test_the_metadata_of_a_challenge_stands_in_the_history_of_its_own_answer() -> None:
    rounds = iter(("ROUND_1", "ROUND_2"))

    def ask() -> ChallengeParameters:
        return ChallengeParameters({}, {"answer": "blue"}, next(rounds))

    world = World(METADATA, functions={"ask": ask})
    world.add_user()
    again = say(world, begin(world), "red")
    assert isinstance(again, ChallengeReply)
    assert isinstance(say(world, again, "blue"), SuccessReply)


def test_the_metadata_of_another_round_decides_nothing() -> None:
    world = World(
        METADATA,
        functions={"ask": lambda: ChallengeParameters({}, {"answer": "blue"}, "ROUND_1")},
    )
    world.add_user()
    with pytest.raises(NotAuthorizedError):
        say(world, begin(world), "blue")
