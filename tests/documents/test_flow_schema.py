"""grammars/flow.schema.json: the whole format of a flow, and the words for what is not it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowengine.documents import load_checked, schemas
from flowengine.source import SourceText

SCHEMA = schemas.load("flow.schema.json")

SAMPLE = """\
flow: sign-in
version: 3
summary: Password by SRP, then a second factor unless this is a remembered device at low risk.

auth_flows: [USER_SRP_AUTH]            # who may start it

inputs:                                # typed facts of the backend, constant for the sign-in
  risk: {type: {score: int, signals: [string]}, default: {score: 100, signals: []}}

define:                                # named conditions
  second_factor: proved.totp || proved.passkey || proved.device

require:                               # must hold at every success
  - proved.password
  - that: second_factor || (enrolled.totp && proved.email) || (risk.score < 20 && !user.has.any)
    because: A stolen password alone must never be enough once the user has a second factor.

start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next:                              # on a proved answer; the first true branch wins
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - when: device.remembered && pool.device_challenge   # still only a claim
        goto: device
      - else: second-factor

  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    next: second-factor

  device:
    challenge: DEVICE_SRP_AUTH
    responses: [DEVICE_KEY, SRP_A]
    next: device-proof
  device-proof:
    challenge: DEVICE_PASSWORD_VERIFIER
    responses: [DEVICE_KEY, PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done

  second-factor:                       # a decision: nobody is asked anything
    choose:
      - when: user.has.totp
        goto: totp
      - when: risk.score < 20 && !user.has.any
        goto: done
      - when: risk.score < 70 && !user.has.any
        goto: mailbox                  # something stronger than the password guards enrolment
      - else: refused

  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    attempts: 5
    next: done

  mailbox:
    challenge: EMAIL_OTP
    responses: [EMAIL_OTP_CODE]
    expires: 2m
    next: enrol

  enrol:
    challenge: MFA_SETUP               # makes enrolled.totp, never proved.totp
    responses: []
    needs: proved.email
    next: done

  done:
    end: success
    accept: {single-factor: At low risk the password is enough for a user without another factor.}
"""

EVERYTHING = """\
flow: everything
auth_flows:
  USER_SRP_AUTH: {}
  CUSTOM_AUTH: {start: pick, parameters: [USERNAME, 'SRP_A?'], names_user: false}
  USER_AUTH: {start: pick, inline: [PASSWORD, SRP_A], continues: true}
inputs: {plan: {type: map(string)}, tags: {type: [string], default: []}}
metadata: {channel: {optional: true, enum: [app, web]}}
evidence: {quiz: knowledge, captcha: none}
functions:
  mail_code:
    with: {to: {type: string, role: recipient}}
    returns: {code: string, sent: bool}
    acts: true
define: {strong: proved.totp, weak: '!proved.totp'}
require: [strong]
start: pick
nodes:
  pick:
    offer: [ask, sub]
    challenge: SELECT_CHALLENGE
    prefer: user.prefers
    inline: [PASSWORD]
    attempts: 3
    none: [{when: strong, goto: ask}, {else: refused}]
  ask:
    challenge: CUSTOM_CHALLENGE
    responses:
      ANSWER: {pattern: '[a-z]+', min_length: 1, max_length: 9, format: digits, sensitive: true}
      RESEND: {optional: true}
    create: {call: mail_code, with: {to: user.attributes.email, n: 3, flag: true}}
    verify: responses.ANSWER == private.code
    deliver: {channel: email, template: code}
    evidence: quiz
    resend: {key: RESEND, times: 2, every: 30s}
    poll: {every: 2s, for: 2m}
    switch: {key: SWITCH, to: [sub]}
    next: sub
    wrong: again
    exhausted: locked
    expired: failed
    denied: failed
    unavailable: failed
  literal:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    parameters: {question: {value: 'What?'}, name: user.username}
    verify: {call: check_it, with: {given: responses.ANSWER}}
    next: looked-up
  looked-up:
    call: risk_of
    with: {list: {value: [1, 2, {a: b}]}}
    save: risk
    timeout: 500ms
    next: sub
    failed: failed
  sub:
    flow: other-flow
    with: {risk: vars.risk}
    next: done
    failed: failed
  done: {end: success, level: strong, needs: strong}
  recovered: {end: success, grants: nothing}
  failed: {end: failure, error: NotAuthorizedException, message: Not today.}
"""


def reports(text: str) -> list[str]:
    document, found = load_checked(SourceText("a.flow.yaml", text), SCHEMA)
    assert document is not None
    at = [each.source.position(each.span.start) for each in found]
    return [
        f"{position.line}:{position.column}: {each.message} [{each.rule}]"
        for position, each in zip(at, found, strict=True)
    ]


def with_node(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"flow: a\nstart: p\nnodes:\n  p:\n{lines}"


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    match schema:
        case dict():
            yield schema
            for value in schema.values():
                yield from parts(value)
        case list():
            for item in schema:
                yield from parts(item)


SCHEMAS = ("flow.schema.json", "deployment.schema.json", "scenario.schema.json")


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(dict(schemas.load(name)))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_is_described(name: str) -> None:
    for part in parts(schemas.load(name)):
        is_condition = set(part) <= {"type", "required", "properties"} and "description" not in part
        if is_condition or not isinstance(part.get("properties"), dict):
            continue
        for key, described in part["properties"].items():
            assert described.get("description"), key


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_mapping_is_closed(name: str) -> None:
    for part in parts(schemas.load(name)):
        if isinstance(part.get("properties"), dict) and "description" in part:
            assert "additionalProperties" in part, part["description"]


def test_node_kinds_are_told_apart_without_one_of() -> None:
    assert not any("oneOf" in part for part in parts(SCHEMA))


def test_the_flow_of_the_manual_has_no_findings() -> None:
    assert reports(SAMPLE) == []


def test_a_flow_with_every_key_has_no_findings() -> None:
    assert reports(EVERYTHING) == []


def test_every_key_of_every_node_is_in_that_flow() -> None:
    used = EVERYTHING + SAMPLE
    for name, part in SCHEMA["$defs"].items():
        for key in part.get("properties", {}):
            assert f"{key}:" in used, f"{name}.{key}"


NO_KIND = "a node starts with one of challenge, offer, choose, call, flow, end"
NO_MENU = "expected one of SELECT_MFA_TYPE, SELECT_CHALLENGE, found 'SELECT_MFA'"
CASES = [
    (
        "chalenge: X\nresponses: []",
        f"5:5: {NO_KIND} [schema-missing-key]",
    ),
    (
        "challenge: X\nresponses: []\nend: success\nfoo: 1",
        "7:5: a node cannot have both 'challenge' and 'end' [two-leading-keys]",
    ),
    ("challenge: X\nnext: d", "5:5: missing key 'responses' [schema-missing-key]"),
    ("challenge: X\nresponses: []", "5:5: missing key 'next' [schema-missing-key]"),
    ("call: f\nnext: d", "5:5: missing key 'failed' [schema-missing-key]"),
    ("offer: [a]", "5:5: missing key 'none' [schema-missing-key]"),
    (
        "end: sucess",
        "5:10: expected one of success, failure, found 'sucess' [schema-value]",
    ),
    ("end: failure\nlevel: x", "6:5: unknown key 'level' [schema-unknown-key]"),
    ("end: success\nerror: X", "6:5: unknown key 'error' [schema-unknown-key]"),
    ("end: success\ngrants: all", "6:13: expected 'nothing', found 'all' [schema-value]"),
    ("choose: x", "5:13: expected a list, found a string [schema-type]"),
    ("choose: []", "5:5: expected at least 1 item, found none [schema-value]"),
    ("choose: [{when: a}]", "5:15: missing key 'goto' [schema-missing-key]"),
    (
        "choose: [{goto: a}]",
        "5:15: a branch starts with one of when, else [schema-missing-key]",
    ),
    (
        "choose: [{when: a, else: b}]",
        "5:24: a branch cannot have both 'when' and 'else' [two-leading-keys]",
    ),
    (
        "choose: [{when: true, goto: b}]",
        "5:21: expected a string, found a boolean [schema-type]",
    ),
    (
        "challenge: X\nresponses: [A, A]\nnext: d",
        "6:20: 'A' is in this list already [schema-value]",
    ),
    (
        "challenge: X\nresponses: ['a b']\nnext: d",
        "6:17: expected a response key: KEY, 'KEY?' or 'FAMILY.*?', found 'a b' [schema-value]",
    ),
    (
        "challenge: X\nresponses: []\nnext: d\nexpires: 5 minutes",
        "8:14: expected a duration such as 30s, 5m or 1h, found '5 minutes' [schema-value]",
    ),
    (
        "challenge: X\nresponses: []\nnext: d\nattempts: 0",
        "8:15: expected 1 or more, found '0' [schema-value]",
    ),
    (
        "challenge: X\nresponses: []\nnext: 3",
        "7:11: expected a node's name or a list of branches, found a whole number [schema-type]",
    ),
    (
        "challenge: X\nresponses: []\nnext: d\ndeliver: {channel: email, to: x}",
        "8:31: unknown key 'to' [schema-unknown-key]",
    ),
    (
        "offer: [a]\nnone: b\nchallenge: SELECT_MFA",
        f"7:16: {NO_MENU} [schema-value]",
    ),
]


@pytest.mark.parametrize(("body", "report"), CASES)
def test_a_bad_node_gets_one_clear_finding(body: str, report: str) -> None:
    assert reports(with_node(body)) == [report]


@pytest.mark.parametrize("name", ["refused", "locked", "again"])
def test_a_built_in_target_cannot_be_defined(name: str) -> None:
    text = f"flow: a\nstart: {name}\nnodes: {{{name}: {{end: success}}}}\n"
    message = f"'{name}' exists without being written and cannot be defined"
    assert reports(text) == [f"3:9: {message} [schema-value]"]


@pytest.mark.parametrize("name", ["Flow", "1a", "a b", "", "é", "x" * 65])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    assert len(reports(f"flow: '{name}'\nstart: a\nnodes: {{a: {{end: success}}}}\n")) == 1


def test_an_empty_flow_lacks_what_it_needs() -> None:
    assert reports("{}\n") == [
        "1:1: missing key 'flow' [schema-missing-key]",
        "1:1: missing key 'nodes' [schema-missing-key]",
        "1:1: missing key 'start' [schema-missing-key]",
    ]
