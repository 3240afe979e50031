"""Codes that are sent: where to, how often, and what they are good for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    AnswerConflictError,
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    LimitExceededError,
    NotAuthorizedError,
    SpentSessionError,
    UnavailableError,
)
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from tests.engine.world import WEB, World, program

FLOW = """
flow: by-mail
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.email || proved.totp]
start: mail
nodes:
  mail:
    challenge: EMAIL_OTP
    responses: [EMAIL_OTP_CODE]
    expires: 2m
    resend: {key: RESEND, times: 2, every: 30s}
    switch: {key: OTHER, to: [totp]}
    next: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done: {end: success}
"""
ADDRESS = {"email": "alice@example.com", "email_verified": "true", "locale": "de-AT"}


def world(**changes: Any) -> World:
    made = World(FLOW, session_validity=timedelta(minutes=5))
    made.add_user(**{"attributes": ADDRESS, **changes})
    return made


def begin(world: World, username: str = "alice") -> ChallengeReply:
    reply = world.engine.initiate(InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": username}))
    assert isinstance(reply, ChallengeReply)
    return reply


def say(world: World, reply: ChallengeReply, username: str = "alice", **answer: str) -> Any:
    return world.answer("EMAIL_OTP", reply.session, {"USERNAME": username, **answer})


def test_a_code_is_sent_to_the_verified_address_and_proves_the_mailbox() -> None:
    there = world()
    reply = begin(there)
    assert reply.challenge_parameters == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***",
        "USER_ID_FOR_SRP": "alice",
    }
    (message,) = there.delivery.messages
    assert (message.channel, message.to, message.username) == ("email", ADDRESS["email"], "alice")
    assert (message.purpose, message.locale) == ("sign-in", "de-AT")
    assert len(message.code) == 8
    assert message.code.isdecimal()
    assert message.code not in repr((message, reply))
    signed_in = say(there, reply, EMAIL_OTP_CODE=message.code)
    assert isinstance(signed_in, SuccessReply)
    assert set(signed_in.proved) == {"email"}


def test_a_wrong_code_costs_a_try_and_the_session_stays_good() -> None:
    there = world()
    reply = begin(there)
    right = there.delivery.messages[0].code
    wrong = "0" * 8 if right != "0" * 8 else "1" * 8
    for _ in range(4):
        with pytest.raises(CodeMismatchError, match="Invalid code or auth state for the user"):
            say(there, reply, EMAIL_OTP_CODE=wrong)
    assert isinstance(say(there, reply, EMAIL_OTP_CODE=right), SuccessReply)
    with pytest.raises(SpentSessionError):
        say(there, reply, EMAIL_OTP_CODE=right)


def test_the_fifth_wrong_code_is_the_last() -> None:
    there = world()
    reply = begin(there)
    right = there.delivery.messages[0].code
    for _ in range(4):
        with pytest.raises(CodeMismatchError):
            say(there, reply, EMAIL_OTP_CODE="wrong")
    with pytest.raises(NotAuthorizedError):
        say(there, reply, EMAIL_OTP_CODE="wrong")
    with pytest.raises(NotAuthorizedError):
        say(there, reply, EMAIL_OTP_CODE=right)


def test_a_code_is_good_for_as_long_as_the_node_says() -> None:
    there = world()
    reply = begin(there)
    there.clock.advance(timedelta(minutes=2))
    with pytest.raises(ExpiredCodeError, match="please request a code again"):
        say(there, reply, EMAIL_OTP_CODE=there.delivery.messages[0].code)


@pytest.mark.parametrize("verified", ["false", ""])
def test_nothing_is_sent_to_an_address_that_was_not_verified(verified: str) -> None:
    there = world(attributes={"email": "alice@example.com", "email_verified": verified})
    begin(there)  # asked as a name that nobody has: see test_no_address.py
    assert there.delivery.messages == []


def test_an_unknown_user_is_asked_the_same_and_nothing_is_sent() -> None:
    there = world()
    known, unknown = begin(there), begin(there, "mallory@else.example")
    assert unknown.challenge_parameters.keys() == known.challenge_parameters.keys()
    assert unknown.challenge_parameters["CODE_DELIVERY_DESTINATION"] == "m***@e***"
    assert [message.username for message in there.delivery.messages] == ["alice"]
    with pytest.raises(CodeMismatchError):
        say(there, unknown, "mallory@else.example", EMAIL_OTP_CODE="12345678")


def test_codes_are_limited_per_destination_over_all_sign_ins() -> None:
    there = world()
    for _ in range(5):
        begin(there)
    with pytest.raises(LimitExceededError):
        begin(there)
    assert len(there.delivery.messages) == 5
    there.clock.advance(timedelta(seconds=30))
    begin(there)
    there.add_user("bob", attributes={"email": "bob@example.com", "email_verified": "true"})
    begin(there, "bob")
    assert there.delivery.messages[-1].username == "bob"


def test_the_limit_is_the_same_for_an_invented_user() -> None:
    there = world()
    for _ in range(5):
        begin(there, "nobody")
    with pytest.raises(LimitExceededError):
        begin(there, "nobody")


def test_a_new_code_is_sent_on_request_and_the_old_one_and_its_session_are_void() -> None:
    there = world()
    first = begin(there)
    there.clock.advance(timedelta(seconds=30))
    second = say(there, first, RESEND="yes")
    assert isinstance(second, ChallengeReply)
    one, two = there.delivery.messages
    with pytest.raises(SpentSessionError):
        say(there, first, EMAIL_OTP_CODE=one.code)
    if one.code != two.code:
        with pytest.raises(CodeMismatchError):
            say(there, second, EMAIL_OTP_CODE=one.code)
    assert isinstance(say(there, second, EMAIL_OTP_CODE=two.code), SuccessReply)


def test_a_new_code_comes_neither_too_early_nor_too_often_and_costs_no_try() -> None:
    there = world()
    reply = begin(there)
    there.clock.advance(timedelta(seconds=29))
    with pytest.raises(LimitExceededError):
        say(there, reply, RESEND="yes")
    for _ in range(2):
        there.clock.advance(timedelta(seconds=30))
        reply = say(there, reply, RESEND="yes")
    there.clock.advance(timedelta(seconds=30))
    with pytest.raises(LimitExceededError):
        say(there, reply, RESEND="yes")
    for _ in range(4):
        with pytest.raises(CodeMismatchError):
            say(there, reply, EMAIL_OTP_CODE="wrong")
    code = there.delivery.messages[-1].code
    assert isinstance(say(there, reply, EMAIL_OTP_CODE=code), SuccessReply)


def test_a_new_code_beyond_the_destinations_limit_leaves_the_old_one_good() -> None:
    there = world()
    reply = begin(there)
    there.clock.advance(timedelta(seconds=30))
    for _ in range(4):
        begin(there)
    with pytest.raises(LimitExceededError):
        say(there, reply, RESEND="yes")
    assert len(there.delivery.messages) == 5
    code = there.delivery.messages[0].code
    assert isinstance(say(there, reply, EMAIL_OTP_CODE=code), SuccessReply)


def test_tries_are_kept_over_a_new_code() -> None:
    there = world()
    reply = begin(there)
    for _ in range(4):
        with pytest.raises(CodeMismatchError):
            say(there, reply, EMAIL_OTP_CODE="wrong")
    there.clock.advance(timedelta(seconds=30))
    reply = say(there, reply, RESEND="yes")
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        say(there, reply, EMAIL_OTP_CODE="wrong")


def test_another_way_is_open_to_who_has_it_and_carries_no_evidence() -> None:
    there = world(with_totp=True)
    reply = say(there, begin(there), OTHER="SOFTWARE_TOKEN_MFA")
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SOFTWARE_TOKEN_MFA"
    signed_in = there.answer_totp(reply)
    assert isinstance(signed_in, SuccessReply)
    assert set(signed_in.proved) == {"totp"}


@pytest.mark.parametrize("other", ["SMS_MFA", "EMAIL_OTP", "totp", ""])
def test_another_way_that_is_not_listed_is_refused_and_costs_no_try(other: str) -> None:
    there = world(with_totp=True)
    reply = begin(there)
    for _ in range(6):
        with pytest.raises(InvalidParameterError, match="Invalid value for parameter OTHER"):
            say(there, reply, OTHER=other)
    code = there.delivery.messages[0].code
    assert isinstance(say(there, reply, EMAIL_OTP_CODE=code), SuccessReply)


def test_another_way_that_the_user_does_not_have_is_refused() -> None:
    there = world()
    with pytest.raises(InvalidParameterError):
        say(there, begin(there), OTHER="SOFTWARE_TOKEN_MFA")


def test_an_engine_whose_flows_send_codes_needs_a_delivery() -> None:
    there = world()
    with pytest.raises(UnavailableError, match="flow by-mail, node mail: it sends codes"):
        Engine(
            [program(FLOW)],
            sessions=MemorySessions(),
            counters=MemoryCounters(),
            directory=MemoryDirectory({there.pool.id: there.pool}),
            pools=[there.pool],
            clients=[there.client],
        )


CUSTOM = """
flow: own-code
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {link: mailbox}
require: [proved.link]
start: link
nodes:
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: draw}
    deliver: {channel: email, template: magic-link}
    verify: responses.ANSWER == private.code
    evidence: link
    next: done
  done: {end: success}
"""


def test_a_custom_challenge_has_its_code_delivered_under_its_own_text() -> None:
    there = World(CUSTOM, functions={"draw": lambda: ChallengeParameters({}, {"code": "4711"})})
    there.add_user(attributes=ADDRESS)
    reply = begin(there)
    (message,) = there.delivery.messages
    assert (message.code, message.purpose, message.to) == ("4711", "magic-link", ADDRESS["email"])
    responses = {"USERNAME": "alice", "ANSWER": "4711"}
    assert isinstance(there.answer("CUSTOM_CHALLENGE", reply.session, responses), SuccessReply)


def test_the_loser_of_two_requests_for_a_new_code_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = world()
    reply = begin(there)
    there.clock.advance(timedelta(seconds=30))
    settle = there.sessions.settle
    sent = []

    async def racing(*arguments: Any) -> bool:
        monkeypatch.undo()
        sent.append(say(there, reply, RESEND="first"))
        return await settle(*arguments)

    monkeypatch.setattr(there.sessions, "settle", racing)
    with pytest.raises(AnswerConflictError):
        say(there, reply, RESEND="second")
    assert len(there.delivery.messages) == 2
    code = there.delivery.messages[-1].code
    assert isinstance(say(there, sent[0], EMAIL_OTP_CODE=code), SuccessReply)


def test_sms_codes_have_six_digits_and_show_four_of_the_number() -> None:
    there = World(FLOW.replace("EMAIL_OTP", "SMS_OTP").replace("proved.email", "proved.sms"))
    phone = {"phone_number": "+15551231234", "phone_number_verified": "true"}
    there.add_user(attributes=phone)
    reply = begin(there)
    assert reply.challenge_parameters["CODE_DELIVERY_DESTINATION"] == "+*******1234"
    code = there.delivery.messages[0].code
    assert len(code) == 6
    answer = {"USERNAME": "alice", "SMS_OTP_CODE": code}
    assert isinstance(there.answer("SMS_OTP", reply.session, answer), SuccessReply)
    assert replace(there.delivery.messages[0], to="").channel == "sms"
