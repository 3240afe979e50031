"""What the compiler finds wrong with menus, and with what must have come before a node."""

from __future__ import annotations

import pytest

from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FLOW = """
flow: menus
version: 1
auth_flows:
  USER_AUTH: {start: menu, inline: [SRP_A], parameters: ['SRP_A?', 'PREFERRED_CHALLENGE?']}
require: [proved.password || proved.totp]
start: menu
nodes:
  menu:
    offer: [srp, plain]
    challenge: SELECT_CHALLENGE
    prefer: auth_flow.parameters.PREFERRED_CHALLENGE
    none: refused
  srp: {challenge: PASSWORD_SRP, responses: [SRP_A], next: verifier}
  verifier:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""


def found(*change: str) -> list[tuple[str, str]]:
    text = FLOW
    if change:
        before, after = change
        assert before in text
        text = text.replace(before, after, 1)
    source = SourceText("menus.flow.yaml", text)
    _, findings = load_source(source)
    return [(each.rule, text[each.span.start : each.span.end]) for each in findings]


def test_the_unbroken_flow_compiles() -> None:
    assert found() == []


def test_srp_a_must_have_come_on_every_path_not_on_some() -> None:
    assert found("responses: [PASSWORD], next: done", "responses: [PASSWORD], next: verifier") == [
        ("missing-parameter", "verifier")
    ]


@pytest.mark.parametrize("outcome", ["wrong", "exhausted", "unavailable"])
def test_only_a_taken_srp_a_has_come(outcome: str) -> None:
    way = f"responses: [SRP_A], {outcome}: verifier, next: verifier"
    assert found("responses: [SRP_A], next: verifier", way) == [("missing-parameter", "verifier")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("inline: [SRP_A]", "inline: [EMAIL_OTP_CODE]", ("inline-key", "EMAIL_OTP_CODE")),
        ("offer: [srp, plain]", "offer: [srp, palin]", ("dangling-target", "palin")),
        ("offer: [srp, plain]", "offer: [srp, done]", ("dangling-target", "done")),
        ("none: refused", "none: nowhere", ("dangling-target", "nowhere")),
        ("none: refused", "none: menu", ("unbounded-loop", "menu")),
        ("none: refused", "none: again", ("misplaced-again", "again")),
        ("prefer: auth_flow.parameters.PREFERRED_CHALLENGE", "prefer: user.has.totp",
         ("wrong-type", "user.has.totp")),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_place(
    before: str, after: str, expected: tuple[str, str]
) -> None:
    assert expected in found(before, after)


def test_what_answers_inline_has_not_come_for_another_node() -> None:
    both = "inline: [SRP_A], parameters: [SRP_A, 'PREFERRED_CHALLENGE?']"
    text = FLOW.replace("inline: [SRP_A], parameters: ['SRP_A?', 'PREFERRED_CHALLENGE?']", both)
    text = text.replace("[PASSWORD], next: done", "[PASSWORD], next: verifier")
    _, findings = load_source(SourceText("menus.flow.yaml", text))
    assert [each.rule for each in findings] == ["missing-parameter"]
