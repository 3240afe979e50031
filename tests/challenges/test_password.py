from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.accounts.account import Account
from flowengine.accounts.credentials import make_password
from flowengine.accounts.decoys import decoy_account
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Denied, Malformed, Proved, Standing, Unavailable, Wrong
from flowengine.challenges.password import Password
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from tests.challenges.builders import NOW, PLAIN, POOL, answering, issued, issuing, said, stream

KIND: Final = Password()
REFUSED: Final = (NotAuthorizedError, "Incorrect username or password.")
HASHED: Final = replace(POOL, srp=False)


def account_with(password: str, pool: Pool = POOL) -> Account:
    credential = make_password(pool, PLAIN.username, password, stream(b"salt"))
    return replace(PLAIN, password=credential)


def test_a_wrong_password_ends_the_sign_in_and_counts_for_the_password() -> None:
    facts = KIND.facts
    assert (facts.standing, facts.attempts, facts.factor) == (Standing.OVER, 1, "password")
    assert facts.answered_by == ("PASSWORD",)


def test_nothing_is_told_when_the_password_is_asked_for() -> None:
    assert issued(KIND.issue(issuing())).parameters == {}


@pytest.mark.parametrize("pool", [POOL, HASHED], ids=["srp", "hash"])
def test_the_password_is_checked_against_what_the_pool_keeps(pool: Pool) -> None:
    account = account_with("Correct-Horse-9", pool)
    right = answering({"PASSWORD": "Correct-Horse-9"}, account, pool=pool)
    wrong = answering({"PASSWORD": "correct-Horse-9"}, account, pool=pool)
    assert KIND.verify(right) == Proved(("password",))
    assert said(KIND.verify(wrong)) == (Wrong, *REFUSED)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_only_the_password_itself_proves(password: str, other: str) -> None:
    verdict = KIND.verify(answering({"PASSWORD": other}, account_with(password)))
    assert isinstance(verdict, Proved) is (other == password)


@pytest.mark.parametrize("pool", [POOL, HASHED], ids=["srp", "hash"])
@pytest.mark.parametrize("password", ["", "Correct-Horse-9"])
def test_every_password_is_wrong_for_a_user_without_one(pool: Pool, password: str) -> None:
    verdict = KIND.verify(answering({"PASSWORD": password}, PLAIN, pool=pool))
    assert said(verdict) == (Wrong, *REFUSED)


@pytest.mark.parametrize("pool", [POOL, HASHED], ids=["srp", "hash"])
def test_every_password_is_wrong_for_a_decoy(pool: Pool) -> None:
    decoy = decoy_account(b"secret", pool, "nobody", NOW)
    verdict = KIND.verify(answering({"PASSWORD": "Correct-Horse-9"}, decoy, pool=pool))
    assert said(verdict) == (Wrong, *REFUSED)


def test_an_answer_without_the_password_was_not_compared() -> None:
    assert said(KIND.verify(answering({}))) == (
        Malformed,
        InvalidParameterError,
        "Missing required parameter PASSWORD",
    )


def test_without_a_directory_there_is_no_password_to_ask_for() -> None:
    assert said(KIND.issue(issuing(None))) == (Unavailable, *REFUSED)
    assert said(KIND.verify(answering({"PASSWORD": "x"}, None))) == (Denied, *REFUSED)


@settings(max_examples=10, deadline=None)
@given(st.uuids().map(str))
def test_no_repr_shows_the_password(secret: str) -> None:
    account = account_with(secret)
    for sent in (secret, secret + "x"):
        answer = answering({"PASSWORD": sent}, account)
        assert secret not in repr((answer, KIND.verify(answer), account))
