"""Another flow as one step of a flow."""

from __future__ import annotations

import pytest

from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.mermaid import mermaid
from flowengine.flow.program import CallNode, ChallengeNode, ChooseNode, FlowProgram
from flowengine.source import Diagnostic, SourceText

OUTER = """flow: outer
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  risk: {type: {score: int}, default: {score: 1}}
define:
  strong: proved.totp || proved.quiz
require: [proved.password, strong]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: second
  second:
    flow: second-factor
    with: {risk: risk, limit: {value: 3}}
    needs: proved.password
    next:
      - when: strong
        goto: done
      - else: refused
    failed: sorry
  sorry:
    end: failure
    message: Sorry.
  done:
    end: success
"""
SECOND = """flow: second-factor
version: 1
evidence: {quiz: knowledge}
metadata: {app: {optional: true}}
inputs:
  risk: {type: {score: int}}
  limit: {type: int, default: 9}
functions:
  look_up: {with: {n: {type: int}}, returns: bool}
define:
  low: risk.score < limit
require: [proved.totp || proved.quiz]
start: choice
nodes:
  choice:
    choose:
      - when: user.has.totp && !low
        goto: totp
      - else: ask
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: ok
  ask:
    call: look_up
    with: {n: limit}
    save: known
    next: quiz
    failed: refused
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask, with: {known: vars.known, score: risk.score}}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next:
      - when: vars.known
        goto: ok
      - else: no
  ok:
    end: success
  no:
    end: failure
    error: ForbiddenException
"""


def definition(text: str) -> FlowDefinition:
    read, found = read_source(SourceText(f"{text[6:10]}.flow.yaml", text))
    assert read is not None, found
    return read


def compiled(outer: str = OUTER, *others: str) -> tuple[FlowProgram | None, list[Diagnostic]]:
    texts = others or (SECOND,)
    library = Definitions(lambda: [definition(text) for text in (*texts, outer)])
    return load_source(SourceText("outer.flow.yaml", outer), library=library)


def found(outer: str = OUTER, *others: str) -> list[tuple[str, str]]:
    """Give each finding's rule and the text of the outer flow that it stands at."""
    return [(f.rule, outer[f.span.start : f.span.end]) for f in compiled(outer, *others)[1]]


def program(outer: str = OUTER, *others: str) -> FlowProgram:
    made, diagnostics = compiled(outer, *others)
    assert made is not None, [(d.rule, d.message) for d in diagnostics]
    return made


def test_the_inner_flow_compiles_by_itself() -> None:
    assert compiled(SECOND)[1] == []


def test_the_nodes_of_a_step_stand_under_its_name() -> None:
    made = program()
    assert set(made.nodes) == {
        *("password", "second", "sorry", "done"),
        *("second/(next)", "second/(failed)"),
        *(f"second/{inner}" for inner in ("choice", "totp", "ask", "quiz", "ok", "no")),
    }
    assert all(node.name == name for name, node in made.nodes.items())
    arrows = {(row.source, row.target) for row in made.machine.table}
    assert ("second", "second/choice") in arrows
    assert ("second/ok", "second/(next)") in arrows
    assert ("second/no", "second/(failed)") in arrows
    assert ("second/(next)", "done") in arrows
    assert ("second/(failed)", "sorry") in arrows
    assert {row.target for row in made.machine.table if row.source == "second/totp"} == {
        *("second/ok", "again", "second/(failed)"),
    }


def test_what_a_step_requires_is_enforced_where_it_ends() -> None:
    made = program()
    end = made.nodes["second/ok"]
    assert isinstance(end, ChooseNode)
    assert [need.text for need in end.needs] == ["proved.totp || proved.quiz"]
    assert [need.text for need in made.nodes["second"].needs] == ["proved.password"]


def test_the_names_of_evidence_and_metadata_are_known_outside() -> None:
    made = program()
    assert "quiz" in made.evidence
    assert [rule.key for rule in made.metadata] == ["app"]
    quiz = made.nodes["second/quiz"]
    assert isinstance(quiz, ChallengeNode)
    assert quiz.evidence == ("quiz",)


def test_what_a_step_saves_is_its_own() -> None:
    outer = (
        OUTER.replace("functions:", "")
        .replace(
            "define:\n",
            "functions: {known: {returns: string}}\ndefine:\n",
        )
        .replace("next: second\n", "next: known\n")
        .replace(
            "  done:\n",
            "  known: {call: known, save: known, next: second, failed: refused}\n  done:\n",
        )
    )
    made = program(outer)
    mine, inner = made.nodes["known"], made.nodes["second/ask"]
    assert isinstance(mine, CallNode)
    assert isinstance(inner, CallNode)
    assert (mine.save, inner.save) == ("known", "second/known")
    assert made.saves == ("vars", "second/vars")


def test_literals_and_defaults_are_constants_and_expressions_take_the_place_of_names() -> None:
    assert program().constants == {"second/limit": 3}
    by_default = program(OUTER.replace(", limit: {value: 3}", ""))
    assert by_default.constants == {"second/limit": 9}
    guards = [row.program for row in program().machine.table if row.source == "second/choice"]
    assert guards[0] is not None
    assert {"risk.score", "user.has.totp", "second/limit"} <= guards[0].variables


def test_one_flow_may_be_used_twice_and_each_use_stands_by_itself() -> None:
    more = "  third: {flow: second-factor, with: {risk: risk}, next: done}\n  done:\n"
    outer = OUTER.replace("  done:\n", more).replace("goto: done", "goto: third")
    made = program(outer)
    assert made.constants == {"second/limit": 3, "third/limit": 9}
    assert {row.target for row in made.machine.table if row.source == "third/totp"} == {
        *("third/ok", "again", "refused"),
    }
    failure = made.nodes["third/no"]
    assert not isinstance(failure, ChooseNode), "its own words are kept where nothing is written"


def test_a_step_of_a_step_stands_under_both_names() -> None:
    middle = """flow: middle
version: 1
inputs: {level: {type: int, default: 7}}
define: {low: level < 8}
start: inner
nodes:
  inner:
    flow: second-factor
    with: {risk: {value: {score: 5}}, limit: level}
    next: [{when: low, goto: fine}, {else: refused}]
    failed: bad
  bad: {end: failure}
  fine: {end: success}
"""
    outer = OUTER.replace("flow: second-factor", "flow: middle").replace(
        "{risk: risk, limit: {value: 3}}", "{level: risk.score}"
    )
    made = program(outer, middle, SECOND)
    assert made.constants == {"second/inner/risk": {"score": 5}}
    assert made.saves == ("vars", "second/vars", "second/inner/vars")
    arrows = {(row.source, row.target) for row in made.machine.table}
    assert ("second/inner/ok", "second/inner/(next)") in arrows
    assert ("second/inner/(next)", "second/fine") in arrows
    assert ("second/inner/(next)", "second/(failed)") in arrows
    assert ("second/inner/(failed)", "second/bad") in arrows
    assert ("second/bad", "second/(failed)") in arrows
    guard = next(row.program for row in made.machine.table if row.source == "second/inner/choice")
    assert guard is not None
    assert {"risk.score", "second/inner/risk.score"} <= guard.variables


def test_the_digest_covers_what_a_step_does() -> None:
    assert program().digest == program().digest
    changed = SECOND.replace("limit: {type: int, default: 9}", "limit: {type: int, default: 8}")
    assert program(OUTER, changed).digest != program().digest


def test_a_step_can_be_drawn() -> None:
    drawn = mermaid(program())
    assert 'state "second/totp<br/>SOFTWARE_TOKEN_MFA" as n_second_2f_totp' in drawn
    assert "n_second --> n_second_2f_choice" in drawn


BROKEN = {
    "unknown-flow": ("flow: second-factor", "flow: second-facter", "second-facter"),
    "unknown-input": ("limit: {value: 3}", "limt: {value: 3}", "limt"),
    "missing-input": ("risk: risk, ", "", "second-factor"),
    "wrong-input": ("risk: risk, ", "risk: risk.score, ", "risk.score"),
    "unsteady-input": ("{value: 3}", "session.attempts", "session.attempts"),
    "dangling-target": ("failed: sorry", "failed: sory", "sory"),
    "missing-else": ("      - else: refused\n", "", "next"),
    "unknown-name": ("risk: risk, ", "risk: rsk, ", "rsk"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_mistake_is_found_at_its_place(rule: str) -> None:
    before, after, place = BROKEN[rule]
    assert before in OUTER
    findings = found(OUTER.replace(before, after))
    assert (rule, place) in findings, findings


def test_a_literal_of_another_type_is_refused() -> None:
    findings = found(OUTER.replace("{value: 3}", '{value: "3"}'))
    assert findings == [("wrong-input", "second-factor")]


@pytest.mark.parametrize("node", ["second/totp", "totp", "second/(next)"])
def test_an_inner_node_cannot_be_entered_from_outside(node: str) -> None:
    findings = compiled(OUTER.replace("next: second\n", f"next: '{node}'\n"))[1]
    assert next(f.rule for f in findings) in ("dangling-target", "schema-pattern", "schema-value")


def test_a_flow_that_uses_itself_is_refused() -> None:
    assert found(OUTER.replace("second-factor", "outer")) == [("recursive-flow", "outer")]
    circle = SECOND.replace("  ok:\n", "  back: {flow: outer, next: ok}\n  ok:\n").replace(
        "goto: totp", "goto: back"
    )
    assert found(OUTER, circle) == [("recursive-flow", "second-factor")]
    own = circle.replace("flow: outer", "flow: second-factor").replace(
        "next: ok}", "with: {risk: risk}, next: ok}"
    )
    assert found(OUTER, own) == [("recursive-flow", "second-factor")]


def test_what_is_wrong_inside_is_told_at_the_step() -> None:
    broken = SECOND.replace("risk.score < limit", "risk.scor < limit")
    assert found(OUTER, broken) == [("flow-in-error", "second-factor")]
    nodes = "nodes:\n  a: {flow: gone, next: b}\n  b: {end: success}\n"
    middle = f"flow: middle\nversion: 1\nstart: a\n{nodes}"
    outer = OUTER.replace("flow: second-factor", "flow: middle")
    assert ("unknown-flow", "middle") in found(outer, middle)


def test_two_flows_of_one_name_cannot_be_told_apart() -> None:
    assert found(OUTER, SECOND, SECOND) == [("duplicate-flow", "second-factor")]


def test_two_kinds_of_one_evidence_are_refused() -> None:
    outer = OUTER.replace("define:\n", "evidence: {quiz: possession}\ndefine:\n")
    assert found(outer) == [("two-kinds", "outer")]


def test_what_a_client_claims_reaches_no_recipient_through_a_step() -> None:
    """An input that is bound to an untrusted fact is one inside, too."""
    inner = SECOND.replace("with: {n: {type: int}}", "with: {n: {type: string, role: recipient}}")
    inner = inner.replace("limit: {type: int, default: 9}", "to: {type: string}")
    inner = inner.replace("{n: limit}", "{n: to}").replace("score < limit", "score < 3")
    claimed = "'has(auth_flow.parameters.DEVICE_KEY) ? auth_flow.parameters.DEVICE_KEY : user.sub'"
    outer = OUTER.replace("limit: {value: 3}", f"to: {claimed}")
    assert found(outer, inner) == [("flow-in-error", "second-factor")]
    assert found(OUTER.replace("limit: {value: 3}", "to: user.sub"), inner) == []
