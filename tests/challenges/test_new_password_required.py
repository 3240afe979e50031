from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.accounts.account import Account, AccountChanges, HashCredential, SrpCredential
from flowengine.accounts.credentials import check_password, make_password
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.user import UserStatus
from flowengine.challenges.kind import (
    Denied,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.challenges.new_password_required import NewPasswordRequired
from flowengine.errors import (
    InvalidParameterError,
    InvalidPasswordError,
    NotAuthorizedError,
    PasswordHistoryPolicyViolationError,
)
from tests.challenges.builders import NOW, PLAIN, POOL, answering, issued, issuing, said, stream

KIND: Final = NewPasswordRequired()
STRICT: Final = replace(
    POOL,
    password_policy=PasswordPolicy(min_length=12, require_numbers=True),
    required_attributes=("name", "email", "custom:team"),
)
TEMPORARY: Final = "Temporary-Horse-1"
ALICE: Final = replace(
    PLAIN,
    status=UserStatus.FORCE_CHANGE_PASSWORD,
    temporary_until=NOW,
    attributes={"email": "alice@example.com", "email_verified": "true", "name": ""},
    password=make_password(STRICT, PLAIN.username, TEMPORARY, stream(b"salt")),
)
GOOD: Final = {
    "NEW_PASSWORD": "Correct-Horse-9",
    "userAttributes.name": "Alice",
    "userAttributes.custom:team": "blue",
}
UNAUTHORIZED: Final = (NotAuthorizedError, "A client attempted to write unauthorized attribute")
NO_SUCH_ATTRIBUTE: Final = (
    InvalidParameterError,
    "Attributes did not conform to the schema: Attribute does not exist in the schema.",
)


def judge(responses: dict[str, str], account: Account = ALICE) -> Verdict:
    verdict = KIND.verify(answering(responses, account, pool=STRICT))
    assert not isinstance(verdict, Denied)
    return verdict


def changes_of(verdict: Verdict) -> AccountChanges:
    assert isinstance(verdict, Proved)
    assert verdict.changes is not None
    return verdict.changes


def test_a_wrong_answer_may_be_tried_again_and_counts_for_no_factor() -> None:
    facts = KIND.facts
    assert (facts.standing, facts.attempts, facts.factor) == (Standing.RETRY, 5, None)
    assert facts.required == ("NEW_PASSWORD",)
    assert facts.optional == ("userAttributes.*",)
    assert set(facts.writes) >= {"user.status", "user.attributes", "user.has"}


def test_the_challenge_tells_what_is_there_and_what_is_missing_as_json_text() -> None:
    told = issued(KIND.issue(issuing(ALICE, pool=STRICT))).parameters
    assert told.keys() == {"USER_ID_FOR_SRP", "userAttributes", "requiredAttributes"}
    assert told["USER_ID_FOR_SRP"] == ALICE.username
    assert json.loads(told["userAttributes"]) == ALICE.attributes
    assert json.loads(told["requiredAttributes"]) == [
        "userAttributes.name",
        "userAttributes.custom:team",
    ]


def test_where_nothing_is_missing_nothing_is_required() -> None:
    told = issued(KIND.issue(issuing(ALICE))).parameters
    assert told["requiredAttributes"] == "[]"


def test_a_good_answer_proves_nothing_and_changes_the_user() -> None:
    verdict = judge(GOOD)
    assert isinstance(verdict, Proved)
    assert (verdict.evidence, verdict.spend) == ((), None)
    changed = changes_of(verdict).apply(ALICE, "stamp-2", NOW)
    assert changed.status is UserStatus.CONFIRMED
    assert changed.temporary_until is None
    assert changed.attributes == {
        "email": "alice@example.com",
        "email_verified": "true",
        "name": "Alice",
        "custom:team": "blue",
    }
    assert check_password(STRICT, ALICE.username, changed.password, "Correct-Horse-9")
    assert not check_password(STRICT, ALICE.username, changed.password, TEMPORARY)


def test_the_password_is_kept_as_the_pool_keeps_passwords() -> None:
    assert isinstance(changes_of(judge(GOOD)).password, SrpCredential)
    hashed = answering(GOOD, replace(ALICE, password=None), pool=replace(STRICT, srp=False))
    assert isinstance(changes_of(KIND.verify(hashed)).password, HashCredential)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "Password not long enough"),
        ("Short-1", "Password not long enough"),
        ("No-Number-In-Here", "Password must have numeric characters"),
        ("9" * 257, "Password is too long"),
        (" Correct-Horse-9", "Password must not begin or end with a space"),
        ("Correct-Horse-9\ud800", "Password is not valid text"),
    ],
)
def test_a_password_that_does_not_fit_is_told_why(password: str, reason: str) -> None:
    assert said(judge({**GOOD, "NEW_PASSWORD": password})) == (
        Wrong,
        InvalidPasswordError,
        f"Password did not conform with policy: {reason}",
    )


def test_the_temporary_password_is_no_new_one() -> None:
    assert said(judge({**GOOD, "NEW_PASSWORD": TEMPORARY})) == (
        Wrong,
        PasswordHistoryPolicyViolationError,
        "Password has previously been used",
    )


@pytest.mark.parametrize("name", ["name", "custom:team"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_attribute_that_is_absent_or_empty_is_missing(
    name: str, value: str | None
) -> None:
    sent = {**GOOD, f"userAttributes.{name}": value}
    answer = {key: text for key, text in sent.items() if text is not None}
    assert said(judge(answer)) == (
        Wrong,
        InvalidParameterError,
        f"Invalid attributes given, {name} is missing",
    )


def test_an_empty_value_is_as_good_as_none_and_takes_nothing_away() -> None:
    sent = {**GOOD, "userAttributes.email": "", "userAttributes.nickname": ""}
    assert changes_of(judge(sent)).attributes == {"name": "Alice", "custom:team": "blue"}


@pytest.mark.parametrize("value", ["mallory@example.com", "alice@example.com"])
def test_an_attribute_that_has_a_value_cannot_be_changed_nor_sent_again(value: str) -> None:
    assert said(judge({**GOOD, "userAttributes.email": value})) == (
        Wrong,
        NotAuthorizedError,
        "Cannot modify an already provided email",
    )


@pytest.mark.parametrize(
    "name",
    [
        "sub",
        "email_verified",
        "phone_number_verified",
        "identities",
        "cognito:user_status",
        "dev:custom:x",
    ],
)
def test_what_only_the_service_writes_is_refused(name: str) -> None:
    assert said(judge({**GOOD, f"userAttributes.{name}": "true"})) == (Wrong, *UNAUTHORIZED)


@pytest.mark.parametrize("name", ["", "Email", "email ", "custom:role", "is_admin", "\ud800"])
def test_an_attribute_that_the_pool_does_not_have_is_refused(name: str) -> None:
    assert said(judge({**GOOD, f"userAttributes.{name}": "x"})) == (Wrong, *NO_SUCH_ATTRIBUTE)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("phone_number", "0151", "Invalid phone number format."),
        ("nickname", "x" * 2049, "Invalid attributes given, nickname is too long"),
        ("nickname", "a\0b", "Invalid attributes given, nickname is not valid text"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: str, text: str) -> None:
    assert said(judge({**GOOD, f"userAttributes.{name}": value})) == (
        Wrong,
        InvalidParameterError,
        text,
    )


def test_an_address_that_was_just_written_is_not_verified_whatever_was_marked_before() -> None:
    marked = replace(ALICE, attributes={"email_verified": "true", "phone_number_verified": "true"})
    sent = {
        **GOOD,
        "userAttributes.email": "alice@example.com",
        "userAttributes.phone_number": "+4915112345678",
    }
    changed = changes_of(judge(sent, marked)).apply(marked, "stamp-2", NOW)
    assert changed.attributes["email_verified"] == "false"
    assert changed.attributes["phone_number_verified"] == "false"


def test_keys_of_other_challenges_are_not_taken_for_attributes() -> None:
    sent = {**GOOD, "PASSWORD_CLAIM_SIGNATURE": "x", "userAttributesX": "y"}
    assert changes_of(judge(sent)).attributes == {"name": "Alice", "custom:team": "blue"}


def test_an_answer_without_a_password_was_not_judged() -> None:
    assert said(judge({"userAttributes.name": "Alice"})) == (
        Malformed,
        InvalidParameterError,
        "Missing required parameter NEW_PASSWORD",
    )


def test_without_a_directory_no_password_can_be_set() -> None:
    refused = (NotAuthorizedError, "Incorrect username or password.")
    assert said(KIND.issue(issuing(None))) == (Unavailable, *refused)
    assert said(KIND.verify(answering(GOOD, None))) == (Denied, *refused)


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_a_password_that_is_taken_is_the_one_that_then_signs_in(password: str) -> None:
    verdict = judge({**GOOD, "NEW_PASSWORD": password})
    if isinstance(verdict, Proved):
        kept = changes_of(verdict).password
        assert check_password(STRICT, ALICE.username, kept, password)
    else:
        assert isinstance(verdict, Wrong)
        assert isinstance(verdict.error, InvalidPasswordError)


@settings(max_examples=15, deadline=None)
@given(st.uuids().map(str), st.sampled_from(["nickname", "email", "custom:team", "sub", "odd"]))
def test_no_repr_and_no_message_shows_the_password_or_a_value(secret: str, name: str) -> None:
    sent = {**GOOD, "NEW_PASSWORD": secret + "-9", f"userAttributes.{name}": secret}
    answer = answering(sent, ALICE, pool=STRICT)
    made = KIND.issue(issuing(replace(ALICE, attributes={"name": secret}), pool=STRICT))
    assert secret not in repr((answer, KIND.verify(answer), made))
