"""The flows that ship are Amazon Cognito's own, and ask what they should of whom they should."""

from __future__ import annotations

import pytest

from flowengine.analysis.checking import check_flow
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import CallerError
from flowengine.flow.loading import FlowFiles
from flowengine.source import SourceText
from tests.shipped.routes import FLOWS, ROUTES, Route

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


def test_every_challenge_of_the_flows_is_on_a_way() -> None:
    asked = {name for route in ROUTES for name in route.asks}
    programs = [
        check_flow(SourceText(p.name, p.read_text()), FlowFiles(SHIPPED))[0] for p in SHIPPED
    ]
    kinds = {
        node.kind.facts.name
        for program in programs
        if program is not None
        for node in program.nodes.values()
        if hasattr(node, "kind")
    }
    # The password that came with its auth flow is never asked for.
    assert kinds - asked <= {"CUSTOM_CHALLENGE"}


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
