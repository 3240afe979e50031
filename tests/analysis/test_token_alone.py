"""Continued sign-ins that prove nothing."""

from __future__ import annotations

import pytest

from tests.analysis.flows import changed, found, rules, spanned

DOOR = ("auth_flows: [USER_PASSWORD_AUTH]", "auth_flows: {USER_AUTH: {continues: true}}")
SHORT = ("start: password", "start: choice")
AGE = ("require: [proved.password]", "require: [\"age.password < duration('1h')\"]")


def test_a_proof_on_every_way_is_enough() -> None:
    assert rules(changed(DOOR)) == []


def test_a_way_around_the_proof_is_found_at_its_end() -> None:
    (each,) = [each for each in found(changed(DOOR, SHORT, AGE)) if each.rule == "token-alone"]
    assert spanned(each) == "done"
    assert "a stolen access token is enough" in each.message


@pytest.mark.parametrize("key", ["when: user.has.totp", "when: proved.password"])
def test_conditions_make_no_difference(key: str) -> None:
    text = changed(DOOR, SHORT, AGE, ("when: user.has.totp", key))
    assert "token-alone" in rules(text)


def test_a_wrong_answer_proves_nothing() -> None:
    wrong = ("    next: choice\n", "    next: choice\n    wrong: done\n")
    assert "token-alone" in rules(changed(DOOR, AGE, wrong))


def test_who_gives_no_tokens_may_prove_nothing() -> None:
    text = changed(
        DOOR, SHORT, AGE, ("    end: success\n", "    end: success\n    grants: nothing\n")
    )
    assert "token-alone" not in rules(text)


def test_a_sign_in_by_name_is_not_meant() -> None:
    assert "token-alone" not in rules(changed(SHORT))


def test_an_author_may_accept_it() -> None:
    accepted = (
        "    end: success\n",
        "    end: success\n    accept: {token-alone: It is for five minutes.}\n",
    )
    assert "token-alone" not in rules(changed(DOOR, SHORT, AGE, accepted))


def test_a_step_up_that_proves_nothing_is_found_and_the_way_without_a_token_is_not() -> None:
    up = "auth_flows: {USER_AUTH: {step_up: NODE}}"
    with_proof = (DOOR[0], up.replace("NODE", "password"))
    assert rules(changed(with_proof)) == []
    without = (DOOR[0], up.replace("NODE", "choice"))
    assert "token-alone" in rules(changed(without, AGE))
