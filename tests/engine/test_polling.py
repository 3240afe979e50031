"""A challenge that somebody else decides: the client asks again until it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CallerError,
    ExpiredCodeError,
    InvalidLambdaResponseError,
    LimitExceededError,
    NotAuthorizedError,
    SpentSessionError,
)
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests import planted
from tests.engine.world import World

FLOW = """
flow: link
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {link: mailbox}
require: [proved.link]
start: link
nodes:
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: send}
    verify: {call: decided, with: {token: private.token}}
    evidence: link
    attempts: 2
    poll: {every: 2s, for: 1m}
    next: done
  done:
    end: success
"""


class Waiting(World):
    """A world whose link is decided when the test says so."""

    def __init__(self, flow: str = FLOW) -> None:
        self.verdict: Any = "pending"
        super().__init__(flow, functions={"send": self.send, "decided": self.decided})
        self.add_user()

    def send(self) -> Any:
        return {"public": {}, "private": {"token": planted.CODE}}

    def decided(self, token: str) -> Any:
        assert token == planted.CODE
        return self.verdict

    def begin(self) -> Reply:
        request = InitiateAuthRequest(planted.CLIENT_ID, "CUSTOM_AUTH", {"USERNAME": "alice"})
        return self.engine.initiate(request)

    def ask(self, reply: Reply) -> Reply:
        assert isinstance(reply, ChallengeReply)
        return self.answer("CUSTOM_CHALLENGE", reply.session, {"USERNAME": "alice", "ANSWER": "?"})

    def later(self, seconds: int = 2) -> None:
        self.clock.advance(timedelta(seconds=seconds))


def refusal(world: Waiting, reply: Reply) -> CallerError:
    with pytest.raises(CallerError) as error:
        world.ask(reply)
    return error.value


def test_what_is_pending_is_asked_again_with_the_same_session_and_costs_no_try() -> None:
    world = Waiting()
    asked = world.begin()
    assert isinstance(asked, ChallengeReply)
    for _ in range(10):
        pending = world.ask(asked)
        assert isinstance(pending, ChallengeReply)
        assert pending.session == asked.session
        assert pending.challenge_name == "CUSTOM_CHALLENGE"
        world.later()
    world.verdict = "proved"
    assert isinstance(world.ask(asked), SuccessReply)
    assert isinstance(refusal(world, asked), SpentSessionError)


def test_asking_too_often_is_refused_and_asks_nobody() -> None:
    world = Waiting()
    asked = world.begin()
    world.ask(asked)
    world.verdict = "denied"
    assert isinstance(refusal(world, asked), LimitExceededError)
    world.later()
    assert isinstance(refusal(world, asked), NotAuthorizedError)


def test_what_stays_pending_expires() -> None:
    world = Waiting()
    asked = world.begin()
    world.later(59)
    assert isinstance(world.ask(asked), ChallengeReply)
    world.later(1)
    assert isinstance(refusal(world, asked), ExpiredCodeError)
    world.verdict = "proved"
    world.later(2)
    assert isinstance(refusal(world, asked), SpentSessionError)


def test_a_wrong_answer_still_costs_a_try() -> None:
    world = Waiting()
    asked = world.begin()
    world.verdict = "wrong"
    again = world.ask(asked)
    assert isinstance(again, ChallengeReply)
    assert isinstance(asked, ChallengeReply)
    assert again.session != asked.session
    world.later()
    assert isinstance(refusal(world, again), NotAuthorizedError)


def test_nothing_is_pending_where_nobody_may_ask_again() -> None:
    world = Waiting(FLOW.replace("    poll: {every: 2s, for: 1m}\n", ""))
    assert isinstance(refusal(world, world.begin()), InvalidLambdaResponseError)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("{call: decided, with: {token: private.token}}", "responses.ANSWER == private.token", "poll-nothing"),  # noqa: E501
        ("challenge: CUSTOM_CHALLENGE", "challenge: SOFTWARE_TOKEN_MFA", "custom-only"),
    ],
)  # fmt: skip
def test_only_a_function_can_be_pending(before: str, after: str, rule: str) -> None:
    _, found = load_source(SourceText("a.flow.yaml", FLOW.replace(before, after)))
    assert rule in {each.rule for each in found}
