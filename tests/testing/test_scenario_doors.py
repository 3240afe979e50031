"""How sign-ins begin: with nobody, on from an earlier one or a sign-up; and devices in answers."""

from __future__ import annotations

import pytest

from flowengine.testing import coverage_of
from tests import planted
from tests.testing.scenes import message, read, scene

NOBODY = """
flow: nobody
version: 1
auth_flows: {USER_AUTH: {names_user: false}}
require: [proved.passkey || proved.password]
start: passkey
nodes:
  passkey:
    challenge: WEB_AUTHN
    responses: [CREDENTIAL]
    switch: {key: SWITCH, to: [plain]}
    unavailable: plain
    next: done
  plain:
    challenge: PASSWORD
    responses: [USERNAME, PASSWORD]
    next: done
  done: {end: success}
"""
NOBODY_HEAD = "flow: nobody\nusers: {ada: {has: [passkey]}, bob: {}}\nscenarios:\n"
STEP = """
flow: step
version: 1
auth_flows: {USER_AUTH: {continues: true}}
evidence: {quiz: knowledge}
require:
  - proved.password
  - age.totp < duration("1h") || age.quiz <= duration("10m")
start: plain
nodes:
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
STEP_HEAD = "flow: step\nusers: {ada: {}, nobody: {exists: false}}\nscenarios:\n"
UP = """
flow: up
version: 1
auth_flows: {USER_AUTH: {after_sign_up: signed-up}, USER_PASSWORD_AUTH: {start: plain}}
require: [proved.email || proved.password]
start: plain
nodes:
  signed-up:
    choose:
      - when: proved.email
        goto: done
      - else: plain
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
UP_HEAD = "flow: up\nusers: {ada: {}, bob: {}}\nscenarios:\n"
LEVELS = """
flow: levels
version: 1
auth_flows: {USER_AUTH: {step_up: higher, parameters: ['PASSWORD?']}}
define: {high: proved.email && has(age.password), low: proved.password}
require: [high || low]
start: plain
nodes:
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: low}
  higher:
    choose:
      - when: has(age.password)
        goto: mail
      - else: plain
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: high}
  low: {end: success, level: low}
  high: {end: success, level: high}
"""
LEVELS_HEAD = "flow: levels\nusers: {ada: {has: [email]}}\nscenarios:\n"
DEVICE = """
flow: devices
version: 1
auth_flows: {USER_AUTH: {start: plain}}
require: [proved.password]
start: plain
nodes:
  plain:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - when: device.remembered
        goto: remembered
      - when: device.claimed
        goto: claimed
      - else: done
  remembered: {end: success}
  claimed: {end: success}
  done: {end: success}
"""
DEVICE_HEAD = "flow: devices\nusers: {ada: {}, bob: {}}\nscenarios:\n"
PASSES = [
    ("steps: [{answer: right}]\noutcome: {success: {evidence: [passkey]}}", NOBODY, NOBODY_HEAD),
    (
        (
            "steps: [{answer: {switch: PASSWORD}}, {answer: {user: bob}}]\n"
            "outcome: {success: {evidence: [password]}}"
        ),
        NOBODY,
        NOBODY_HEAD,
    ),
    ("steps: [{answer: {user: bob}}]\noutcome: refused", NOBODY, NOBODY_HEAD),
    (
        "pool: {passkeys: false}\nsteps: [{expect: PASSWORD}, {answer: right}]\noutcome: success",
        NOBODY,
        NOBODY_HEAD,
    ),
    ("earlier: {totp: 59m}\nsteps: [{answer: right}]\noutcome: success", STEP, STEP_HEAD),
    ("earlier: {totp: 1h}\nsteps: [{answer: right}]\noutcome: refused", STEP, STEP_HEAD),
    ("earlier: {password: 1m}\nsteps: [{answer: right}]\noutcome: refused", STEP, STEP_HEAD),
    ("steps: [{answer: right}]\noutcome: refused", STEP, STEP_HEAD),
    (
        (
            "earlier: {quiz: 599s}\nsteps: [{wait: 1s}, {answer: right}]\n"
            "outcome: {success: {evidence: [password]}}"
        ),
        STEP,
        STEP_HEAD,
    ),
    (
        "earlier: {quiz: 10m}\nsteps: [{wait: 1ms}, {answer: right}]\noutcome: refused",
        STEP,
        STEP_HEAD,
    ),
    (
        (
            "token: wrong\noutcome: {refused: {type: NotAuthorizedException, "
            "message: Invalid Access Token}}"
        ),
        STEP,
        STEP_HEAD,
    ),
    (
        (
            "token: revoked\noutcome: {refused: {type: NotAuthorizedException, "
            "message: Access Token has been revoked}}"
        ),
        STEP,
        STEP_HEAD,
    ),
    ("after_sign_up: email\noutcome: {success: {evidence: [email]}}", UP, UP_HEAD),
    ("steps: [{answer: right}]\noutcome: {success: {acr: low}}", LEVELS, LEVELS_HEAD),
    (
        "earlier: {password: 5m}\nsteps: [{answer: right}]\noutcome: {success: {acr: high}}",
        LEVELS,
        LEVELS_HEAD,
    ),
    (
        (
            "earlier: {password: 5m}\nparameters: {TARGET_ACR_VALUES: low}\n"
            "steps: [{expect: EMAIL_OTP}, {answer: right}]\noutcome: refused"
        ),
        LEVELS,
        LEVELS_HEAD,
    ),
    (
        (
            "token: right\nsteps: [{expect: PASSWORD}, {answer: right}]\n"
            "outcome: {success: {acr: low}}"
        ),
        LEVELS,
        LEVELS_HEAD,
    ),
    (
        (
            "token: wrong\noutcome: {refused: {type: NotAuthorizedException, "
            "message: Invalid Access Token}}"
        ),
        LEVELS,
        LEVELS_HEAD,
    ),
    (
        (
            "after_sign_up: sms\nsteps: [{answer: right}]\noutcome: {success: {evidence: "
            "[password, sms]}}"
        ),
        UP,
        UP_HEAD,
    ),
    ("steps: [{expect: PASSWORD}, {answer: right}]\noutcome: success", UP, UP_HEAD),
    (
        "steps: [{answer: {device_key: remembered}}]\noutcome: {success: {node: remembered}}",
        DEVICE,
        DEVICE_HEAD,
    ),
    (
        "steps: [{answer: {device_key: confirmed}}]\noutcome: {success: {node: claimed}}",
        DEVICE,
        DEVICE_HEAD,
    ),
    (
        (
            "steps:\n- answer: {device_key: unknown}\n- error: ResourceNotFoundException\n"
            "- answer: right\noutcome: {success: {node: done}}"
        ),
        DEVICE,
        DEVICE_HEAD,
    ),
    (
        "steps: [{answer: {user: bob}}, {error: NotAuthorizedException}]\noutcome: waits",
        DEVICE,
        DEVICE_HEAD,
    ),
]


@pytest.mark.parametrize(("body", "flow", "head"), PASSES)
def test_whoever_begins_it_comes_out_as_it_is_written(body: str, flow: str, head: str) -> None:
    result = scene(body, flow, head)
    assert result.passed, message(result)


def test_a_sign_up_is_a_beginning_that_counts() -> None:
    only = scene("steps: [{answer: right}]\noutcome: success", UP, UP_HEAD)
    assert coverage_of([only])[0].missed_nodes == ("signed-up",)
    begun = scene("after_sign_up: email\noutcome: success", UP, UP_HEAD)
    assert coverage_of([only, begun])[0].missed_nodes == ()


def test_a_request_that_is_refused_comes_to_no_node() -> None:
    result = scene("token: wrong\noutcome: refused", STEP, STEP_HEAD)
    assert result.seen.nodes == set()


def test_nobody_can_continue_what_a_user_who_does_not_exist_began() -> None:
    told = message(scene("user: nobody\noutcome: refused", STEP, STEP_HEAD))
    assert told == (
        "4:3: this cannot be answered: a user who does not exist has nothing to continue"
    )


def test_a_flow_without_an_auth_flow_may_know_of_an_earlier_sign_in() -> None:
    part = STEP.replace("auth_flows: {USER_AUTH: {continues: true}}\n", "")
    body = "earlier: {totp: 5m}\nsteps: [{answer: right}]\noutcome: success"
    assert scene(body, part, STEP_HEAD).passed
    assert not scene(body.replace("5m", "1h"), part, STEP_HEAD).passed


@pytest.mark.parametrize(
    ("flow", "fact", "said"),
    [
        ("step-up", "after_sign_up: email", "USER_AUTH goes on from no sign-up"),
        ("choice", "earlier: {password: 5m}", "USER_AUTH goes on from no earlier sign-in"),
        ("choice", "token: revoked", "USER_AUTH goes on from no earlier sign-in"),
        ("device", "after_sign_up: sms", "a flow without an auth flow goes on from no sign-up"),
        ("device", "token: wrong", "a flow without an auth flow goes on from no earlier sign-in"),
    ],
)
def test_what_nothing_goes_on_from_is_told(flow: str, fact: str, said: str) -> None:
    (found,) = read(f"flow: {flow}\nscenarios:\n  it: {{{fact}, outcome: refused}}\n")
    assert (found.rule, found.message) == ("nothing-continued", said)


def test_names_of_evidence_and_of_who_answers_are_known_ones() -> None:
    text = (
        "flow: step-up\nusers: {ada: {}}\nscenarios:\n  it:\n    earlier: {pasword: 5m}\n"
        "    steps:\n    - answer: {user: adda}\n    outcome: refused\n"
    )
    found = [(f.source.position(f.span.start).line, f.message, f.hint) for f in read(text)]
    assert found == [
        (7, "unknown user 'adda'", "did you mean 'ada'?"),
        (5, "unknown evidence 'pasword'", "did you mean 'password'?"),
    ]


def test_an_access_token_that_is_written_is_in_no_message() -> None:
    text = (
        "flow: step-up\nscenarios:\n  it:\n"
        f"    parameters: {{ACCESS_TOKEN: {planted.PASSWORD}}}\n    outcom: refused\n"
    )
    found = read(text)
    assert found
    for each in found:
        assert planted.PASSWORD not in each.message + each.source.line(4)


def test_a_backend_begins_a_flow_that_has_auth_flows_and_says_what_was_proved_before() -> None:
    begun = "auth_flow: backend\nearlier: {totp: 5m}\n"
    right = scene(f"{begun}steps: [answer: right]\noutcome: success", STEP, STEP_HEAD)
    assert right.passed, message(right)
    late = "auth_flow: backend\nearlier: {totp: 2h}\nsteps: [answer: right]\noutcome: refused"
    assert scene(late, STEP, STEP_HEAD).passed
    unknown = f"user: nobody\n{begun}outcome: refused"
    assert "cannot have one unknown" in message(scene(unknown, STEP, STEP_HEAD))
    (found,) = read("flow: choice\nscenarios:\n  it: {auth_flow: backends, outcome: refused}\n")
    assert "or backend" in found.message
    (found,) = read(
        "flow: choice\nscenarios:\n  it: {auth_flow: backend, token: wrong, outcome: refused}\n"
    )
    assert found.message == "a backend goes on from no earlier sign-in"
