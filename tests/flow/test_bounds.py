"""What a flow declares of the sizes of values: what conditions cost, and what is refused."""

from __future__ import annotations

import pytest

from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, SourceText

FLOW = """flow: sized
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  risk: {type: {signals: [string], labels: map(string)}, max_length: 30, max_items: 4}
  tier: {type: string, default: plain, max_length: 5}
  open: {type: [string], default: []}
metadata:
  app: {optional: true, max_length: 40}
  kind: {optional: true, enum: [phone, desktop]}
functions:
  look_up: {returns: {names: [string]}, max_items: 3, max_length: 20}
require: [proved.password]
start: call
nodes:
  call: {call: look_up, save: known, next: password, failed: refused}
  password:
    challenge: PASSWORD
    responses:
      PASSWORD: {max_length: 100}
      HINT: {optional: true, enum: [a, bb]}
      NOTE: {optional: true}
    next:
      - when: %s
        goto: done
      - else: refused
  done: {end: success}
"""


def load(text: str) -> tuple[FlowProgram | None, list[Diagnostic]]:
    return load_source(SourceText("sized.flow.yaml", text))


def cost(condition: str) -> int:
    """Give the cost of a condition at the node."""
    program, found = load(FLOW % f"'{condition}'")
    assert program is not None, found
    (row,) = (row for row in program.machine.table if row.program is not None)
    assert row.program is not None
    return row.program.cost


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('tier.contains("x")', 1 + 1),
        ('risk.signals.all(s, s.contains("x"))', 2 + 1 + 4 * (1 + 1 + 3)),
        ('risk.labels.all(k, risk.labels[k].contains("x"))', 2 + 1 + 4 * (1 + 4 + 3)),
        ('open.all(s, s.contains("x"))', 1 + 1 + 64 * (1 + 1 + 26)),
        ('vars.known.names.all(s, s.contains("x"))', 3 + 1 + 3 * (1 + 1 + 2)),
        ('responses.PASSWORD.contains("x")', 2 + 10),
        ('responses.HINT.contains("x")', 2 + 1),
        ('request.metadata.app.contains("x")', 3 + 4),
        ('request.metadata["kind"].contains("x")', 3 + 1),
        ('request.metadata.all(k, k == "x")', 2 + 1 + 2 * (1 + 2)),
        ('request.user_agent.contains("x")', 2 + 103),
        ('request.context.data.contains("x")', 3 + 1639),
    ],
)
def test_the_cost_of_a_condition_follows_what_is_declared(condition: str, expected: int) -> None:
    assert cost(condition) == expected


@pytest.mark.parametrize(
    ("condition", "path", "hint"),
    [
        (
            'responses.NOTE.contains("x")',
            "responses.NOTE",
            "max_length of response key 'NOTE' is at most 99980",
        ),
        (
            "open.all(x, open.exists(y, x == y))",
            "open",
            "max_items of input 'open' is at most 18",
        ),
        (
            'vars.more.all(x, x.matches("^[a-z]{1,200}$") && x.matches("^[a-z]{1,200}$"))',
            "vars.more",
            "max_items of what function 'more' returns is at most 47",
        ),
    ],
)
def test_what_costs_too_much_is_told_with_the_name_and_the_bound_to_add(
    condition: str, path: str, hint: str
) -> None:
    call = "  more: {returns: [string]}\nrequire:"
    node = "  call: {call: more, save: more, next: first, failed: refused}\n  first:"
    text = (FLOW % f"'{condition}'").replace("require:", call).replace("  call:", node)
    program, (told,) = load(text.replace("{call: look_up", "{call: look_up"))
    assert program is None
    assert told.rule == "expression-cost"
    assert f"as {path} can have the size" in told.message
    assert told.hint == f"declare that {hint}"
    bounded, bound = (part.strip() for part in hint.split(" is at most "))
    for where, written in {
        "response key 'NOTE'": ("NOTE: {optional: true", f", max_length: {bound}"),
        "input 'open'": ("open: {type: [string]", f", max_items: {bound}"),
        "what function 'more' returns": ("more: {returns: [string]", f", max_items: {bound}"),
    }.items():
        if bounded.endswith(where):
            program, found = load(text.replace(written[0], "".join(written)))
            assert program is not None, found


@pytest.mark.parametrize(
    ("other", "items", "length"),
    [
        (", max_items: 2, max_length: 90", 3, 90),
        (", max_items: 9, max_length: 10", 9, 20),
        (", max_length: 10", 64, 20),
        ("", 64, 256),
    ],
)
def test_what_two_functions_save_is_as_large_as_the_larger(
    other: str, items: int, length: int
) -> None:
    text = FLOW % "'vars.known.names.all(s, s.contains(\"x\"))'"
    text = text.replace("require:", f"  more: {{returns: {{names: [string]}}{other}}}\nrequire:")
    first = "  first: {call: more, save: known, next: password, failed: refused}\n  password:"
    text = text.replace("failed: refused}\n  password:", "failed: first}\n  password:", 1)
    program, found = load(text.replace("  password:", first, 1))
    assert program is not None, found
    (row,) = (row for row in program.machine.table if row.program is not None)
    assert row.program is not None
    assert row.program.cost == 3 + 1 + items * (1 + 1 + -(-length // 10))


def test_bounds_that_bound_nothing_are_told() -> None:
    text = FLOW % "'true'"
    for before, after, said in (
        ("max_length: 5", "max_items: 5", "max_items bounds nothing: input 'tier' is declared"),
        (
            "{type: string, default: plain, max",
            "{type: int, default: 3, max",
            "max_length bounds nothing: input 'tier' is declared without a text in it",
        ),
        ("returns: {names: [string]}, max_items: 3", "max_items: 3", "without a list or map in it"),
    ):
        _, found = load(text.replace(before, after))
        assert any(d.rule == "unusable-rule" and said in d.message for d in found), found


def test_a_default_that_is_larger_than_declared_is_refused() -> None:
    _, (told,) = load((FLOW % "'!proved.totp'").replace("default: plain", "default: golden"))
    assert (told.rule, told.message) == (
        "wrong-default",
        "the default of input 'tier' is larger than declared",
    )


INNER = """flow: inner
version: 1
inputs:
  names: {type: [string], max_items: 2, max_length: 3}
  word: {type: string, max_length: 3, default: abc}
  who: {type: {name: string}, default: {name: x}, max_length: 8}
start: choice
nodes:
  choice:
    choose:
      - when: 'names.all(n, n.contains(word)) && who.name != "y"'
        goto: done
      - else: refused
  done: {end: success}
"""
OUTER = """flow: outer
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  few: {type: [string], default: [], max_items: 2, max_length: 3}
  many: {type: [string], default: []}
  wide: {type: [string], default: [], max_items: 2, max_length: 9}
  him: {type: {name: string}, default: {name: x}, max_length: 8}
  her: {type: {name: string}, default: {name: x}}
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: second}
  second:
    flow: inner
    with: {%s}
    next: done
    failed: refused
  done: {end: success}
"""


def step(given: str) -> tuple[FlowProgram | None, list[Diagnostic]]:
    definition, found = read_source(SourceText("inner.flow.yaml", INNER))
    assert isinstance(definition, FlowDefinition), found
    outer = SourceText("outer.flow.yaml", OUTER % given)
    return load_source(outer, library=Definitions(lambda: [definition]))


@pytest.mark.parametrize(
    "given",
    [
        "names: few",
        "names: {value: [abc, a]}",
        'names: \'["abc", "a"]\'',
        "names: few, word: '\"abc\"'",
        "names: few, word: 'few.size() == 1 ? few[0] : \"x\"'",
        "names: few, who: him",
    ],
)
def test_what_a_step_is_given_is_no_larger_than_its_flow_declares(given: str) -> None:
    program, found = step(given)
    assert program is not None, found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("names: many", "input 'names' has declared sizes, and this may be larger"),
        ("names: wide", "input 'names' has declared sizes, and this may be larger"),
        ("names: few + few", "input 'names' has declared sizes, and this may be larger"),
        ("names: few, word: user.username", "input 'word' has declared sizes, and this may be"),
        ("names: few, word: '\"abcd\"'", "input 'word' has declared sizes, and this may be"),
        ("names: few, who: her", "input 'who' has declared sizes, and this may be larger"),
        ("names: few, word: {value: abcd}", "and this literal is larger than declared"),
        ("names: {value: [a, b, c]}", "and this literal is larger than declared"),
        ("names: {value: [1]}", "and this literal is none"),
    ],
)
def test_what_may_be_larger_than_a_step_declares_is_refused(given: str, message: str) -> None:
    program, found = step(given)
    assert program is None
    assert any(d.rule == "wrong-input" and message in d.message for d in found), found


def test_what_is_only_taken_for_granted_is_not_relied_on() -> None:
    """A name has 256 characters in the cost, and may have more."""
    inner = INNER.replace("max_length: 3, default: abc", "max_length: 400, default: abc")
    definition, found = read_source(SourceText("inner.flow.yaml", inner))
    assert isinstance(definition, FlowDefinition), found
    outer = SourceText("outer.flow.yaml", OUTER % "names: few, word: user.username")
    _, found = load_source(outer, library=Definitions(lambda: [definition]))
    assert [each.rule for each in found] == ["wrong-input"]


def test_a_literal_of_a_step_is_as_large_as_it_is() -> None:
    program, found = step("names: {value: [ab]}")
    assert program is not None, found
    costs = [row.program.cost for row in program.machine.table if row.program is not None]
    assert costs == [2 + 1 * (1 + 1 + 1 + 1) + 3 + 1]
