"""``require-missing``: a flow that signs users in says what must be proved for it."""

from __future__ import annotations

import pytest

from tests.analysis.flows import changed, found, places, rules

WITHOUT = ("require: [proved.password]\n", "")
DOOR = "auth_flows: [USER_PASSWORD_AUTH]\n"
QUIZ = """challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
"""


def test_a_flow_that_anybody_may_start_is_found_at_its_name() -> None:
    text = changed(WITHOUT)
    (finding,) = found(text)
    assert (finding.rule, finding.message) == (
        "require-missing",
        "flow 'sound' signs users in and has no `require`",
    )
    assert places(text) == [("require-missing", 1, 7)]


@pytest.mark.parametrize(
    "require",
    ["[proved.password]", "[proved.totp]", "[{that: proved.totp, because: it must}]", "['true']"],
)
def test_any_requirement_is_enough(require: str) -> None:
    assert rules(changed(("require: [proved.password]", f"require: {require}"))) == []


def test_a_flow_that_only_other_flows_use_needs_none() -> None:
    assert rules(changed(WITHOUT, (DOOR, ""))) == []


@pytest.mark.parametrize("door", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH"])
def test_whichever_door_there_is_demands_it(door: str) -> None:
    assert rules(changed(WITHOUT, (DOOR, f"auth_flows: [{door}]\n"))) == ["require-missing"]


def test_the_hint_names_evidence_that_the_flow_can_give() -> None:
    asks = "challenge: PASSWORD\n    responses: [PASSWORD]\n"
    quiz = changed(WITHOUT, (DOOR, f"{DOOR}evidence: {{quiz: knowledge}}\n"), (asks, QUIZ))
    (finding,) = found(quiz)
    assert finding.hint == "say what every success must have proved: `require: [proved.quiz]`"


def test_the_hint_names_the_password_where_nothing_is_proved() -> None:
    head = "flow: f\nversion: 1\nauth_flows: [CUSTOM_AUTH]\nstart: done\n"
    (finding,) = found(head + "nodes:\n  done: {end: success}\n")
    assert finding.rule == "require-missing"
    assert finding.hint is not None
    assert "proved.password" in finding.hint


def test_no_node_can_accept_it() -> None:
    accepted = ("    next: choice", "    next: choice\n    accept: {require-missing: not so}")
    assert rules(changed(WITHOUT, accepted)) == ["require-missing"]
