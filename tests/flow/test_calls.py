"""Calls of functions: held against their signatures, and what they save against its uses."""

from __future__ import annotations

import pytest

from flowengine.flow.loading import load_source
from flowengine.flow.mermaid import mermaid
from flowengine.flow.program import CallNode, FlowProgram
from flowengine.source import Diagnostic, SourceText

GOOD = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge}
functions:
  look_up: {with: {name: {type: string, role: identity}, limit: {type: int}}, returns: {score: int}}
  tell: {with: {to: {type: string, role: recipient}}, acts: true}
define:
  low: has(vars.risk) && vars.risk.score < 20
require: [proved.quiz]
start: risk
nodes:
  risk:
    call: look_up
    with: {name: user.username, limit: 3}
    save: risk
    next: quiz
    failed: unknown
  unknown:
    choose:
      - when: low
        goto: quiz
      - else: told
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next:
      - when: low
        goto: done
      - else: told
  told:
    call: tell
    with: {to: user.attributes.email}
    next: done
    failed: refused
  done:
    end: success
"""


def compiled(text: str) -> tuple[FlowProgram | None, list[Diagnostic]]:
    return load_source(SourceText("f.flow.yaml", text))


def found(text: str) -> list[tuple[str, str]]:
    """Give each finding's rule and the text that it stands at."""
    return [(f.rule, text[f.span.start : f.span.end]) for f in compiled(text)[1]]


def test_a_call_compiles_to_a_node_of_its_own() -> None:
    program, diagnostics = compiled(GOOD)
    assert program is not None, diagnostics
    call = program.nodes["risk"]
    assert isinstance(call, CallNode)
    assert (call.save, call.acts, str(call.returns)) == ("risk", False, "look_up")
    assert program.functions == ("look_up", "ask", "tell")
    drawn = mermaid(program)
    assert 'state "risk<br/>calls look_up" as n_risk' in drawn
    assert "n_risk --> n_unknown : failed" in drawn


LITERAL = "{name: user.username, limit: 3}"
BROKEN = {
    "unknown-argument": (LITERAL, "{name: user.username, limit: 3, limt: 3}", "limt"),
    "missing-argument": (LITERAL, "{name: user.username}", "look_up"),
    "wrong-argument": (LITERAL, "{name: user.username, limit: user.username}", "look_up"),
    "untrusted-argument": (
        LITERAL,
        "{name: 'request.metadata[\"name\"]', limit: 3}",
        'request.metadata["name"]',
    ),
    "acting-function": ("create: {call: ask}", "create: {call: tell, with: {to: 'user.sub'}}", "tell"),  # noqa: E501
    "untyped-variable": (", returns: {score: int}}", "}", "risk"),
    "unknown-type": ("limit: {type: int}", "limit: {type: duration}", "duration"),
    "missing-else": ("    failed: unknown\n", "    failed: [{when: low, goto: quiz}]\n", "failed"),
    "dangling-target": ("failed: unknown", "failed: unknwn", "unknwn"),
    "misplaced-again": ("failed: unknown", "failed: again", "again"),
}  # fmt: skip


@pytest.mark.parametrize("rule", BROKEN)
def test_a_mistake_is_found_at_its_place(rule: str) -> None:
    before, after, place = BROKEN[rule]
    assert before in GOOD
    findings = found(GOOD.replace(before, after))
    assert (rule, place) in findings, findings


@pytest.mark.parametrize(
    ("given", "right"),
    [("3", True), ("'3'", True), ("'2 + 1'", True), ("{value: 3}", True), ("{value: '3'}", False)],
)
def test_a_literal_is_held_against_the_type_too(given: str, right: bool) -> None:  # noqa: FBT001
    findings = found(GOOD.replace("limit: 3}", f"limit: {given}}}"))
    assert [rule for rule, _ in findings] == ([] if right else ["wrong-argument"])


@pytest.mark.parametrize(
    "fact",
    [
        "request.user_agent",
        "request.context.ip",
        "auth_flow.parameters.DEVICE_KEY",
        "user.username + request.user_agent",
        "has(auth_flow.parameters.DEVICE_KEY) ? auth_flow.parameters.DEVICE_KEY : user.username",
    ],
)
def test_what_a_client_claims_reaches_no_identity(fact: str) -> None:
    findings = found(GOOD.replace("name: user.username", f"name: '{fact}'"))
    assert {rule for rule, _ in findings} == {"untrusted-argument"}


def test_what_a_client_claims_reaches_no_recipient_by_the_name_of_a_definition() -> None:
    text = GOOD.replace("define:\n", 'define:\n  app: request.metadata["to"] == "x"\n')
    text = text.replace("{to: user.attributes.email}", "{to: 'app ? user.sub : user.username'}")
    assert ("untrusted-argument", "app ? user.sub : user.username") in found(text)


def test_what_the_server_saw_may_reach_an_identity() -> None:
    assert found(GOOD.replace("name: user.username", "name: request.ip")) == []


def test_an_undeclared_function_takes_anything_and_saves_nothing() -> None:
    text = GOOD.replace("call: ask}", "call: ask, with: {x: request.user_agent, y: {value: [1]}}}")
    assert found(text) == []


def test_one_variable_has_one_type() -> None:
    more = "  more: {call: count, save: risk, next: done, failed: refused}\n  done:\n"
    text = GOOD.replace("functions:\n", "functions:\n  count: {returns: int}\n")
    text = text.replace("  done:\n", more).replace(
        "    next: done\n    failed", "    next: more\n    failed"
    )
    assert found(text) == [("two-types", "risk")]


# Every variable is set wherever it is read


def unset(text: str) -> list[str]:
    findings = found(text)
    assert {rule for rule, _ in findings} <= {"unset-variable"}, findings
    return [place for _, place in findings]


READ = "vars.risk.score < 20"


@pytest.mark.parametrize(
    ("guard", "unset_at"),
    [
        ("has(vars.risk) && vars.risk.score < 20", []),
        ("!has(vars.risk) || vars.risk.score < 20", []),
        ("has(vars.risk) ? vars.risk.score < 20 : false", []),
        ("!has(vars.risk) ? false : vars.risk.score < 20", []),
        ("user.enabled && has(vars.risk) && vars.risk.score < 20", []),
        ("(has(vars.risk) && user.enabled) && vars.risk.score < 20", []),
        ("!has(vars.risk)", []),
        (READ, ["vars.risk"]),
        ("vars.risk.score < 20 && has(vars.risk)", ["vars.risk"]),
        ("has(vars.risk) || vars.risk.score < 20", ["vars.risk"]),
        ("!has(vars.risk) && vars.risk.score < 20", ["vars.risk"]),
        ("has(vars.risk) ? true : vars.risk.score < 20", ["vars.risk"]),
        ("(has(vars.risk) || user.enabled) && vars.risk.score < 20", ["vars.risk"]),
        ("[1].all(x, x < vars.risk.score)", ["vars.risk"]),
    ],
)
def test_has_guards_what_stands_on_its_right(guard: str, unset_at: list[str]) -> None:
    text = GOOD.replace(
        "      - when: low\n        goto: done", f"      - when: '{guard}'\n        goto: done"
    )
    assert unset(text) == unset_at


def test_a_variable_is_set_behind_next_and_not_behind_failed() -> None:
    by_next = GOOD.replace(
        "    next: quiz\n    failed",
        f"    next:\n      - when: {READ}\n        goto: quiz\n      - else: told\n    failed",
    )
    assert unset(by_next) == []
    by_failed = GOOD.replace(
        "failed: unknown", f"failed:\n      - when: {READ}\n        goto: quiz\n      - else: told"
    )
    assert unset(by_failed) == ["vars.risk"]


def test_a_variable_that_only_one_way_sets_is_not_set() -> None:
    assert unset(
        GOOD.replace("when: low\n        goto: quiz", f"when: {READ}\n        goto: quiz")
    ) == ["vars.risk"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("require: [proved.quiz]", f"require: [proved.quiz, '{READ}']"),
        ("create: {call: ask}", "create: {call: ask, with: {s: vars.risk.score}}"),
        ("{to: user.attributes.email}", "{to: 'vars.risk.score == 1 ? user.sub : user.username'}"),
        ("    evidence: quiz\n", f"    evidence: quiz\n    needs: {READ}\n"),
    ],
)
def test_every_expression_is_looked_at(before: str, after: str) -> None:
    assert unset(GOOD.replace(before, after)) == ["vars.risk"]


def test_a_variable_is_read_by_its_own_name_only() -> None:
    assert found(GOOD.replace("score < 20", "scor < 20"))[0] == ("unknown-field", "scor")
    text = GOOD.replace("has(vars.risk) && vars.risk.score", "has(vars.rsk) && vars.rsk.score")
    assert ("unknown-field", "rsk") in found(text)


def test_a_loop_of_calls_and_decisions_only_is_refused() -> None:
    assert ("unbounded-loop", "risk") in found(GOOD.replace("failed: unknown", "failed: risk"))


def test_a_failure_names_an_exception_that_there_is() -> None:
    text = GOOD.replace("  done:\n", "  no: {end: failure, error: ForbidenException}\n  done:\n")
    text = text.replace("failed: refused", "failed: no")
    assert found(text) == [("unknown-error", "ForbidenException")]
    assert found(text.replace("Forbiden", "Forbidden")) == []
