"""What is known of the device that a client names, and from which answer on."""

from __future__ import annotations

import pytest

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted, Unproven, Verdict
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FLOW = """flow: f
version: 1
auth_flows: {{USER_PASSWORD_AUTH: {{parameters: [{key}]}}}}
inputs: {{n: {{type: int, default: 0}}}}
require: ['{require}']
start: first
nodes:
  first: {{choose: {first}}}
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: {next}}}
  totp: {{challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: {then}}}
  look: {{choose: {then}}}
  device: {{challenge: DEVICE_SRP_AUTH, responses: [DEVICE_KEY, SRP_A], next: device-proof}}
  device-proof:
    challenge: DEVICE_PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  done: {{end: success}}
"""
ALL = "[{else: done}]"
ON = "[{else: password}]"


def proof(
    require: str, following: str, *, first: str = ON, then: str = ALL, key: str = "'DEVICE_KEY?'"
) -> FlowProof:
    text = FLOW.format(require=require, first=first, next=following, then=then, key=key)
    program, found = load_source(SourceText("f", text))
    assert program is not None, found
    return FlowProof(program)


def verdict(require: str, following: str, **edges: str) -> Verdict:
    (promise,) = proof(require, following, **edges).require
    return promise.verdict


def path(found: Verdict) -> list[str]:
    assert isinstance(found, Refuted), found
    return [step.node for step in found.by.steps]


def branch(when: str, goto: str, otherwise: str = "refused") -> str:
    return f"[{{when: '{when}', goto: {goto}}}, {{else: {otherwise}}}]"


def test_a_device_that_was_not_remembered_when_it_was_asked_may_be_at_the_end() -> None:
    """Both conditions were once read of the device that the sign-in began with."""
    first = branch("!device.remembered", "password", "device")
    assert path(verdict("!device.remembered || proved.device", ALL, first=first)) == [
        "first", "password",
    ]  # fmt: skip
    assert path(verdict("!device.claimed", ALL, first=branch("!device.claimed", "password"))) == [
        "first", "password",
    ]  # fmt: skip


def test_a_device_asked_for_after_the_last_answer_is_the_one_at_the_end() -> None:
    asked = branch("device.remembered", "device", "done")
    assert isinstance(verdict("!device.remembered || proved.device", asked), Proved)
    assert isinstance(verdict("!device.claimed", branch("!device.claimed", "look")), Proved)


def test_an_answer_between_the_question_and_the_end_may_name_a_device() -> None:
    asked = branch("device.remembered", "device", "totp")
    found = verdict("!device.remembered || proved.device", asked)
    assert path(found) == ["first", "password", "totp"]
    again = branch("device.remembered", "device", "done")
    assert isinstance(verdict("!device.remembered || proved.device", asked, then=again), Proved)


def test_a_device_stays_remembered_once_it_is() -> None:
    asked = branch("device.remembered", "totp")
    assert isinstance(verdict("device.remembered", asked), Proved)
    assert isinstance(verdict("device.claimed", branch("device.claimed", "totp")), Proved)


def test_the_device_that_a_sign_in_is_on_is_not_remembered_later() -> None:
    """Without a key at first, what is claimed later is a device that the user has."""
    asked = branch("device.claimed && !device.remembered", "totp")
    assert isinstance(verdict("!device.remembered", asked, key=""), Proved)


def test_a_key_that_nobody_knows_may_be_followed_by_one_that_the_user_has() -> None:
    asked = branch("device.claimed && !device.remembered", "totp")
    found = verdict("!device.remembered", asked)
    assert path(found) == ["first", "password", "totp"]
    assert isinstance(found, Refuted)
    assert found.by.facts["has(auth_flow.parameters.DEVICE_KEY)"].value is True


def test_no_device_is_known_before_one_was_named() -> None:
    first = branch("device.remembered || device.claimed", "done", "password")
    assert isinstance(verdict("proved.password", ALL, first=first, key=""), Proved)
    assert isinstance(verdict("proved.password", ALL, first=first), Refuted)


def test_what_nobody_sees_into_is_asked_anew_with_every_answer() -> None:
    opaque = "(device.remembered ? 1 : 0) * n > 0"
    first = branch(f"!({opaque})", "password")
    found = verdict(f"!({opaque})", ALL, first=first)
    assert isinstance(found, Unproven)
    assert found.because.endswith("being true")


def test_what_is_reckoned_from_a_device_is_asked_anew_with_every_answer() -> None:
    sum_ = "(device.remembered ? 1 : 0) + n > 0"
    found = verdict(f"!({sum_})", ALL, first=branch(f"!({sum_})", "password"))
    assert path(found) == ["first", "password"]
    assert isinstance(found, Refuted)
    told = [str(each) for each in found.by.final]
    assert told == ["device.remembered = true", "n = 0"]


@pytest.mark.parametrize("named", ["remembered", "claimed"])
def test_a_device_that_is_named_has_proved_nothing(named: str) -> None:
    found = verdict("proved.device", branch(f"device.{named}", "done"))
    assert path(found) == ["first", "password"]
    assert isinstance(verdict("proved.device", "[{else: device}]"), Proved)
