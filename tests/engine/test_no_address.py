"""A user to whom no code can be sent is asked for one as a name that nobody has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CallerError,
    CodeMismatchError,
    MFAMethodNotFoundError,
    UnknownSessionError,
)
from tests.engine.world import POOL, WEB, World
from tests.planted import CODE

FLOW = """
flow: codes
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.email]
start: email
nodes:
  email: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""
VERIFIED = {"email": "ada@example.com", "email_verified": "true"}


def begun(world: World, username: str) -> Reply:
    return world.engine.initiate(InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": username}))


def answer(world: World, asked: Reply, username: str, code: str) -> Reply:
    assert isinstance(asked, ChallengeReply)
    sent = {"USERNAME": username, "EMAIL_OTP_CODE": code}
    return world.answer("EMAIL_OTP", asked.session, sent)


@pytest.mark.parametrize(
    "attributes", [{}, {"email": "ada@example.com"}, {**VERIFIED, "email_verified": "false"}]
)
def test_who_has_no_address_is_asked_like_nobody_and_signed_in_by_nothing(
    attributes: dict[str, str],
) -> None:
    world = World(FLOW)
    world.add_user(attributes=attributes)
    known, unknown = begun(world, "alice"), begun(world, "nobody")
    assert isinstance(known, ChallengeReply)
    assert isinstance(unknown, ChallengeReply)
    assert known.challenge_name == unknown.challenge_name == "EMAIL_OTP"
    assert set(known.challenge_parameters) == set(unknown.challenge_parameters)
    assert world.delivery.messages == []
    for username, asked in (("alice", known), ("nobody", unknown)):
        for _ in range(4):
            with pytest.raises(CodeMismatchError):
                answer(world, asked, username, "00000000")
        with pytest.raises(CallerError) as error:
            answer(world, asked, username, "00000000")
        assert error.value.message == "Incorrect username or password."


@pytest.mark.parametrize("mark", ["true", "false"])
def test_the_address_that_names_somebody_is_where_the_code_goes_for_nobody_too(mark: str) -> None:
    """Until the end: a decoy is the same at each step, whichever name the answer brings."""
    world = World(FLOW, pool=replace(POOL, named_by=("email",)))
    sub = "0b7d7a6e-3b1f-4b6a-9c55-8d0f5a1f2c3d"
    world.add_user(sub, sub=sub, attributes={**VERIFIED, "email_verified": mark})
    shown = []
    for address in ("ada@example.com", "alf@example.com"):
        asked = begun(world, address)
        assert isinstance(asked, ChallengeReply)
        told = asked.challenge_parameters
        called = told["USER_ID_FOR_SRP"]
        assert len(called) == len(sub)
        for name in (address, called):
            with pytest.raises(CodeMismatchError):
                answer(world, asked, name, "00000000")
        with pytest.raises(UnknownSessionError):
            answer(world, asked, "eve@example.com", "00000000")
        shown.append(told["CODE_DELIVERY_DESTINATION"])
    assert shown == ["a***@e***"] * 2
    assert len(world.delivery.messages) == (1 if mark == "true" else 0)


CUSTOM = """
flow: custom
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {link: mailbox}
functions: {draw: {returns: {public: map(string), private: map(string)}}}
require: [proved.link]
start: link
nodes:
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: draw}
    verify: responses.ANSWER == private.code
    deliver: {channel: email, template: link}
    evidence: link
    next: done
  done: {end: success}
"""


def draw() -> dict[str, dict[str, str]]:
    return {"public": {}, "private": {"code": CODE}}


@pytest.mark.parametrize(("flow", "challenge"), [(FLOW, "EMAIL_OTP"), (CUSTOM, "CUSTOM_CHALLENGE")])
def test_whatever_a_decoy_has_it_is_asked_for_a_code(flow: str, challenge: str) -> None:
    world = World(flow, functions={"draw": draw})
    world.add_user(attributes={})
    for username in ("alice", *(f"nobody-{n}" for n in range(30))):
        asked = begun(world, username)
        assert isinstance(asked, ChallengeReply)
        assert asked.challenge_name == challenge
    assert world.delivery.messages == []


def test_who_has_an_address_is_sent_a_code() -> None:
    world = World(FLOW)
    world.add_user(attributes=VERIFIED)
    asked = begun(world, "alice")
    code = world.delivery.messages[-1].code
    assert isinstance(answer(world, asked, "alice", code), SuccessReply)


def test_a_client_that_lets_it_be_told_is_told() -> None:
    world = World(FLOW, prevent_user_existence_errors=False)
    world.add_user()
    with pytest.raises(MFAMethodNotFoundError):
        begun(world, "alice")


def test_an_edge_that_is_written_is_taken() -> None:
    flow = FLOW.replace("next: done}", "next: done, unavailable: sorry}").replace(
        "  done:", "  sorry: {end: failure, message: No mail.}\n  done:"
    )
    world = World(flow)
    world.add_user()
    with pytest.raises(CallerError, match=r"No mail\."):
        begun(world, "alice")


def test_after_a_proof_there_is_nothing_to_hide() -> None:
    flow = FLOW.replace("auth_flows: [CUSTOM_AUTH]", "auth_flows: [USER_PASSWORD_AUTH]")
    flow = flow.replace("start: email", "start: password").replace(
        "nodes:\n",
        "nodes:\n  password: {challenge: PASSWORD, responses: [PASSWORD], next: email}\n",
    )
    world = World(flow)
    world.add_user()
    with pytest.raises(MFAMethodNotFoundError):
        world.sign_in_by_password()
