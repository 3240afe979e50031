"""ClientMetadata: only what the flow declares is read, by its rules, and by one request alone."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import InvalidParameterError, NotAuthorizedError, UserNotFoundError
from tests.engine.world import PASSWORD, WEB, World

FLOW = """
flow: by-channel
version: 1
auth_flows: {CUSTOM_AUTH: {start: gate}}
metadata:
  channel: {optional: true, enum: [app, web]}
  tenant: {pattern: '^[a-z]+$'}
require: [proved.password]
start: gate
nodes:
  gate:
    choose:
      - when: request.metadata["tenant"] == "acme" && !("other" in request.metadata)
        goto: password
      - else: refused
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: '"channel" in request.metadata && request.metadata["channel"] == "app"'
        goto: done
      - else: refused
  done: {end: success}
"""


def begin(world: World, username: str = "alice", **metadata: str) -> Any:
    request = InitiateAuthRequest(
        WEB, "CUSTOM_AUTH", {"USERNAME": username}, client_metadata=metadata
    )
    return world.engine.initiate(request)


def answer(world: World, reply: Any, **metadata: str) -> Any:
    assert isinstance(reply, ChallengeReply)
    responses = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    return world.engine.respond(
        RespondToAuthChallengeRequest(
            WEB, "PASSWORD", reply.session, responses, client_metadata=metadata
        )
    )


@pytest.fixture
def world() -> World:
    made = World(FLOW, prevent_user_existence_errors=False)
    made.add_user()
    return made


def test_declared_keys_decide_and_others_never_reach_an_expression(world: World) -> None:
    reply = begin(world, tenant="acme", other="x")
    assert isinstance(answer(world, reply, tenant="acme", channel="app"), SuccessReply)


def test_each_request_brings_its_own(world: World) -> None:
    reply = begin(world, tenant="acme", channel="app")
    with pytest.raises(NotAuthorizedError):
        answer(world, reply, tenant="acme")


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "Missing required parameter tenant"),
        ({"tenant": "ACME"}, "Invalid value for parameter tenant"),
        ({"tenant": "acme", "channel": "fax"}, "Invalid value for parameter channel"),
    ],
)
def test_what_breaks_a_rule_is_refused_before_the_user_is_looked_up(
    world: World, metadata: dict[str, str], message: str
) -> None:
    for username in ("alice", "nobody"):
        with pytest.raises(InvalidParameterError) as refused:
            begin(world, username, **metadata)
        assert str(refused.value) == message
    with pytest.raises(UserNotFoundError):
        begin(world, "nobody", tenant="acme")


def test_an_answer_that_breaks_a_rule_costs_no_try(world: World) -> None:
    reply = begin(world, tenant="acme")
    with pytest.raises(InvalidParameterError):
        answer(world, reply, tenant="acme", channel="fax")
    assert isinstance(answer(world, reply, tenant="acme", channel="app"), SuccessReply)
