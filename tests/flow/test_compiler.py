from __future__ import annotations

import pytest

from flowengine.flow.compiler import compile_condition
from flowengine.flow.loading import load_source
from flowengine.flow.mermaid import mermaid
from flowengine.source import SourceText

GOOD = """flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
evidence: {quiz: knowledge, captcha: none}
inputs:
  risk: {type: {score: int}, default: {score: 1}}
define:
  low: risk.score < 20
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: choice
  choice:
    choose:
      - when: low
        goto: done
      - else: quiz
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next: done
  done:
    end: success
    level: low
"""
ASK = "    create: {call: ask}\n"
VERIFY = "    verify: responses.ANSWER == private.answer\n"
NEXT = "    responses: [PASSWORD]\n    next: choice"
BROKEN = {
    "dangling-target": ("next: choice", "next: chioce"),
    "misplaced-again": ("next: choice", "next: again"),
    "missing-else": ("      - else: quiz\n", ""),
    "misplaced-else": ("      - when: low\n", "      - else: done\n      - when: low\n"),
    "over-kind-retries": (NEXT, NEXT + "\n    wrong: password"),
    "missing-response-key": ("responses: [PASSWORD]", "responses: ['PASSWORD?']"),
    "custom-only": (NEXT, NEXT + "\n    evidence: quiz"),
    "unknown-evidence": ("    evidence: quiz", "    evidence: quz"),
    "missing-verify": (VERIFY, ""),
    "verify-form": (VERIFY, "    verify: responses.ANSWER != private.answer\n"),
    "verify-literal": (VERIFY, '    verify: responses.ANSWER == "blue"\n'),
    "verify-private": (ASK, ""),
    "unknown-level": ("level: low", "level: lo"),
    "unbounded-loop": ("goto: done", "goto: choice"),
    "missing-parameter": ("challenge: PASSWORD\n    responses: [PASSWORD]", "challenge: PASSWORD_VERIFIER\n    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]"),  # noqa: E501
    "reserved-evidence": ("{quiz: knowledge,", "{totp: knowledge, quiz: knowledge,"),
    "reserved-name": ("  risk: {", "  user: {type: string, default: x}\n  risk: {"),
    "unknown-type": ("score: int", "score: duration"),
    "wrong-default": ("default: {score: 1}", "default: {score: high}"),
    "same-challenge": ("  done:\n", "  menu:\n    offer: [quiz, poll]\n    none: refused\n  poll:\n    challenge: CUSTOM_CHALLENGE\n    responses: [ANSWER]\n    verify: {call: f}\n    next: done\n  done:\n"),  # noqa: E501
    "inline-key": ("  done:\n", "  menu:\n    offer: [password]\n    inline: [SRP_A]\n    none: refused\n  done:\n"),  # noqa: E501
    "nothing-to-resend": (NEXT, NEXT + "\n    resend: {key: R, times: 1, every: 1s}"),
    "ambiguous-key": (NEXT, NEXT + "\n    switch: {key: PASSWORD, to: [quiz]}"),
    "deliver-nothing": (ASK, "    deliver: {channel: email}\n"),
    "wrong-type": ("  done:\n", "  menu:\n    offer: [quiz]\n    prefer: 'true'\n    none: refused\n  done:\n"),  # noqa: E501
    "unknown-name": ("when: low", "when: lo"),
}  # fmt: skip


def rules(text: str) -> list[str]:
    _, found = load_source(SourceText("f.flow.yaml", text))
    return [finding.rule for finding in found]


def test_the_unbroken_flow_compiles() -> None:
    assert rules(GOOD) == []


@pytest.mark.parametrize("rule", BROKEN)
def test_a_mistake_is_found_under_its_own_name(rule: str) -> None:
    before, after = BROKEN[rule]
    assert before in GOOD
    assert rule in rules(GOOD.replace(before, after, 1))


def test_a_literal_may_be_compared_where_it_proves_nothing() -> None:
    text = GOOD.replace(VERIFY, '    verify: responses.ANSWER == "blue"\n')
    assert rules(text.replace("evidence: quiz\n", "evidence: captcha\n")) == []


def test_a_builtin_target_cannot_be_defined() -> None:
    assert rules(GOOD + "  refused:\n    end: failure\n") == ["schema-value"]


def test_any_change_of_the_text_changes_the_digest() -> None:
    one, _ = load_source(SourceText("f", GOOD))
    two, _ = load_source(SourceText("f", GOOD.replace("< 20", "< 21")))
    assert one is not None
    assert two is not None
    assert one.digest != two.digest


def test_a_deployments_condition_may_use_the_flows_names() -> None:
    program, _ = load_source(SourceText("f", GOOD))
    assert program is not None
    condition = compile_condition(program, "proved.quiz && low")
    facts = {"proved": {"quiz": True}, "risk": {"score": 5}}
    assert condition.program.evaluate(facts) is True


def test_the_drawing_has_every_node_and_the_conditions() -> None:
    program, _ = load_source(SourceText("f", GOOD))
    assert program is not None
    drawn = mermaid(program)
    for name in program.nodes:
        assert f"n_{name}" in drawn
    assert "n_choice --> n_done : low" in drawn
