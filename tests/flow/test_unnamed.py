"""Doors that name nobody: what ``check`` demands before somebody is named."""

from __future__ import annotations

import pytest

from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.mermaid import mermaid
from flowengine.source import SourceText
from tests.flow_texts import NAMING_NODES

GOOD = (
    """flow: f
version: 1
auth_flows:
  USER_AUTH: {names_user: false}
require: [proved.passkey || proved.password]
evidence: {captcha: none}
functions:
  look: {with: {ip: {type: string}}, returns: {score: int}}
start: first
nodes:
  first:
    choose:
      - when: request.ip == "192.0.2.1" && !proved.password
        goto: passkey
      - else: look
  look:
    call: look
    with: {ip: request.ip}
    save: seen
    next: passkey
    failed: refused
"""
    + NAMING_NODES
)
QUIZ = """  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    verify: responses.ANSWER == "blue"
    evidence: captcha
    next: passkey
"""
MENU = "  menu:\n    offer: [passkey, plain]\n    challenge: SELECT_CHALLENGE\n    none: refused\n"
BROKEN = {
    "a condition reads the user": ('request.ip == "192.0.2.1"', "user.enabled", "user"),
    "a condition reads the device": ('request.ip == "192.0.2.1"', "device.claimed", "device"),
    "a call is given the user": ("ip: request.ip}", "ip: user.username}", "user"),
    "a need reads the user": (
        "  plain:\n    challenge: PASSWORD\n",
        "  plain:\n    challenge: PASSWORD\n    needs: user.has.password\n",
        "user",
    ),
    "a wrong answer's branch reads the user": (
        "    wrong: plain\n",
        "    wrong:\n      - when: user.has.password\n        goto: plain\n      - else: refused\n",
        "user",
    ),
    "a password without a name": ("[USERNAME, PASSWORD]", "[PASSWORD]", "plain"),
    "a name that may be left out": ("[USERNAME, PASSWORD]", "['USERNAME?', PASSWORD]", "plain"),
    "SRP without a name": ("[USERNAME, SRP_A]", "[SRP_A]", "srp"),
    "a custom challenge": (
        "next: passkey\n    failed: refused\n",
        "next: quiz\n    failed: refused\n" + QUIZ,
        "quiz",
    ),
    "a menu": (
        "next: passkey\n    failed: refused\n",
        "next: menu\n    failed: refused\n" + MENU,
        "menu",
    ),
    "another factor": ("goto: passkey\n", "goto: totp\n", "totp"),
    "a success": ("goto: passkey\n", "goto: done\n", "done"),
    "a wrong answer that goes on": ("wrong: plain", "wrong: after", "user"),
    "another way that names nobody": ("to: [plain, srp]", "to: [plain, totp]", "totp"),
}


def findings(text: str, library: Definitions | None = None) -> list[tuple[str, str]]:
    """Give the rules of all findings, each with the text that it points at."""
    source = SourceText("f.flow.yaml", text)
    _, found = load_source(source, library=library or Definitions(lambda: iter(())))
    return [(each.rule, text[each.span.start : each.span.end]) for each in found]


def test_a_sign_in_may_begin_with_nobody() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize("what", BROKEN)
def test_before_somebody_is_named_nobody_is_read_asked_or_let_in(what: str) -> None:
    before, after, place = BROKEN[what]
    assert before in GOOD
    assert ("unnamed-user", place) in findings(GOOD.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        (*BROKEN["a menu"][:2], "`switch` of a node that names the user"),
        ("[USERNAME, PASSWORD]", "[PASSWORD]", "declare USERNAME under its responses"),
        ("goto: passkey\n", "goto: totp\n", "only WEB_AUTHN, and PASSWORD"),
        ("names_user: false", "names_user: false, inline: [PASSWORD]", "leave out names_user"),
        ("names_user: false", "names_user: false, inline: [CREDENTIAL]", "with the answer"),
    ],
)
def test_a_refusal_says_what_to_write_instead(before: str, after: str, hint: str) -> None:
    _, found = load_source(SourceText("f.flow.yaml", GOOD.replace(before, after, 1)))
    hints = [each.hint for each in found if each.rule == "unnamed-user" and each.hint is not None]
    assert any(hint in each for each in hints)


@pytest.mark.parametrize("what", BROKEN)
def test_where_the_request_names_the_user_all_of_that_may_be(what: str) -> None:
    before, after, _ = BROKEN[what]
    text = GOOD.replace(before, after, 1).replace("names_user: false", "names_user: true")
    assert [rule for rule, _ in findings(text) if rule == "unnamed-user"] == []


def test_one_door_that_names_nobody_is_enough() -> None:
    doors = "  USER_AUTH: {start: after}\n  CUSTOM_AUTH: {names_user: false, start: after}\n"
    found = findings(GOOD.replace("  USER_AUTH: {names_user: false}\n", doors))
    assert ("unnamed-user", "user") in found
    assert findings(GOOD.replace("  USER_AUTH: {names_user: false}\n", doors[:27] + "\n")) == []


DOORS = {
    "{names_user: false, continues: true}": ("two-users", "USER_AUTH"),
    "{names_user: false, after_sign_up: passkey}": ("two-users", "USER_AUTH"),
    "{names_user: false, parameters: ['USERNAME?']}": ("two-users", "USERNAME?"),
    "{continues: true, after_sign_up: after}": ("two-users", "after"),
    "{parameters: ['ACCESS_TOKEN?']}": ("unread-parameter", "ACCESS_TOKEN?"),
    "{names_user: false, inline: [PASSWORD]}": ("unnamed-user", "PASSWORD"),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_names_its_user_in_one_way(door: str) -> None:
    rule, place = DOORS[door]
    found = findings(GOOD.replace("{names_user: false}", door))
    assert rule in [each for each, _ in found]
    assert any(place in text for each, text in found if each == rule)


def test_an_auth_flow_that_brings_an_answer_names_its_user() -> None:
    for name in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"):
        assert ("unnamed-user", name) in findings(GOOD.replace("USER_AUTH", name))


@pytest.mark.parametrize("name", ["CUSTOM_AUTH", "USER_SRP_AUTH"])
def test_only_user_auth_continues_a_sign_up(name: str) -> None:
    door = f"  {name}: {{after_sign_up: after}}"
    text = GOOD.replace("  USER_AUTH: {names_user: false}", door)
    assert ("sign-up-door", "after") in findings(text)


def test_where_a_sign_up_leads_must_be_a_node() -> None:
    text = GOOD.replace("{names_user: false}", "{after_sign_up: aftre}")
    assert ("dangling-target", "aftre") in findings(text)


def test_where_a_sign_up_leads_no_variable_is_set() -> None:
    text = GOOD.replace("{names_user: false}", "{after_sign_up: after}")
    text = text.replace("user.has.totp", "vars.seen.score > 1")
    assert ("unset-variable", "vars.seen") in findings(text)


STEP = """flow: step
version: 1
inputs:
  who: {type: string}
start: asks
nodes:
  asks:
    choose:
      - when: who == "" || user.enabled
        goto: over
      - else: refused
  over:
    end: success
"""


@pytest.mark.parametrize("used", ["first", "behind"])
def test_a_step_is_held_to_the_same_and_told_where_it_stands(used: str) -> None:
    step, _ = read_source(SourceText("step.flow.yaml", STEP))
    assert step is not None
    node = "  step:\n    flow: step\n    with: {who: client.name}\n    next: NEXT\n"
    if used == "first":
        text = GOOD.replace("start: first", "start: step") + node.replace("NEXT", "first")
    else:
        text = GOOD.replace("      - else: done", "      - else: step")
        text += node.replace("NEXT", "done")
    found = set(findings(text, Definitions(lambda: iter((step,)))))
    assert found == ({("unnamed-user", "step")} if used == "first" else set())


def test_what_a_step_is_given_may_not_be_the_user() -> None:
    step, _ = read_source(SourceText("step.flow.yaml", STEP.replace(" || user.enabled", "")))
    assert step is not None
    given = "  step:\n    flow: step\n    with: {who: user.username}\n    next: first\n"
    text = GOOD.replace("start: first", "start: step") + given
    found = findings(text, Definitions(lambda: iter((step,))))
    assert [rule for rule, _ in found] == ["unnamed-user"]


def test_a_graph_shows_where_a_sign_up_goes_on() -> None:
    text = GOOD.replace("{names_user: false}", "{after_sign_up: after}")
    program, _ = load_source(SourceText("f.flow.yaml", text))
    assert program is not None
    drawn = mermaid(program)
    assert "[*] --> n_first : USER_AUTH\n" in drawn
    assert "[*] --> n_after : USER_AUTH after sign-up\n" in drawn
