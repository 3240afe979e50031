"""Menus: what a user is let choose among, and what comes with the choice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowengine.accounts.pool import Pool
from flowengine.crypto import srp_client
from flowengine.engine.private import unseal
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CodeMismatchError,
    InvalidParameterError,
    NotAuthorizedError,
    SpentSessionError,
)
from flowengine.runtime.token import parse_session
from tests.engine.world import PASSWORD, POOL, WEB, World

SECOND = """
flow: second
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password, proved.totp || proved.sms || proved.email || !user.has.any]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: factor
  factor:
    offer: [totp, sms, mail]
    challenge: SELECT_MFA_TYPE
    prefer: user.prefers
    attempts: 2
    none: done
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  sms: {challenge: SMS_MFA, responses: [SMS_MFA_CODE], next: done}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""
CHOICE = """
flow: choice
version: 1
auth_flows:
  USER_AUTH: {start: choice, inline: [PASSWORD, SRP_A], parameters: ['PREFERRED_CHALLENGE?', 'PASSWORD?', 'SRP_A?']}
require: [proved.password || proved.email]
start: choice
nodes:
  choice:
    offer: [srp, plain, mail]
    challenge: SELECT_CHALLENGE
    prefer: auth_flow.parameters.PREFERRED_CHALLENGE
    inline: [PASSWORD, SRP_A]
    none: refused
  srp: {challenge: PASSWORD_SRP, responses: [SRP_A], next: verifier}
  verifier:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""  # noqa: E501
METHODS = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")
ALL = {
    "email": "a@example.com",
    "email_verified": "true",
    "phone_number": "+15551231234",
    "phone_number_verified": "true",
}


def second(methods: tuple[str, ...] = METHODS, **changes: Any) -> World:
    made = World(SECOND, Pool(POOL.id, "main", mfa_methods=methods))
    made.add_user(**{"attributes": ALL, **changes})
    return made


def select(world: World, reply: Any, answer: str) -> Any:
    responses = {"USERNAME": "alice", "ANSWER": answer}
    return world.answer("SELECT_MFA_TYPE", reply.session, responses)


def test_a_menu_tells_the_factors_that_the_user_has_within_the_pools() -> None:
    there = second(with_totp=True, sms_mfa=True)
    reply = there.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SELECT_MFA_TYPE"
    assert json.loads(reply.challenge_parameters["MFAS_CAN_CHOOSE"]) == [
        "SOFTWARE_TOKEN_MFA",
        "SMS_MFA",
    ]
    there = second(METHODS[:1], with_totp=True, sms_mfa=True)
    reply = there.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SOFTWARE_TOKEN_MFA"


@pytest.mark.parametrize("answer", ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA ", "totp", ""])
def test_what_is_not_offered_cannot_be_chosen_and_costs_a_try(answer: str) -> None:
    there = second(with_totp=True, sms_mfa=True)
    reply = there.sign_in_by_password()
    with pytest.raises(InvalidParameterError, match="Invalid value for parameter ANSWER"):
        select(there, reply, answer)
    with pytest.raises(NotAuthorizedError):
        select(there, reply, answer)
    with pytest.raises(SpentSessionError):
        select(there, reply, "SMS_MFA")


def test_the_chosen_factor_is_asked_and_the_choice_itself_proves_nothing() -> None:
    there = second(with_totp=True, sms_mfa=True)
    reply = select(there, there.sign_in_by_password(), "SMS_MFA")
    assert reply.challenge_name == "SMS_MFA"
    answer = {"USERNAME": "alice", "SMS_MFA_CODE": there.delivery.messages[0].code}
    signed_in = there.answer("SMS_MFA", reply.session, answer)
    assert isinstance(signed_in, SuccessReply)
    assert set(signed_in.proved) == {"password", "sms"}


def test_email_mfa_is_another_name_for_email_otp_in_an_answer() -> None:
    there = second(with_totp=True, email_mfa=True)
    reply = there.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert "EMAIL_OTP" in reply.challenge_parameters["MFAS_CAN_CHOOSE"]
    assert select(there, reply, "EMAIL_MFA").challenge_name == "EMAIL_OTP"


@pytest.mark.parametrize(
    ("prefers", "asked"), [("SMS_MFA", "SMS_MFA"), ("EMAIL_OTP", "SELECT_MFA_TYPE")]
)
def test_what_the_user_prefers_skips_the_menu_only_if_it_is_offered(
    prefers: str, asked: str
) -> None:
    there = second(with_totp=True, sms_mfa=True, prefers=prefers)
    reply = there.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == asked


def test_a_user_who_has_none_goes_where_the_flow_says() -> None:
    assert isinstance(second().sign_in_by_password(), SuccessReply)


def test_an_active_factor_whose_address_is_no_longer_verified_is_not_offered() -> None:
    unverified = {**ALL, "phone_number_verified": "false"}
    there = second(sms_mfa=True, with_totp=True, attributes=unverified)
    reply = there.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SOFTWARE_TOKEN_MFA"


def choice(username: str = "alice", **parameters: str) -> tuple[World, Any]:
    made = World(CHOICE)
    made.add_user(attributes={"email": "a@example.com", "email_verified": "true"})
    return made, initiate(made, username, **parameters)


def initiate(world: World, username: str = "alice", **parameters: str) -> Any:
    sent = {"USERNAME": username, **parameters}
    return world.engine.initiate(InitiateAuthRequest(WEB, "USER_AUTH", sent))


def choose(world: World, reply: ChallengeReply, **answer: str) -> Any:
    return world.answer("SELECT_CHALLENGE", reply.session, {"USERNAME": "alice", **answer})


def prove(world: World, reply: ChallengeReply, ephemeral: srp_client.ClientEphemeral) -> Any:
    told: Mapping[str, str] = reply.challenge_parameters
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    claim = srp_client.answer(
        ephemeral, world.pool.srp_name, "alice", PASSWORD, server, world.clock.now()
    )
    answer = {"USERNAME": "alice", **claim.responses()}
    return world.answer("PASSWORD_VERIFIER", reply.session, answer)


def test_user_auth_without_a_preference_offers_all_that_the_user_has() -> None:
    _, reply = choice()
    assert reply.challenge_name == "SELECT_CHALLENGE"
    assert reply.available_challenges == ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP")
    assert reply.challenge_parameters == {}


def test_a_preferred_challenge_is_asked_at_once_beside_what_else_there_is() -> None:
    there, reply = choice(PREFERRED_CHALLENGE="EMAIL_OTP")
    assert reply.challenge_name == "EMAIL_OTP"
    assert reply.available_challenges == ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP")
    assert len(there.delivery.messages) == 1


def test_a_preference_that_is_not_offered_shows_the_menu() -> None:
    _, reply = choice(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert reply.challenge_name == "SELECT_CHALLENGE"


def test_a_password_that_comes_with_the_preference_is_verified_at_once() -> None:
    there, reply = choice(PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert isinstance(reply, SuccessReply)
    with pytest.raises(NotAuthorizedError):
        initiate(there, PREFERRED_CHALLENGE="PASSWORD", PASSWORD="wrong-Password-1")


def test_a_password_that_comes_without_its_challenge_answers_nothing() -> None:
    _, reply = choice(PASSWORD=PASSWORD)
    assert reply.challenge_name == "SELECT_CHALLENGE"
    _, reply = choice(PREFERRED_CHALLENGE="EMAIL_OTP", PASSWORD=PASSWORD)
    assert reply.challenge_name == "EMAIL_OTP"


def test_an_inline_answer_that_was_not_used_is_not_kept() -> None:
    there, reply = choice(PREFERRED_CHALLENGE="EMAIL_OTP", PASSWORD=PASSWORD, SRP_A="a1")
    token = parse_session(reply.session)
    assert token is not None
    claimed = asyncio.run(there.sessions.claim(token, there.clock.now()))
    assert claimed is not None
    assert unseal(token, claimed.private).carried == {}


def test_srp_a_that_comes_with_the_preference_leads_to_the_verifier() -> None:
    made = World(CHOICE)
    made.add_user()
    ephemeral = srp_client.begin(made.entropy.draw)
    reply = initiate(made, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=ephemeral.srp_a)
    assert reply.challenge_name == "PASSWORD_VERIFIER"
    assert isinstance(prove(made, reply, ephemeral), SuccessReply)


def test_srp_a_can_be_sent_as_an_answer_of_its_own() -> None:
    there, reply = choice(PREFERRED_CHALLENGE="PASSWORD_SRP")
    assert reply.challenge_name == "PASSWORD_SRP"
    ephemeral = srp_client.begin(there.entropy.draw)
    for malformed in ("", "0", "zz", "f" * 5000):
        answer = {"USERNAME": "alice", "SRP_A": malformed}
        with pytest.raises(InvalidParameterError):
            there.answer("PASSWORD_SRP", reply.session, answer)
    answer = {"USERNAME": "alice", "SRP_A": ephemeral.srp_a}
    verifier = there.answer("PASSWORD_SRP", reply.session, answer)
    assert isinstance(verifier, ChallengeReply)
    assert isinstance(prove(there, verifier, ephemeral), SuccessReply)


def test_a_choice_brings_its_answer_along() -> None:
    there, menu = choice()
    assert isinstance(choose(there, menu, ANSWER="PASSWORD", PASSWORD=PASSWORD), SuccessReply)
    menu = initiate(there)
    with pytest.raises(NotAuthorizedError):
        choose(there, menu, ANSWER="PASSWORD", PASSWORD="wrong-Password-1")
    with pytest.raises(SpentSessionError):
        choose(there, menu, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    ephemeral = srp_client.begin(there.entropy.draw)
    reply = choose(there, initiate(there), ANSWER="PASSWORD_SRP", SRP_A=ephemeral.srp_a)
    assert isinstance(prove(there, reply, ephemeral), SuccessReply)


def test_the_answer_of_another_challenge_does_not_come_along() -> None:
    there, menu = choice()
    reply = choose(there, menu, ANSWER="EMAIL_OTP", PASSWORD=PASSWORD)
    assert reply.challenge_name == "EMAIL_OTP"
    answer = {"USERNAME": "alice", "EMAIL_OTP_CODE": PASSWORD}
    with pytest.raises(CodeMismatchError):
        there.answer("EMAIL_OTP", reply.session, answer)


def test_an_invented_user_is_offered_a_choice_and_no_choice_signs_it_in() -> None:
    # Who has verified an address is decided by the name.
    there, reply = choice("nobody-2")
    assert reply.challenge_name == "SELECT_CHALLENGE"
    assert reply.available_challenges == ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP")
    with pytest.raises(NotAuthorizedError):
        initiate(there, "nobody", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert there.delivery.messages == []
