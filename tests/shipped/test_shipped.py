"""The flows that ship are Amazon Cognito's own, and ask what they should of whom they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine.analysis.checking import check_flow
from flowengine.engine.parts import LEGACY_FLOWS
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import CallerError
from flowengine.flow.loading import FlowFiles
from flowengine.runtime.record import SignInRecord
from flowengine.source import SourceText
from tests.shipped.routes import FLOWS, Route, shipped
from tests.shipped.ways import ROUTES

SHIPPED = sorted(FLOWS.glob("*.flow.yaml"))
routes = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_flow_that_ships_has_no_findings(path: object) -> None:
    text = (FLOWS / str(path)).read_text()
    program, found = check_flow(SourceText(str(path), text), FlowFiles(SHIPPED))
    assert program is not None
    assert [each for each in found if each.suppression is None] == []
    assert program.require


@routes
def test_a_way_through_asks_and_proves_what_it_should(route: Route) -> None:
    world = route.world()
    reply = route.start(world)
    asked = []
    while isinstance(reply, ChallengeReply):
        asked.append(reply.challenge_name)
        reply = world.reply_to(reply)
    assert tuple(asked) == route.asks
    assert isinstance(reply, SuccessReply)
    assert set(reply.proved) == route.proved


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_step_of_a_flow_is_on_a_way(path: Path) -> None:
    flow = path.name.removesuffix(".flow.yaml")
    program = shipped(flow)
    if not program.doors:
        return  # it is walked wherever a flow uses it
    walked = [route for route in ROUTES if route.flow == flow]
    auth_flows = {LEGACY_FLOWS.get(route.auth_flow, route.auth_flow) for route in walked}
    assert auth_flows == program.doors.keys()
    steps = {name for name, node in program.nodes.items() if hasattr(node, "kind")}
    rested = {node for route in walked for node in nodes_of(route)}
    # The password that came with its auth flow is never asked for: see test_beginnings.
    assert steps - rested <= {"plain-password"}


def nodes_of(route: Route) -> Iterator[str]:
    """Walk a way; where it rests."""
    world = route.world()
    reply = route.start(world)
    while isinstance(reply, ChallengeReply):
        (row,) = (r for r in world.sessions._rows.values() if r.outcome is None)
        record = SignInRecord.from_json(row.now.record)
        assert record is not None
        yield record.node
        reply = world.reply_to(reply)


def test_who_has_a_second_factor_is_offered_passwords_alone() -> None:
    route = next(route for route in ROUTES if route.name == "choice-srp")
    reply = route.start(route.world())
    assert isinstance(reply, ChallengeReply)
    assert reply.available_challenges == ("PASSWORD_SRP", "PASSWORD")


def test_the_pool_that_requires_a_factor_takes_no_code_alone() -> None:
    route = next(route for route in ROUTES if route.name == "choice-required")
    world = route.world()
    reply = world.begin("USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SELECT_CHALLENGE"
    assert "EMAIL_OTP" not in reply.available_challenges
    with pytest.raises(CallerError):
        world.answer(
            "SELECT_CHALLENGE", reply.session, {"USERNAME": "alice", "ANSWER": "EMAIL_OTP"}
        )
