"""Conditions as the rules read them, held against the conditions as the engine evaluates them."""

from __future__ import annotations

import itertools
import os
import random  # noqa: TID251 - a seeded one makes test data
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.analysis.answers import NOTHING, Answers, value, ways
from flowengine.analysis.formulas import (
    Atom,
    Below,
    Equal,
    Formula,
    Gained,
    Question,
    atoms,
    formula,
)
from flowengine.analysis.lowering import lowered
from flowengine.expr import BOOL, INT, STRING, EnumType, Environment, Field, ListType, RecordType
from flowengine.expr.typed import TypedNode
from tests.analysis.constructs import ATOMS as EVERY
from tests.analysis.constructs import ENVIRONMENT as CONSTRUCTS
from tests.analysis.constructs import condition as any_condition
from tests.analysis.constructs import facts as any_facts
from tests.analysis.constructs import nodes, outcome

_ROUNDS = 10_000 if os.environ.get("FLOWENGINE_SOAK") else 300

MFA: Final = EnumType("pool.mfa", ("none", "optional", "required"))
HAS: Final = ("totp", "sms", "email", "passkey", "any")
ENVIRONMENT: Final = Environment(
    {
        "proved": RecordType("proved", {"password": Field(BOOL), "totp": Field(BOOL)}),
        "user": RecordType(
            "user",
            {
                "name": Field(STRING),
                "has": Field(RecordType("has", {name: Field(BOOL) for name in HAS})),
                "groups": Field(ListType(STRING)),
            },
        ),
        "pool": RecordType("pool", {"mfa": Field(MFA)}),
        "score": INT,
    }
)
ATOMS: Final = (
    "proved.password", "proved.totp", "user.has.totp", "user.has.any", 'pool.mfa == "none"',
    'pool.mfa != "required"', '"none" == pool.mfa', "score < 20", "score <= 20", "score > 19",
    "score >= 70", "20 < score", "score == 70", "score != 19", '"staff" in user.groups',
    'user.name == "alice"', 'user.name.startsWith("al")', "user.has.totp == true",
    "user.has.sms != false", "true", "user.has.totp == user.has.sms",
)  # fmt: skip

conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) && ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) || ({p[1]})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(({p[0]}) ? ({p[1]}) : ({p[2]}))"),
    ),
    max_leaves=6,
)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    has = {name: draw(st.booleans()) for name in HAS[:-1]}
    return {
        "proved": {"password": draw(st.booleans()), "totp": draw(st.booleans())},
        "user": {
            "name": draw(st.sampled_from(["alice", "albert", "bob"])),
            "has": {**has, "any": any(has.values())},
            "groups": draw(st.lists(st.sampled_from(["staff", "other"]))),
        },
        "pool": {"mfa": draw(st.sampled_from(MFA.values))},
        "score": draw(st.sampled_from([0, 19, 20, 21, 69, 70, 71])),
    }


def _at(given_facts: dict[str, Any], path: str) -> Any:
    found: Any = given_facts
    for part in path.split("."):
        found = found[part]
    return found


def _answer(given_facts: dict[str, Any], atom: Atom) -> bool:  # noqa: PLR0911 - one for each kind
    match atom:
        case Equal():
            return bool(_at(given_facts, atom.path) == atom.value)
        case Below():
            return bool(_at(given_facts, atom.path) < atom.bound)
        case Gained():
            return bool(given_facts[atom.ledger][atom.name])
        case Question(key=("is", str(name))):
            return bool(_at(given_facts, name))
        case Question(key=("in", text, str(name))):
            return text in _at(given_facts, name)
        case _ if "user.name" in atom.reads:
            return str(given_facts["user"]["name"]).startswith("al")
        case _:
            return bool(given_facts["user"]["has"]["totp"] == given_facts["user"]["has"]["sms"])


def _read(condition: str) -> Formula:
    return formula(ENVIRONMENT.compile(condition, BOOL).tree)


@settings(deadline=None, max_examples=300)
@given(conditions, facts())
def test_a_formula_has_the_value_of_its_condition(
    condition: str, given_facts: dict[str, Any]
) -> None:
    said = value(_read(condition), lambda atom: _answer(given_facts, atom))
    assert said is ENVIRONMENT.compile(condition, BOOL).evaluate(given_facts)


@settings(deadline=None, max_examples=300)
@given(conditions, facts())
def test_one_of_the_ways_agrees_with_any_facts_and_has_their_value(
    condition: str, given_facts: dict[str, Any]
) -> None:
    """Take for each way what it took for granted; exactly one of them is what is."""
    wanted = ENVIRONMENT.compile(condition, BOOL).evaluate(given_facts)
    found = list(ways(_read(condition), NOTHING, lambda answers: answers.ask))
    fitting = [said for said, answers in found if _fits(answers, given_facts)]
    assert fitting == [wanted]


def _fits(answers: Answers, given_facts: dict[str, Any]) -> bool:
    for key, known in answers.known.items():
        if isinstance(key, Question | Gained):
            if _answer(given_facts, key) is not known:
                return False
            continue
        assert isinstance(key, tuple)
        actual = _at(given_facts, key[1])
        if key[0] == "range":
            if not known[0] <= actual < known[1]:
                return False
        elif (known.known and known.only != actual) or actual in known.never:
            return False
    return True


def test_answers_that_contradict_are_none() -> None:
    low = NOTHING.take(Below("score", 20), answer=True)
    assert low is not None
    assert low.ask(Below("score", 30)) is True
    assert low.take(Below("score", 30), answer=False) is None
    one = NOTHING.take(Equal("pool.mfa", "none", MFA.values), answer=False)
    assert one is not None
    two = one.take(Equal("pool.mfa", "optional", MFA.values), answer=False)
    assert two is not None
    assert two.ask(Equal("pool.mfa", "required", MFA.values)) is True
    assert not two.agrees(NOTHING.take(Equal("pool.mfa", "none", MFA.values), answer=True) or one)


def _known(atom: Atom, parts: list[TypedNode], bound: dict[str, Any]) -> bool | None:
    """Answer an atom of any condition; None where it has no value."""
    match atom:
        case Equal() | Below():
            try:
                found = _at(bound, atom.path)
            except KeyError:
                return None
            return bool(found == atom.value if isinstance(atom, Equal) else found < atom.bound)
        case _:
            values = {outcome(each, bound) for each in parts if formula(each) == atom}
            assert len(values) == 1, f"two conditions are taken for one: {atom}"
            (only,) = values
            return only if isinstance(only, bool) else None


def _agrees(text: str, chance: random.Random) -> bool:
    """Hold a condition's formula against its value; what has no value may be either."""
    program, _ = CONSTRUCTS.check(text)
    if program is None:
        return False
    whole = formula(program.tree)
    parts = [each for each in nodes(lowered(program.tree)) if each.type == BOOL]
    asked = list(dict.fromkeys(atoms(whole)))
    for _ in range(4):
        bound = any_facts(chance)
        wanted = outcome(program.tree, bound)
        if wanted is None:
            continue
        known = {atom: _known(atom, parts, bound) for atom in asked}
        open_ = [atom for atom, answer in known.items() if answer is None][:6]
        for row in itertools.product((False, True), repeat=len(open_)):
            answers = {**known, **dict(zip(open_, row, strict=True))}
            assert value(whole, answers.__getitem__) is wanted, (text, bound)
    return True


@pytest.mark.parametrize("text", EVERY)
def test_each_construct_is_a_formula_or_one_question(text: str) -> None:
    for seed in range(20):
        assert _agrees(text, random.Random(seed))


def test_conditions_of_any_constructs_have_the_values_of_their_formulas() -> None:
    agreed = 0
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        agreed += _agrees(any_condition(chance, chance.randrange(1, 4)), chance)
    assert agreed > _ROUNDS * 0.5


def test_literals_that_python_takes_for_one_are_told_apart() -> None:
    """0.0 and -0.0 are equal, and dividing by them is not."""
    both = formula(CONSTRUCTS.compile("d / 0.0 > 1.0 && !(d / -0.0 > 1.0)").tree)
    assert len(set(atoms(both))) == 2
