"""AnalyticsMetadata is counted, and what is in it goes nowhere."""

from __future__ import annotations

import pytest

from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import NotAuthorizedError
from tests.engine.world import PASSWORD, WEB, World

FLOW = """
flow: counted
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
SENT = {"AnalyticsEndpointId": "endpoint-1"}


def counted(world: World) -> list[dict[str, str]]:
    return [fields for event, fields in world.notes.events if event == "analytics"]


def test_each_request_that_brings_it_is_counted() -> None:
    world = World(FLOW)
    world.add_user()
    name = {"USERNAME": "alice"}
    begun = world.engine.initiate(
        InitiateAuthRequest(WEB, "CUSTOM_AUTH", name, analytics_metadata=SENT)
    )
    assert isinstance(begun, ChallengeReply)
    answer = RespondToAuthChallengeRequest(
        WEB, "PASSWORD", begun.session, {**name, "PASSWORD": PASSWORD}, analytics_metadata=SENT
    )
    assert isinstance(world.engine.respond(answer), SuccessReply)
    assert len(counted(world)) == 2
    assert all(fields.keys() == {"client"} for fields in counted(world))


def test_a_refresh_that_brings_it_is_counted_too() -> None:
    world = World(FLOW)
    for auth_flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
        token = {"REFRESH_TOKEN": "none of ours"}
        with pytest.raises(NotAuthorizedError):
            world.engine.initiate(
                InitiateAuthRequest(WEB, auth_flow, token, analytics_metadata=SENT)
            )
    assert len(counted(world)) == 2


def test_without_it_nothing_is_counted() -> None:
    world = World(FLOW)
    world.add_user()
    world.engine.initiate(InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": "alice"}))
    assert counted(world) == []
