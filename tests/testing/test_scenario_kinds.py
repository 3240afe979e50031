"""What only some flows have: functions, resends, other ways, metadata, inputs, levels."""

from __future__ import annotations

import pytest

from flowengine.cli.scenario_report import failure_lines, plain_text
from tests.testing.scenes import message, scene, trail

CUSTOM = """
flow: own
version: 1
auth_flows: [CUSTOM_AUTH]
inputs:
  risk: {type: int, default: 0}
metadata: {channel: {optional: true, enum: [app, web]}}
evidence: {link: mailbox}
functions:
  weigh: {returns: int}
define:
  low: risk < 10
require: [proved.link]
start: weigh
nodes:
  weigh:
    call: weigh
    save: weight
    next:
      - when: vars.weight > 5 || request.ip == "203.0.113.7"
        goto: refused
      - else: link
    failed: unavailable
  link:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: make_link}
    verify: {call: look_up, with: {answer: responses.ANSWER}}
    evidence: link
    attempts: 3
    next: done
    denied: never
  never: {end: failure, error: ForbiddenException, message: Not this one.}
  unavailable: {end: failure, error: TooManyRequestsException}
  done: {end: success}
"""
HEAD = """flow: own
users: {ada: {}}
functions:
  weigh: {returns: 1}
  make_link: {returns: {public: {}, private: {code: x}}}
scenarios:
"""
BUSY = "outcome: {refused: {type: TooManyRequestsException}}"
CODES = """
flow: codes
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.email || proved.sms]
start: email
nodes:
  email:
    challenge: EMAIL_OTP
    responses: [EMAIL_OTP_CODE]
    resend: {key: RESEND, times: 1, every: 30s}
    switch: {key: SWITCH, to: [sms]}
    next: done
  sms:
    challenge: SMS_OTP
    responses: [SMS_OTP_CODE]
    next: done
  done: {end: success}
"""
CODES_HEAD = "flow: codes\nusers: {ada: {verified: [email, phone]}}\nscenarios:\n"


@pytest.mark.parametrize(
    "body",
    [
        "steps: [{answer: right}]\noutcome: {success: {evidence: [link]}}",
        "steps: [{answer: wrong}, {answer: right}]\noutcome: success",
        (
            "functions: {look_up: {returns: denied}}\nsteps: [{answer: right}]\n"
            "outcome: {refused: {type: ForbiddenException, message: Not this one.}}"
        ),
        (
            "functions: {look_up: [{returns: wrong}, {returns: proved}]}\n"
            "steps: [{answer: right}, {answer: right}]\noutcome: success"
        ),
        "functions: {weigh: {returns: 9}}\noutcome: refused",
        f"functions: {{weigh: {{raises: true}}}}\n{BUSY}",
        f"functions: {{weigh: {{returns: heavy}}}}\n{BUSY}",
        "request: {ip: 203.0.113.7}\noutcome: refused",
        (
            "request: {metadata: {channel: fax}}\n"
            "outcome: {refused: {type: InvalidParameterException}}"
        ),
        (
            "request: {metadata: {channel: app}, user_agent: x, context: {ip: 10.0.0.1}}\n"
            "outcome: waits"
        ),
        "inputs: {risk: 3}\nsteps: [{answer: right}]\noutcome: success",
    ],
)
def test_functions_inputs_and_requests_are_as_they_are_written(body: str) -> None:
    result = scene(body, CUSTOM, HEAD)
    assert result.passed, message(result)


def test_a_function_of_which_nothing_is_said_fails_and_is_named() -> None:
    head = HEAD.replace("  weigh: {returns: 1}\n", "")
    result = scene("steps: [{answer: right}]\noutcome: success", CUSTOM, head)
    assert result.failure is not None
    assert result.failure.hint == "nothing says what these functions do: weigh"


def test_a_call_more_than_was_written_fails() -> None:
    body = "functions: {look_up: [{returns: wrong}]}\nsteps: [{answer: wrong}, {answer: right}]\n"
    result = scene(f"{body}outcome: success", CUSTOM, HEAD)
    assert result.failure is not None
    assert result.failure.hint == ("nothing says what these functions do: look_up (call 2)")


@pytest.mark.parametrize(
    "body",
    [
        (
            "steps: [{sent: {channel: email, save: code}}, {answer: {code: code}}]\n"
            "outcome: {success: {evidence: [email]}}"
        ),
        (
            "steps: [{wait: 30s}, {answer: {resend: true}}, "
            "{sent: {channel: email}}, {answer: right}]\noutcome: success"
        ),
        (
            "steps:\n- sent: {channel: email, save: old}\n- wait: 30s\n- answer: {resend: true}\n"
            "- answer: {code: old}\n- error: CodeMismatchException\noutcome: waits"
        ),
        "steps: [{answer: {resend: true}}, {error: LimitExceededException}]\noutcome: waits",
        (
            "steps: [{answer: {switch: SMS_OTP}}, {expect: {node: sms}}, {answer: right}]\n"
            "outcome: {success: {evidence: [sms]}}"
        ),
        (
            "steps:\n- answer: {switch: SMS_OTP}\n"
            "- answer: {session: previous, challenge: EMAIL_OTP, responses: {EMAIL_OTP_CODE: '1'}"
            "}\n"
            "- error: NotAuthorizedException\noutcome: waits"
        ),
    ],
)
def test_codes_new_ones_and_other_ways(body: str) -> None:
    result = scene(body, CODES, CODES_HEAD)
    assert result.passed, message(result)


def test_a_way_that_a_node_does_not_have_cannot_be_asked_for() -> None:
    body = "steps:\n- answer: {switch: SMS_OTP}\n- answer: {resend: true}\noutcome: success"
    result = scene(body, CODES, CODES_HEAD)
    assert message(result) == "7:7: this cannot be answered: node sms has no resend"


def test_a_level_is_the_acr() -> None:
    flow = CODES.replace("done: {end: success}", "done: {end: success, level: mailbox}").replace(
        "require:", "define: {mailbox: proved.email}\nrequire:"
    )
    right = "steps: [{answer: right}]\noutcome: "
    assert scene(f"{right}{{success: {{acr: mailbox}}}}", flow, CODES_HEAD).passed
    other = scene(f"{right}{{success: {{acr: phone}}}}", flow, CODES_HEAD)
    assert message(other) == "6:14: expected acr phone, got mailbox"


def test_a_node_that_may_not_be_entered_is_part_of_the_way() -> None:
    flow = CODES.replace(
        "    challenge: SMS_OTP\n", "    challenge: SMS_OTP\n    needs: proved.email\n"
    )
    result = scene("steps: [{answer: {switch: SMS_OTP}}]\noutcome: success", flow, CODES_HEAD)
    assert trail(result) == [("email", "sms"), ("sms", None)]
    told = plain_text(failure_lines(result)).splitlines()
    assert told[-1] == "    sms (needs) -> refused  since proved.email does not hold"


def test_a_condition_without_a_value_is_part_of_the_way() -> None:
    branches = """next:
      - when: user.attributes["custom:x"] == "y"
        goto: done
      - else: sms
  sms:"""
    flow = CODES.replace("next: done\n  sms:", branches)
    result = scene("steps: [{answer: right}]\noutcome: success", flow, CODES_HEAD)
    told = plain_text(failure_lines(result)).splitlines()
    assert told[-1] == (
        '    email (proved) -> refused  since user.attributes["custom:x"] == "y" has no value'
    )
