"""What kinds can answer is read out of their code, and held against what they say of themselves."""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.decoys import decoy_account
from flowengine.analysis.checking import check_source
from flowengine.challenges import delivered_codes, srp_proof
from flowengine.challenges.catalog import BUILTIN
from flowengine.challenges.kind import ChallengeKind, Denied, Issued, Pending
from flowengine.source import SourceText
from tests.challenges.builders import NOW, PLAIN, POOL, answering, issuing
from tests.planted import KEY, TOTP_SECRET

SHARED = {"SMS_MFA": delivered_codes, "SMS_OTP": delivered_codes, "EMAIL_OTP": delivered_codes}
ASKING = [k for k in BUILTIN if not k.facts.name.startswith(("SELECT_", "CUSTOM_"))]


def _code(kind: ChallengeKind) -> str:
    module = SHARED.get(kind.facts.name) or sys.modules[type(kind).__module__]
    source = inspect.getsource(module)
    return source + (inspect.getsource(srp_proof) if "srp_proof" in source else "")


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_a_kind_says_never_where_its_code_has_no_such_word(kind: ChallengeKind) -> None:
    words = {"denied": "Denied(", "unavailable": "Unavailable("}
    assert {each for each, word in words.items() if word not in _code(kind)} <= {*kind.facts.never}


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_a_kind_that_compares_may_have_wrong_answers(kind: ChallengeKind) -> None:
    for outcome in ("wrong", "exhausted"):
        assert ("Wrong(" in _code(kind)) is (outcome not in kind.facts.never)


USERS = [PLAIN, replace(PLAIN, totp=TotpFactor(TOTP_SECRET)), decoy_account(KEY, POOL, "bob", NOW)]


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_a_kind_that_says_never_does_not_for_any_user(kind: ChallengeKind) -> None:
    for user in USERS:
        made = kind.issue(issuing(user, carried={"SRP_A": "5"}))
        assert isinstance(made, Issued) or "unavailable" not in kind.facts.never
        if not isinstance(made, Issued) or "denied" not in kind.facts.never:
            continue
        for text in (None, "", "0", "123456", "\N{KEY}"):
            sent = {} if text is None else dict.fromkeys((*kind.facts.required, "DEVICE_KEY"), text)
            verdict = kind.verify(answering(sent, user, private=made.private))
            assert not isinstance(verdict, Denied | Pending)


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("challenge: PASSWORD, responses: [PASSWORD], unavailable", "PASSWORD can be asked of"),
        ("challenge: PASSWORD, responses: [PASSWORD], denied", "PASSWORD denies no answer"),
        ("challenge: PASSWORD_SRP, responses: [SRP_A], wrong", "PASSWORD_SRP compares nothing"),
        (
            "challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], attempts: 1, wrong",
            "the only attempt is the last one, which is `exhausted`",
        ),
        ("challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], unavailable", None),
        ("challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], attempts: 2, wrong", None),
    ],
)
def test_it_is_said_why_an_edge_is_never_taken(written: str, because: str | None) -> None:
    text = (
        "flow: f\nversion: 1\nauth_flows: [USER_AUTH]\nrequire: [proved.email]\nstart: a\n"
        f"nodes:\n  a: {{{written}: refused, next: done}}\n  done: {{end: success}}\n"
    )
    found = check_source(SourceText("f.flow.yaml", text))
    told = [each.message for each in found if each.rule == "edge-never-taken"]
    assert len(told) == (because is not None)
    assert all(str(because) in each for each in told)


FLOW = """
flow: waits
version: 1
auth_flows: [CUSTOM_AUTH]
functions:
  asked: {returns: {state: string}}
require: [proved.push]
evidence: {push: possession}
start: push
nodes:
  push:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    verify: {call: asked}
    evidence: push
    expired: refused
    next: done
  done:
    end: success
"""


@pytest.mark.parametrize(
    ("lasts", "told"),
    [("", True), ("    expires: 1m\n", False), ("    poll: {every: 5s, for: 2m}\n", False)],
)
def test_what_lasts_too_long_expires(lasts: str, told: bool) -> None:  # noqa: FBT001 - a parameter
    text = FLOW.replace("    expired:", f"{lasts}    expired:")
    found = check_source(SourceText("waits.flow.yaml", text))
    assert ("edge-never-taken" in [each.rule for each in found]) is told
