"""Sign-ins that begin with something: after a sign-up, or with what was proved before."""

from __future__ import annotations

from typing import Final

import pytest

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted, Verdict
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FLOW = """flow: begun
version: 1
auth_flows: {USER_AUTH: {DOOR}}
require: ['REQUIRE']
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: choice
  choice:
    choose:
      - when: WHEN
        goto: done
      - else: refused
  done:
    end: success
"""
AFTER = "after_sign_up: choice"
ON = "continues: true"


def verdict(
    door: str, when: str, require: str, doors: tuple[str, ...] | None = None, flow: str = FLOW
) -> Verdict:
    text = flow.replace("DOOR", door).replace("WHEN", when).replace("REQUIRE", require)
    program, found = load_source(SourceText("begun.flow.yaml", text))
    assert program is not None, found
    (promise,) = FlowProof(program, doors=doors).require
    return promise.verdict


def test_after_a_sign_up_one_address_is_proved_and_nothing_else() -> None:
    when = "proved.password || proved.email || proved.sms"
    assert isinstance(verdict(AFTER, when, when), Proved)
    assert isinstance(verdict(AFTER, when, "!(proved.email && proved.sms)"), Proved)
    found = verdict(AFTER, when, "proved.password")
    assert isinstance(found, Refuted)
    assert [step.node for step in found.by.steps] == ["choice"]
    assert found.by.start == "choice"


def test_the_code_of_a_sign_up_may_have_come_by_mail_or_by_message() -> None:
    for one, other in (("email", "sms"), ("sms", "email")):
        when = f"proved.password || proved.{one}"
        found = verdict(AFTER, when, f"proved.password || proved.{other}")
        assert isinstance(found, Refuted)


def test_without_a_sign_up_nothing_is_proved_at_first() -> None:
    when = "proved.password || proved.email"
    assert isinstance(verdict("start: password", when, "proved.password"), Proved)


@pytest.mark.parametrize("require", ["proved.totp", "has(age.totp) && proved.totp"])
def test_what_was_proved_before_has_an_age_and_is_no_evidence(require: str) -> None:
    found = verdict(ON, "has(age.totp)", require)
    assert isinstance(found, Refuted)
    assert isinstance(verdict(ON, "has(age.totp)", "proved.password && has(age.totp)"), Proved)


def test_only_who_continues_has_proved_something_before() -> None:
    door = ("USER_AUTH",)
    assert isinstance(verdict(ON, "has(age.password)", "proved.password", door), Proved)
    begins = "start: choice"
    assert isinstance(verdict(begins, "has(age.totp)", "proved.totp", door), Proved)
    # A backend may say that it was.
    assert isinstance(verdict(begins, "has(age.totp)", "proved.totp"), Refuted)


STEPS: Final = """flow: begun
version: 1
auth_flows:
  USER_AUTH: {DOOR}
  USER_PASSWORD_AUTH: {}
define:
  high: proved.totp
require: ['REQUIRE']
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: choice}
  choice:
    choose:
      - when: 'WHEN'
        goto: done
      - else: totp
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: high}
  done: {end: success}
  high: {end: success, level: high}
"""
UP: Final = "step_up: totp"


def stepping(door: str, when: str, require: str, *doors: str) -> Verdict:
    text = STEPS.replace("DOOR", door).replace("WHEN", when).replace("REQUIRE", require)
    program, found = load_source(SourceText("begun.flow.yaml", text))
    assert program is not None, found
    (promise,) = FlowProof(program, doors=doors or None).require
    return promise.verdict


def test_a_step_up_begins_at_its_own_node_and_has_nothing_proved() -> None:
    found = stepping(UP, "true", "proved.password", "USER_AUTH")
    assert isinstance(found, Refuted)
    assert found.by.start == "totp"
    assert isinstance(stepping(UP, "true", "proved.password || proved.totp"), Proved)


def test_who_begins_without_a_token_has_proved_nothing_before() -> None:
    # What has an age at the first node came with a token, and that begins elsewhere.
    up = "step_up: choice"
    both = "proved.password || proved.totp || has(age.sms)"
    assert isinstance(stepping(up, "has(age.sms)", both), Proved)
    found = stepping(up, "has(age.sms)", "proved.password || proved.totp")
    assert isinstance(found, Refuted)
    assert found.by.start == "choice"
    no_token = stepping("start: choice", "has(age.sms)", "proved.totp", "USER_AUTH")
    assert isinstance(no_token, Proved)


def test_any_client_may_ask_for_a_level_and_none_has_to() -> None:
    for when in ("auth_flow.target.high", "!auth_flow.target.high"):
        found = stepping("start: password", when, "proved.totp", "USER_AUTH")
        assert isinstance(found, Refuted)


def test_a_token_asks_for_a_level_and_another_auth_flow_for_none() -> None:
    require = "proved.totp"
    assert isinstance(
        stepping("continues: true", "!auth_flow.target.high", require, "USER_AUTH"), Proved
    )
    by_password = stepping(UP, "auth_flow.target.high", require, "USER_PASSWORD_AUTH")
    assert isinstance(by_password, Proved)
    up = "step_up: choice"
    assert isinstance(stepping(up, "auth_flow.target.high", require, "USER_AUTH"), Refuted)


def test_a_level_that_is_asked_for_stays_asked_for() -> None:
    twice = STEPS.replace("next: high}", "next: late}").replace("DOOR", "start: password")
    twice = twice.replace(
        "  done: {",
        "  late: {choose: [{when: '!auth_flow.target.high', goto: done}, {else: high}]}\n  done: {",
    )
    text = twice.replace("WHEN", "auth_flow.target.high").replace("REQUIRE", "proved.password")
    program, found = load_source(SourceText("begun.flow.yaml", text))
    assert program is not None, found
    assert isinstance(FlowProof(program).require[0].verdict, Proved)


NOBODY: Final = """flow: begun
version: 1
auth_flows: {USER_AUTH: {names_user: NAMES}}
require: ['REQUIRE']
start: first
nodes:
  first: {challenge: WEB_AUTHN, responses: [CREDENTIAL], FIRST}
  password:
    challenge: PASSWORD
    responses: [USERNAME, PASSWORD]
    switch: {key: SWITCH, to: [passkey]}
    next: refused
  passkey: {challenge: WEB_AUTHN, responses: [CREDENTIAL], next: done}
  done: {end: success}
"""
SWITCHING: Final = "switch: {key: SWITCH, to: [password]}, next: refused"


def switching(require: str, first: str = SWITCHING, *, named: bool = False) -> Verdict:
    text = NOBODY.replace("REQUIRE", require).replace("FIRST", first)
    text = text.replace("NAMES", str(named).lower())
    program, found = load_source(SourceText("begun.flow.yaml", text))
    assert program is not None, found
    (promise,) = FlowProof(program, doors=("USER_AUTH",)).require
    return promise.verdict


def test_before_anybody_is_named_a_switch_leads_to_what_its_user_may_not_have() -> None:
    """That the user had what was switched to was once taken for granted."""
    for require in ("user.has.password", "user.has.passkey"):
        found = switching(require)
        assert isinstance(found, Refuted)
        assert [step.node for step in found.by.steps] == ["first", "password", "passkey"]
    assert isinstance(switching("proved.passkey"), Proved)


def test_once_somebody_is_named_a_switch_leads_to_what_that_user_has() -> None:
    for require in ("user.has.password", "user.has.passkey"):
        assert isinstance(switching(require, named=True), Proved)
    assert isinstance(switching("user.has.passkey", "next: password"), Proved)
    assert isinstance(switching("user.has.password", "next: password"), Refuted)


@pytest.mark.parametrize("name", ["earlier", "absent", "somebody", "named"])
@pytest.mark.parametrize(("kind", "field"), [("bool", ""), ("{totp: bool}", ".totp")])
def test_no_input_is_taken_for_what_was_proved_before(name: str, kind: str, field: str) -> None:
    """One that was called `earlier` was once false where no sign-in was continued."""
    read = f"{name}{field}"
    text = FLOW.replace("{DOOR}", "{}").replace("WHEN", read).replace("REQUIRE", f"!{read}")
    text = text.replace("start:", f"inputs: {{{name}: {{type: {kind}}}}}\nstart:", 1)
    program, found = load_source(SourceText("begun.flow.yaml", text))
    assert program is not None, found
    assert isinstance(FlowProof(program, doors=("USER_AUTH",)).require[0].verdict, Refuted)


@pytest.mark.parametrize("require", ["user.enabled", 'user.status != "UNCONFIRMED"'])
@pytest.mark.parametrize("door", ["", ON, AFTER])
def test_a_directory_lets_in_nobody_who_is_disabled_or_unconfirmed(door: str, require: str) -> None:
    assert isinstance(verdict(door, "1 == 1", require), Proved)
    assert isinstance(verdict(door, "1 == 1", 'user.status != "RESET_REQUIRED"'), Refuted)


@pytest.mark.parametrize("require", ["user.enabled", 'user.status != "UNCONFIRMED"'])
def test_a_backend_without_a_directory_may_let_in_whom_it_likes(require: str) -> None:
    asked = "challenge: CUSTOM_CHALLENGE\n    verify: {call: judge}\n    create: {call: ask}"
    flow = FLOW.replace("challenge: PASSWORD", asked).replace("[PASSWORD]", "[ANSWER]")
    assert isinstance(verdict("", "1 == 1", require, flow=flow), Refuted)
