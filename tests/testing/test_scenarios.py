"""Scenarios come out as their author wrote, or say where, what was expected and what came."""

from __future__ import annotations

import pytest

from flowengine.challenges.catalog import builtin_catalog
from flowengine.testing.scenarios.answering import _BY_CHALLENGE
from tests.testing.scenes import HEAD, message, read, scene, trail

PASSES = {
    "right": ("user: ada\nsteps: [{answer: right}]\noutcome: success"),
    "a device that nobody knows": (
        "user: bob\ndevice: unknown\nsteps: [{answer: right}]\n"
        "outcome: {refused: {type: ResourceNotFoundException, message: Device does not exist.}}"
    ),
    "one password for another": (
        "user: ada\nsteps: [{answer: {password: guessed}}, {error: NotAuthorizedException}]\n"
        "outcome: {refused: {type: NotAuthorizedException}}"
    ),
    "a stale session": (
        "user: bob\nsteps:\n- answer: right\n- wait: 180s\n- answer: right\n"
        "- error: {type: NotAuthorizedException, "
        "message: 'Invalid session for the user, session is expired.'}\noutcome: refused"
    ),
    "another process": (
        "user: bob\nsteps: [{answer: right}, {restart: process}, {answer: right}]\n"
        "outcome: {success: {evidence: [totp, password]}}"
    ),
    "a code of another period": (
        "user: bob\nsteps: [{answer: right}, {answer: {totp: next}}]\noutcome: success"
    ),
}
FAILS = {
    "a success that was not expected": (
        "user: ada\nsteps: [{answer: right}]\noutcome: refused",
        "9:14: expected refused, got success at done",
    ),
    "another challenge": (
        "user: ada\nsteps:\n- expect: PASSWORD\noutcome: success",
        "9:7: expected challenge PASSWORD, got PASSWORD_VERIFIER",
    ),
    "a refusal that nobody speaks of": (
        (
            "user: bob\nsteps:\n- answer: right\n- answer: {totp: '123456'}\n- answer: right\n"
            "outcome: success"
        ),
        "10:7: expected no refusal, got CodeMismatchException: Invalid code received for user",
    ),
    "no refusal": (
        "user: ada\nsteps:\n- answer: right\n- error: NotAuthorizedException\noutcome: refused",
        "10:7: expected NotAuthorizedException, got success at done",
    ),
    "another refusal": (
        "user: ada\nsteps:\n- answer: wrong\n- error: CodeMismatchException\noutcome: refused",
        (
            "10:7: expected CodeMismatchException, got NotAuthorizedException: "
            "Incorrect username or password."
        ),
    ),
    "other words of a refusal": (
        (
            "user: ada\nsteps: [{answer: wrong}]\n"
            "outcome: {refused: {type: NotAuthorizedException, message: No.}}"
        ),
        (
            "9:14: expected NotAuthorizedException: No., got NotAuthorizedException: "
            "Incorrect username or password."
        ),
    ),
    "more evidence": (
        "user: ada\nsteps: [{answer: right}]\noutcome: {success: {evidence: []}}",
        "9:14: expected evidence none, got password",
    ),
    "something that was not set up": (
        "user: ada\nsteps: [{answer: right}]\noutcome: {success: {enrolled: [totp]}}",
        "9:14: expected enrolled totp, got none",
    ),
    "another level": (
        "user: ada\nsteps: [{answer: right}]\noutcome: {success: {acr: high}}",
        "9:14: expected acr high, got none",
    ),
    "too few steps": (
        "user: bob\nsteps: [{answer: right}]\noutcome: success",
        "9:14: expected success, got waits at totp for SOFTWARE_TOKEN_MFA",
    ),
    "a code that was not sent": (
        "user: bob\nsteps:\n- answer: right\n- sent: {channel: sms}\noutcome: success",
        "10:7: expected a code by sms, and none was sent",
    ),
    "an answer when all is over": (
        "user: ada\nsteps:\n- answer: right\n- expect: SOFTWARE_TOKEN_MFA\noutcome: success",
        "10:7: expected SOFTWARE_TOKEN_MFA, got success at done",
    ),
    "a lock that is none": (
        "user: ada\nsteps: [{answer: wrong}]\noutcome: locked",
        (
            "9:14: expected locked, got refused: NotAuthorizedException: "
            "Incorrect username or password."
        ),
    ),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_comes_as_it_was_written_passes(name: str) -> None:
    result = scene(PASSES[name])
    assert result.passed, message(result)


@pytest.mark.parametrize("name", FAILS)
def test_what_comes_otherwise_is_told_at_its_step(name: str) -> None:
    body, expected = FAILS[name]
    assert message(scene(body)) == expected


def test_a_failure_tells_the_way_that_led_there() -> None:
    result = scene("user: bob\nsteps: [{answer: right}, {answer: wrong}]\noutcome: success")
    assert trail(result) == [
        ("password", "second-factor"),
        ("second-factor", "totp"),
        ("totp", "again"),
    ]


def test_what_is_required_and_not_met_is_told() -> None:
    lax = """
flow: lax
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.totp]
start: plain
nodes:
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
    result = scene("user: ada\noutcome: refused", lax)
    assert result.passed
    assert result.unmet == ("proved.totp",)


def test_the_same_scenario_comes_out_the_same_way_twice() -> None:
    body = "user: bob\nsteps: [{answer: right}, {answer: wrong}]\noutcome: success"
    assert message(scene(body)) == message(scene(body))
    assert trail(scene(body)) == trail(scene(body))


def test_a_client_whose_require_means_nothing_cannot_be_played() -> None:
    head = HEAD.replace("scenarios:", "client: {require: [proved.totpp]}\nscenarios:")
    told = message(scene("user: ada\nsteps: [{answer: right}]\noutcome: success", head=head))
    assert told.startswith("7:3: this cannot be played: ")
    assert "totpp" in told


def test_what_a_client_requires_is_required() -> None:
    head = HEAD.replace("scenarios:", "client: {require: [proved.totp]}\nscenarios:")
    assert scene("user: ada\nsteps: [{answer: right}]\noutcome: refused", head=head).passed


def test_every_challenge_of_the_catalog_is_answered() -> None:
    assert set(_BY_CHALLENGE) == set(builtin_catalog().names) - {"CUSTOM_CHALLENGE"}


WRONG = {
    "flow: sign-in\nscenarios: {it: {user: alise, outcome: success}}": "unknown user 'alise'",
    "flow: sign-in\nscenarios: {it: {auth_flow: USER_AUTH, outcome: success}}": (
        "unknown auth flow 'USER_AUTH'"
    ),
    "flow: sign-in\nscenarios: {it: {inputs: {a: 1}, outcome: success}}": "unknown input 'a'",
    "flow: sign-in\nfunctions: {f: {raises: true}}\nscenarios: {it: {outcome: success}}": (
        "unknown function 'f'"
    ),
    "flow: sign-im\nscenarios: {it: {outcome: success}}": (
        "no flow 'sign-im' that can be read stands in this file's folder"
    ),
    "flow: x.flow.yaml\nscenarios: {it: {outcome: success}}": (
        "the flow's file cannot be used: cannot read the file: No such file or directory"
    ),
    "flow: sign-in\nclock: 2026-02-30T00:00:00Z\nscenarios: {it: {outcome: success}}": (
        "there is no instant 2026-02-30T00:00:00Z"
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_no_schema_can_tell_is_told_all_the_same(text: str) -> None:
    assert [found.message for found in read(text)] == [WRONG[text]]


def test_all_mistakes_are_told_at_once_and_in_place() -> None:
    text = (
        "flow: sign-in\nscenarios:\n  it:\n    steps:\n      - anser: right\n"
        "      - wait: soon\n      - answer: right\n        wait: 3m\n    outcome: fine\n"
    )
    found = read(text)
    assert [each.source.position(each.span.start).line for each in found] == [5, 5, 6, 8, 9]


def test_a_password_is_in_no_message() -> None:
    text = "flow: sign-in\nusers: {ada: {pasword: Hunter2!}}\nscenarios: {it: {outcome: success}}"
    found = read(text)
    assert found
    for each in found:
        assert "Hunter2!" not in each.message + (each.hint or "")
        assert "Hunter2!" not in each.source.line(2)


def test_a_password_is_starred_in_what_a_failure_shows() -> None:
    head = HEAD.replace("ada: {}", "ada: {password: Sup3rS3cret}")
    body = (
        "user: ada\nsteps:\n- answer: {password: Oth3rS3cret}\n- expect: PASSWORD\noutcome: success"
    )
    result = scene(body, head=head)
    assert result.failure is not None
    assert message(result).startswith("9:7: expected no refusal, got NotAuthorizedException")
    source = result.failure.source
    assert source.line(3) == "  ada: {password: ***********}"
    assert source.line(9).strip() == "- answer: {password: ***********}"


def test_what_a_flow_reads_of_client_and_pool_is_as_it_is_written() -> None:
    flow = """
flow: reads
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: gate
nodes:
  gate:
    choose:
      - when: >-
          client.id == "abc" && client.name == "web" && pool.id == "eu-west-1_Own" &&
          pool.name == "own" && pool.mfa == "required" && "SMS_MFA" in pool.mfa_methods &&
          !pool.device_challenge && user.prefers == "SMS_MFA" && "staff" in user.groups &&
          user.sub == "s-1" && user.attributes["custom:x"] == "y" && user.verified.email &&
          request.user_agent == "curl" && request.context.data == "d" && device.claimed
        goto: plain
      - else: refused
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
    head = """flow: reads
client: {id: abc, name: web}
pool: {id: eu-west-1_Own, name: own, mfa: required, mfa_methods: [SMS_MFA], device_challenge: false}
users:
  ada:
    {prefers: SMS_MFA, groups: [staff], sub: s-1, attributes: {'custom:x': y}, verified: [email]}
scenarios:
"""
    request = "request: {user_agent: curl, context: {data: d}}\ndevice: confirmed\n"
    steps = "steps: [{answer: right}]\noutcome: "
    assert scene(f"{request}{steps}success", flow, head).passed
    for changed in ("client: {id: abc,", "name: own,", "prefers: SMS_MFA,", "sub: s-1,"):
        other = scene(f"{request}outcome: refused", flow, head.replace(changed, _without(changed)))
        assert other.passed, (changed, message(other))


def _without(changed: str) -> str:
    return "client: {" if changed.startswith("client") else ""
