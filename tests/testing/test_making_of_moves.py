"""What happens at a node is told by the steps that make it happen, or it is said why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowengine.testing import Move, ScenarioResult, UnwritableError, Way, run_scenario, scenario_of
from tests.engine.world import program

FLOW = """
flow: own
version: 1
auth_flows: [CUSTOM_AUTH]
inputs: {risk: {type: int, default: 9}}
metadata: {channel: {optional: true, enum: [app, web]}}
evidence: {link: mailbox}
functions: {weigh: {returns: int}}
require: [proved.link || proved.email || proved.sms]
start: weigh
nodes:
  weigh:
    call: weigh
    save: weight
    next:
      - when: vars.weight > 5 && risk == 3 && request.ip == "203.0.113.7"
        goto: link
      - else: email
    failed: sms
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: make_link}
    verify: {call: look_up, with: {answer: responses.ANSWER}}
    evidence: link
    attempts: 3
    next:
      - when: request.metadata.channel == "app" && request.time >= timestamp("2030-01-01T00:00:00Z")
        goto: done
      - else: sms
    denied: email
    exhausted: sms
    unavailable: sms
  email:
    challenge: EMAIL_OTP
    responses: [EMAIL_OTP_CODE]
    expires: 2m
    resend: {key: RESEND, times: 1, every: 30s}
    switch: {key: SWITCH, to: [sms]}
    next: done
    expired: sms
    exhausted: sms
  sms: {challenge: SMS_OTP, responses: [SMS_OTP_CODE], next: done}
  done: {end: success}
"""
PROGRAM = program(FLOW)
BEGUN = datetime(2029, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)
FACTS = {"risk": 3, "request": {"ip": "203.0.113.7", "metadata": {"channel": "app"}, "time": BEGUN}}
WEIGHED = Move("weigh", "returned", returned=6)
LATER = {"ip": "10.0.0.1", "metadata": {"channel": "app"}, "time": BEGUN + timedelta(seconds=1)}
LIGHT = Move("weigh", "returned", returned=1)
SMS, EMAIL = Move("sms", "proved"), Move("email", "proved")
MADE = {"public": {"q": "1"}, "private": {}}
WRONG, LAST = Move("link", "wrong"), Move("link", "exhausted", returned=MADE)
WAYS = {
    "facts of a later request": (WEIGHED, Move("link", "proved", request=LATER)),
    "a wait": (WEIGHED, Move("link", "proved", wait=timedelta(milliseconds=500))),
    "no wait": (WEIGHED, Move("link", "proved"), SMS),
    "a function that fails": (Move("weigh", "failed"), SMS),
    "a function that cannot ask": (WEIGHED, Move("link", "unavailable"), SMS),
    "wrong answers": (WEIGHED, WRONG, WRONG, Move("link", "proved"), SMS),
    "the last try": (WEIGHED, Move("link", "exhausted"), SMS),
    "the last try after another": (WEIGHED, WRONG, Move("link", "exhausted"), SMS),
    "a denial": (WEIGHED, Move("link", "denied"), EMAIL),
    "one challenge after another": (WEIGHED, WRONG, Move("link", "proved", returned=MADE), SMS),
    "the last of several challenges": (WEIGHED, WRONG, LAST, SMS),
    "the last try of a code": (LIGHT, Move("email", "exhausted"), SMS),
    "a code that came too late": (LIGHT, Move("email", "expired"), SMS),
    "another way": (LIGHT, Move("email", "switched SMS_OTP"), SMS),
    "a new code": (LIGHT, Move("email", "resent", wait=timedelta(seconds=30)), EMAIL),
}  # fmt: skip


def played(*moves: Move, **facts: Any) -> ScenarioResult:
    """Play a way that ends in a success."""
    way = Way(moves, "success", "CUSTOM_AUTH", {**FACTS, **facts})
    return run_scenario(scenario_of(PROGRAM, "it", way), program=PROGRAM)


@pytest.mark.parametrize("name", WAYS)
def test_what_happens_is_made_to_happen(name: str) -> None:
    result = played(*WAYS[name])
    assert result.failure is None, result.failure.message
    nodes = list(dict.fromkeys(each.node for each in result.trail))
    assert nodes == list(dict.fromkeys(move.node for move in WAYS[name]))
    assert result.trail[-1].outcome == "proved"


PLAIN = """
flow: plain
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password || proved.email]
start: plain
nodes:
  plain:
    challenge: PASSWORD
    responses: [PASSWORD]
    attempts: 1
    next: done
    wrong: email
    exhausted: email
  email: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""


@pytest.mark.parametrize("outcome", ["proved", "exhausted"])
def test_the_password_of_the_request_that_begins_is_right_or_wrong(outcome: str) -> None:
    flow = program(PLAIN)
    moves = (Move("plain", outcome), *([EMAIL] if outcome == "exhausted" else []))
    result = run_scenario(scenario_of(flow, "it", Way(moves, "success")), program=flow)
    assert result.failure is None, result.failure.message
    assert [(each.node, each.outcome) for each in result.trail] == [
        (move.node, move.outcome) for move in moves
    ]


def test_a_way_that_the_engine_does_not_go_is_told_where_it_does_not() -> None:
    result = played(WEIGHED, EMAIL)
    assert result.failure is not None
    assert result.failure.message == "expected challenge EMAIL_OTP, got SMS_OTP"
    assert played(WEIGHED, Move("link", "proved"), SMS, risk=4).failure is not None


def test_what_is_required_and_not_met_is_seen_where_a_counter_example_ends() -> None:
    lax = program(FLOW.replace("[proved.link || proved.email || proved.sms]", "[proved.link]"))
    way = Way((LIGHT, EMAIL), "refused", "CUSTOM_AUTH")
    result = run_scenario(scenario_of(lax, "it", way), program=lax)
    assert result.passed
    assert result.unmet == ("proved.link",)


WHOLE = {
    "username": "bob",
    "sub": "s-1",
    "status": "CONFIRMED",
    "enabled": True,
    "groups": ["staff"],
    "has": {"password": False, "totp": True, "sms": True, "any": True},
    "prefers": "SMS_MFA",
    "verified": {"email": True, "phone": True},
    "attributes": {"custom:x": "y"},
}


def test_facts_become_what_a_scenario_says_of_the_world() -> None:
    facts = {
        "user": WHOLE,
        "pool": {"mfa": "required", "mfa_methods": ["SMS_MFA"]},
        "client": {"id": "abc", "name": "web", "require": ["proved.email"]},
        "device": {"claimed": True, "remembered": False},
        "auth_flow": {"name": "CUSTOM_AUTH", "parameters": {"DEVICE_KEY": "k"}},
    }
    made = scenario_of(PROGRAM, "it", Way((), auth_flow="CUSTOM_AUTH", facts=facts))
    assert made.users == {
        "bob": {
            "status": "CONFIRMED",
            "enabled": True,
            "groups": ["staff"],
            "prefers": "SMS_MFA",
            "attributes": {"custom:x": "y"},
            "sub": "s-1",
            "password": None,
            "has": ["totp", "sms"],
            "verified": ["phone", "email"],
        }
    }
    assert made.pool == {"lockout": "none", "mfa": "required", "mfa_methods": ["SMS_MFA"]}
    assert made.client["session_validity"] == "15m"
    assert made.client["require"] == ["proved.email"]
    assert (made.device, made.parameters) == ("confirmed", {})


@pytest.mark.parametrize(
    ("moves", "facts", "said"),
    [
        ((Move("wiegh", "failed"),), {}, "flow own has no node wiegh"),
        (
            (Move("sms", "expired"),),
            {},
            "what sms asks does not expire before its Session",
        ),
        ((Move("link", "sideways"),), {}, "nothing that is answered at link comes to sideways"),
        (
            (Move("link", "proved", request={"time": BEGUN}),),
            {"request": {"time": BEGUN + timedelta(seconds=1)}},
            "the request at link comes before the one before it",
        ),
        (
            (Move("link", "proved", wait=timedelta(microseconds=1)),),
            {},
            "before link there is no duration that can be written",
        ),
        (
            (),
            {"user": {"has": {"recovery_code": True}}},
            "no user of a scenario has recovery codes",
        ),
        (
            (),
            {"user": {"has": {"sms": True}, "verified": {"phone": False}}},
            "nobody has the factor sms without a verified phone",
        ),
    ],
)
def test_what_no_scenario_can_tell_is_said(
    moves: tuple[Move, ...], facts: dict[str, Any], said: str
) -> None:
    with pytest.raises(UnwritableError) as caught:
        scenario_of(PROGRAM, "it", Way(moves, auth_flow="CUSTOM_AUTH", facts=facts))
    assert str(caught.value) == said


def test_tries_that_lead_elsewhere_cannot_be_used_up() -> None:
    flow = program(FLOW.replace("    expired: sms\n", "    expired: sms\n    wrong: sms\n"))
    with pytest.raises(UnwritableError, match="4 more wrong answers at email would lead elsewhere"):
        scenario_of(flow, "it", Way((Move("email", "exhausted"),)))
