from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.account import TotpFactor
from flowengine.challenges.kind import (
    Denied,
    Malformed,
    Proved,
    Spend,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.challenges.software_token_mfa import SoftwareTokenMfa
from flowengine.crypto import totp
from flowengine.errors import (
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    SoftwareTokenMFANotFoundError,
)
from tests.challenges.builders import NOW, PLAIN, answering, issued, issuing, said

KIND: Final = SoftwareTokenMfa()
SECRET: Final = b"12345678901234567890"
ALICE: Final = replace(PLAIN, totp=TotpFactor(SECRET, name="my phone"))
PRESENT: Final = totp.counter_at(NOW)
MISMATCH: Final = (CodeMismatchError, "Invalid code received for user")
NOT_FOUND: Final = (
    SoftwareTokenMFANotFoundError,
    "Software Token MFA does not exist for the user.",
)


def judge(code: str) -> Verdict:
    verdict = KIND.verify(answering({"SOFTWARE_TOKEN_MFA_CODE": code}, ALICE))
    assert not isinstance(verdict, Malformed)
    return verdict


def spend_of(verdict: Verdict) -> Spend:
    assert isinstance(verdict, Proved)
    assert verdict.spend is not None
    return verdict.spend


def test_a_wrong_code_may_be_tried_again_and_counts_for_totp() -> None:
    facts = KIND.facts
    assert (facts.standing, facts.attempts, facts.factor) == (Standing.RETRY, 5, "totp")
    assert facts.proves == ("totp",)


def test_the_challenge_names_the_user_and_the_app() -> None:
    assert issued(KIND.issue(issuing(ALICE))).parameters == {
        "USER_ID_FOR_SRP": ALICE.username,
        "FRIENDLY_DEVICE_NAME": "my phone",
    }


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_right_one_period_either_side(steps: int) -> None:
    verdict = judge(totp.code(SECRET, PRESENT + steps))
    assert isinstance(verdict, Proved)
    assert verdict.evidence == ("totp",)
    assert spend_of(verdict).key == f"totp:{PRESENT + steps}"


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_further_off_is_wrong(steps: int) -> None:
    assert said(judge(totp.code(SECRET, PRESENT + steps))) == (Wrong, *MISMATCH)


@pytest.mark.parametrize(
    ("steps", "older"), [(-1, ()), (0, (PRESENT - 1,)), (1, (PRESENT - 1, PRESENT))]
)
def test_with_a_code_the_older_ones_that_would_still_match_are_spent(
    steps: int, older: tuple[int, ...]
) -> None:
    spend = spend_of(judge(totp.code(SECRET, PRESENT + steps)))
    assert spend.also == tuple(f"totp:{counter}" for counter in older)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_spent_code_is_remembered_until_it_would_match_no_longer(steps: int) -> None:
    code = totp.code(SECRET, PRESENT + steps)
    spend = spend_of(judge(code))
    late = answering({"SOFTWARE_TOKEN_MFA_CODE": code}, ALICE, now=spend.until)
    assert isinstance(KIND.verify(late), Wrong)
    assert NOW < spend.until < NOW + timedelta(minutes=8)


def test_a_code_that_was_used_is_told_so() -> None:
    used = spend_of(judge(totp.code(SECRET, PRESENT))).used
    assert isinstance(used, ExpiredCodeError)
    assert used.message == "Your software token has already been used once."


RIGHT: Final = totp.code(SECRET, PRESENT)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "12345",
        RIGHT + "0",
        " " + RIGHT[1:],
        RIGHT + "\n",
        "١٢٣٤٥٦",
        "\ud800",
        "abcdef",
        "9" * 9999,
    ],
)
def test_what_is_not_six_digits_is_a_wrong_code_and_costs_a_try(code: str) -> None:
    assert said(judge(code)) == (Wrong, *MISMATCH)


@given(st.integers(0, 999_999).map("{:06d}".format))
def test_only_the_codes_of_the_window_prove(code: str) -> None:
    window = {totp.code(SECRET, PRESENT + steps) for steps in (-1, 0, 1)}
    assert isinstance(judge(code), Proved) is (code in window)


@pytest.mark.parametrize(
    "account",
    [None, PLAIN, replace(PLAIN, totp=TotpFactor(SECRET, active=False))],
    ids=["no directory", "no app", "app that is off"],
)
def test_a_user_without_an_active_app_cannot_be_asked(account: object) -> None:
    assert said(KIND.issue(issuing(account))) == (Unavailable, *NOT_FOUND)  # type: ignore[arg-type]
    answer = answering({"SOFTWARE_TOKEN_MFA_CODE": RIGHT}, account)  # type: ignore[arg-type]
    assert said(KIND.verify(answer)) == (Denied, *NOT_FOUND)


def test_an_answer_without_the_code_was_not_compared() -> None:
    assert said(KIND.verify(answering({}, ALICE))) == (
        Malformed,
        InvalidParameterError,
        "Missing required parameter SOFTWARE_TOKEN_MFA_CODE",
    )


def test_no_repr_shows_the_key_or_a_code() -> None:
    answer = answering({"SOFTWARE_TOKEN_MFA_CODE": RIGHT}, ALICE)
    shown = repr((ALICE, issuing(ALICE), answer, KIND.verify(answer), judge("000000")))
    assert RIGHT not in shown
    assert repr(SECRET) not in shown
    assert str(PRESENT) not in shown
