"""A user without a second factor makes a mailbox one, inside the sign-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.pool import Mfa, Pool
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.errors import (
    CallerError,
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    LimitExceededError,
    NotAuthorizedError,
    SpentSessionError,
    UnknownSessionError,
)
from tests import planted
from tests.engine.test_mfa_setup import FLOW as BY_APP
from tests.engine.world import POOL, World

FLOW = BY_APP.replace("enrolled.totp", "enrolled.email").replace(
    "when: user.has.totp\n        goto: done", "when: user.has.email\n        goto: done"
)
MAILS = replace(POOL, mfa=Mfa.REQUIRED, mfa_methods=("SOFTWARE_TOKEN_MFA", "EMAIL_OTP"))
ADDRESS = "ada@example.com"


def begun(pool: Pool = MAILS, **user: Any) -> tuple[World, ChallengeReply]:
    world = World(FLOW, pool)
    world.add_user(**user)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    return world, reply


def name(world: World, reply: ChallengeReply, address: str = ADDRESS) -> ChallengeReply:
    """Answer MFA_SETUP with a mailbox."""
    asked = world.answer("MFA_SETUP", reply.session, {"USERNAME": "alice", "email": address})
    assert isinstance(asked, ChallengeReply)
    return asked


def show(world: World, asked: ChallengeReply, code: str | None = None) -> Reply:
    """Answer EMAIL_OTP."""
    sent = {"USERNAME": "alice", "EMAIL_OTP_CODE": code or world.delivery.messages[-1].code}
    return world.answer("EMAIL_OTP", asked.session, sent)


def wrong(world: World) -> str:
    right = world.delivery.messages[-1].code
    return "0" * 8 if right != "0" * 8 else "1" * 8


def refusal(call: Callable[..., Any], *arguments: Any) -> CallerError:
    with pytest.raises(CallerError) as error:
        call(*arguments)
    return error.value


def test_a_mailbox_is_shown_to_be_the_users_and_asked_for_at_the_next_sign_in() -> None:
    world, reply = begun()
    can = json.loads(reply.challenge_parameters["MFAS_CAN_SETUP"])
    assert can == ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]
    asked = name(world, reply)
    assert asked.challenge_name == "EMAIL_OTP"
    assert asked.challenge_parameters["CODE_DELIVERY_DESTINATION"] == "a***@e***"
    sent = world.delivery.messages[-1]
    assert (sent.to, sent.channel, sent.purpose) == (ADDRESS, "email", "verify-attribute")
    assert world.find().attributes == {}
    stamp = world.find().stamp
    done = show(world, asked)
    assert isinstance(done, SuccessReply)
    assert list(done.proved) == ["password"]
    account = world.find()
    assert account.attributes == {"email": ADDRESS, "email_verified": "true"}
    assert account.email_mfa
    assert account.stamp != stamp
    assert "email" in account.facts().has


LINKED = """
flow: linked
version: 1
auth_flows: [USER_PASSWORD_AUTH]
evidence: {link: mailbox}
require: [proved.password, proved.link]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: START}
  set-up: {challenge: MFA_SETUP, responses: [], next: link}
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: make_link}
    deliver: {channel: email, template: link}
    verify: responses.ANSWER == private.code
    evidence: link
    next: done
  done: {end: success}
"""


def linked(start: str, **user: Any) -> tuple[World, ChallengeReply]:
    def make_link() -> ChallengeParameters:
        return ChallengeParameters(public={}, private={"code": planted.CODE})

    world = World(LINKED.replace("START", start), MAILS, {"make_link": make_link})
    world.add_user(**user)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    return world, reply


def follow(world: World, asked: Reply) -> Reply:
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "CUSTOM_CHALLENGE"
    sent = world.delivery.messages[-1]
    assert (sent.to, sent.code) == (ADDRESS, planted.CODE)
    answer = {"USERNAME": "alice", "ANSWER": sent.code}
    return world.answer("CUSTOM_CHALLENGE", asked.session, answer)


def test_a_mailbox_that_was_made_in_a_sign_in_proves_nothing_in_it_under_another_name() -> None:
    """authentik GHSA-qgqp-xh8r-v73r: a code was sent to where who signs in had it sent."""
    world, reply = linked("set-up")
    asked = show(world, name(world, reply))
    assert type(refusal(follow, world, asked)) is NotAuthorizedError
    assert world.notes.events[-1][1]["require"] == "proved.link"


def test_a_mailbox_that_was_there_before_proves() -> None:
    done = follow(*linked("link", attributes={"email": ADDRESS, "email_verified": "true"}))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "link"}


def test_the_code_is_compared_and_each_wrong_one_costs_a_try() -> None:
    world, reply = begun()
    asked = name(world, reply)
    for _ in range(2):
        assert isinstance(refusal(show, world, asked, wrong(world)), CodeMismatchError)
    assert type(refusal(show, world, asked, wrong(world))) is NotAuthorizedError
    assert isinstance(refusal(show, world, asked), SpentSessionError)
    assert not world.find().email_mfa


def test_the_code_expires_before_the_session_does() -> None:
    for late, outcome in ((timedelta(microseconds=-1), None), (timedelta(), ExpiredCodeError)):
        world = World(FLOW, MAILS, session_validity=timedelta(minutes=15))
        world.add_user()
        reply = world.sign_in_by_password()
        assert isinstance(reply, ChallengeReply)
        world.clock.advance(timedelta(minutes=1))
        asked = name(world, reply)
        world.clock.advance(timedelta(minutes=3) + late)
        if outcome is None:
            assert isinstance(show(world, asked), SuccessReply)
        else:
            assert isinstance(refusal(show, world, asked), outcome)
            assert isinstance(refusal(show, world, asked), SpentSessionError)
            assert not world.find().email_mfa


def test_naming_a_mailbox_spends_the_session_and_the_old_question_is_over() -> None:
    world, reply = begun()
    asked = name(world, reply)
    assert isinstance(refusal(name, world, reply), SpentSessionError)
    assert isinstance(refusal(name, world, asked), UnknownSessionError)
    as_set_up = {"USERNAME": "alice", "EMAIL_OTP_CODE": world.delivery.messages[-1].code}
    refused = refusal(world.answer, "MFA_SETUP", asked.session, as_set_up)
    assert isinstance(refused, UnknownSessionError)
    assert isinstance(show(world, asked), SuccessReply)


def test_a_code_is_not_taken_before_a_mailbox_was_named() -> None:
    world, reply = begun()
    sent = {"USERNAME": "alice", "EMAIL_OTP_CODE": "00000000"}
    assert isinstance(refusal(world.answer, "EMAIL_OTP", reply.session, sent), UnknownSessionError)
    assert isinstance(refusal(world.answer, "MFA_SETUP", reply.session, sent), UnknownSessionError)


@pytest.mark.parametrize(
    "address", ["", "x", "a@", "a b@c.d", "a@b.c\nBcc: x@y.z", "a@" + "b" * 2100]
)
def test_what_is_no_address_is_refused_and_costs_nothing(address: str) -> None:
    world, reply = begun()
    for _ in range(4):
        assert isinstance(refusal(name, world, reply, address), InvalidParameterError)
    assert world.delivery.messages == []
    assert isinstance(show(world, name(world, reply)), SuccessReply)


def test_a_verified_mailbox_cannot_be_changed_this_way() -> None:
    verified = {"email": "old@example.com", "email_verified": "true"}
    world, reply = begun(attributes=verified)
    refused = refusal(name, world, reply)
    assert refused.message == "Cannot modify an already provided email"
    assert isinstance(show(world, name(world, reply, "old@example.com")), SuccessReply)


def test_a_mailbox_that_was_never_verified_may_be_changed() -> None:
    world, reply = begun(attributes={"email": "old@example.com"})
    assert isinstance(show(world, name(world, reply)), SuccessReply)
    assert world.find().attributes["email"] == ADDRESS


def test_a_mailbox_that_is_anothers_alias_is_not_taken_from_them() -> None:
    world = World(FLOW, replace(MAILS, aliases=("email",)))
    world.add_user()
    world.add_user("bob", attributes={"email": ADDRESS, "email_verified": "true"})
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    asked = name(world, reply)
    refused = refusal(show, world, asked)
    assert refused.code == "NotAuthorizedException"
    assert world.find().attributes == {}
    assert isinstance(refusal(show, world, asked), SpentSessionError)


def test_a_pool_that_sends_no_codes_takes_no_mailbox() -> None:
    world, reply = begun(replace(MAILS, mfa_methods=("SOFTWARE_TOKEN_MFA",)))
    assert isinstance(refusal(name, world, reply), UnknownSessionError)


def test_a_pool_without_apps_sets_mailboxes_up_alone() -> None:
    world, reply = begun(replace(MAILS, mfa_methods=("EMAIL_OTP",)))
    assert json.loads(reply.challenge_parameters["MFAS_CAN_SETUP"]) == ["EMAIL_OTP"]
    assert reply.session is not None
    refused = refusal(world.engine.advance, reply.session, "AssociateSoftwareToken")
    assert refused.code == "SoftwareTokenMFANotFoundException"
    assert isinstance(show(world, name(world, reply)), SuccessReply)


def test_codes_to_one_mailbox_are_limited() -> None:
    world, reply = begun()
    for _ in range(5):
        name(world, reply)
        again = world.sign_in_by_password()
        assert isinstance(again, ChallengeReply)
        reply = again
    assert isinstance(refusal(name, world, reply), LimitExceededError)
