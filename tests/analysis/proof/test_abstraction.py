"""Where a condition is said to be true, false or an error, beside its evaluation: every row."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.analysis.proof.abstraction import Abstraction
from flowengine.analysis.proof.bdd import Bdd
from flowengine.analysis.proof.facts import Fact, Facts, Form
from flowengine.analysis.proof.operands import Rails
from flowengine.analysis.proof.regions import STRANGER
from flowengine.errors import EvaluationError
from flowengine.expr import BOOL, Environment, Field, Program, RecordType
from flowengine.expr.types import INT, STRING, EnumType, ListType, MapType, Type

TYPES: dict[str, Type] = {
    "n": INT,
    "s": STRING,
    "b": BOOL,
    "e": EnumType("e", ("one", "two", "three")),
    "words": ListType(STRING),
    "m": MapType(STRING, STRING),
    "r": RecordType("r", {"must": Field(BOOL), "may": Field(INT, required=False)}),
}
ATOMS = (
    "n < 5", "n <= 5", "7 > n", "n == 9", "n != 5", "n in [1, 5, 6]", "5 <= n",
    's == "a"', 's != "b"', 's in ["a", "c"]', "b", "b == true", 'e == "one"', 'e != "two"',
    '"x" in words', 'words.exists(w, w == "x" || w == "y")', 'words.all(w, w != "y")',
    'words.all(w, w in ["x", "z"])', 'm.k == "v"', "has(m.k)", '"k" in m', 'm["j"] != "v"',
    "r.must", "r.may > 3", "has(r.may)", "r.may == 3 ? b : r.must",
)  # fmt: skip


def conditions() -> st.SearchStrategy[str]:
    forms = st.sampled_from(["({} && {})", "({} || {})", "(({}) == ({}))", "(!({}) || {})"])
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.builds(
            lambda form, one, other: form.format(one, other), forms, inner, inner
        ),
        max_leaves=4,
    )


def read(program: Program) -> tuple[Facts, Rails]:
    facts = Facts(Bdd())
    abstraction = Abstraction(facts.bdd, facts, {})
    abstraction.condition(program)
    facts.close()
    return facts, abstraction.condition(program)


def bindings(values: dict[Fact, Any]) -> dict[str, Any]:
    """Make the host's values out of those of the facts; what no fact is about is there, plain."""
    made: dict[str, Any] = {
        "n": 0, "s": "spare", "b": False, "e": "three", "words": [], "m": {}, "r": {"must": False},
    }  # fmt: skip
    absent = {fact.path for fact, v in values.items() if fact.form is Form.PRESENCE and not v}
    for fact, value in values.items():
        *root, last = fact.path
        place = made[root[0]] if root else made
        if fact.form is Form.MEMBER and value:
            made["words"].append("spare" if fact.member is STRANGER else fact.member)
        elif fact.form is Form.VALUE and fact.path not in absent:
            place[last] = value
        elif fact.form is Form.PRESENCE and value:
            place.setdefault(last, 0 if root == ["r"] else "spare")
    return made


def outcome(program: Program, given_: dict[str, Any]) -> bool | None:
    try:
        return bool(program.evaluate(given_))
    except EvaluationError:
        return None


def hold(text: str) -> None:
    program = Environment(TYPES).compile(text, BOOL)
    facts, (true, false) = read(program)
    assert all(fact.form is not Form.OPAQUE for fact in facts.all)
    for row in itertools.product(*(fact.values for fact in facts.all)):
        values = dict(zip(facts.all, row, strict=True))
        state = facts.bdd.all_of(facts.case(fact, value) for fact, value in values.items())
        said = [facts.bdd.both(state, rail) != 0 for rail in (true, false)]
        found = outcome(program, bindings(values))
        assert said == [found is True, found is False], (text, values, found)


@pytest.mark.parametrize("text", ATOMS)
def test_an_atom_is_what_it_is_evaluated_to_on_every_row(text: str) -> None:
    hold(text)


@settings(deadline=None, max_examples=120)
@given(conditions())
def test_a_condition_is_what_it_is_evaluated_to_on_every_row(text: str) -> None:
    hold(text)


@pytest.mark.parametrize("text", ['words.all(w, w == "x")', 'words.exists(w, w != "x")'])
def test_a_list_may_have_more_than_what_is_named(text: str) -> None:
    facts, _ = read(Environment(TYPES).compile(text, BOOL))
    assert {fact.member for fact in facts.all} == {"x", STRANGER}


@pytest.mark.parametrize(
    "text", ['s.startsWith("a")', "n * n > 4", "size(words) > 1", "words.exists(w, w.size() > 2)"]
)
def test_what_is_not_understood_is_one_opaque_fact(text: str) -> None:
    facts, _ = read(Environment(TYPES).compile(text, BOOL))
    told_apart = [fact.form for fact in facts.all if fact.variables]
    assert [form for form in told_apart if form is not Form.MEMBER] == [Form.OPAQUE]
