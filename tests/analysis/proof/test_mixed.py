"""What comparisons of several facts mean, to the solver and once their values are settled."""

from __future__ import annotations

import itertools
from typing import Any, Final

import pytest
import z3

from flowengine.analysis.proof.abstraction import Abstraction
from flowengine.analysis.proof.bdd import FALSE, Bdd
from flowengine.analysis.proof.budget import Budget
from flowengine.analysis.proof.facts import Fact, Facts, Form
from flowengine.analysis.proof.mixed import Atom, settled
from flowengine.analysis.proof.operands import Rails
from flowengine.analysis.proof.regions import alike
from flowengine.analysis.proof.solving import Solver, _At
from flowengine.errors import EvaluationError
from flowengine.expr import (
    BOOL,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    Environment,
    Field,
    Program,
    RecordType,
    Type,
)
from flowengine.expr.conform import RANGES

SECOND: Final = 10**9
TYPES: Final[dict[str, Type]] = {
    "n": INT, "k": INT, "u": UINT, "x": UINT, "s": STRING, "t": STRING, "b": BOOL,
    "e": EnumType("e", ("one", "two")), "f": EnumType("e", ("one", "two")),
    "w": TIMESTAMP, "v": TIMESTAMP, "d": DURATION, "c": DURATION,
    "r": RecordType("r", {"may": Field(INT, required=False)}),
}  # fmt: skip
VALUES: Final[dict[Type, tuple[Any, ...]]] = {
    INT: (*RANGES[INT], -9, -1, 0, 1, 2, 3, 6),
    UINT: (*RANGES[UINT], 1, 2, 3, 4),
    STRING: ("a", "b", "more"),
    BOOL: (False, True),
    TIMESTAMP: (*RANGES[TIMESTAMP], 0, 5 * SECOND),
    DURATION: (*RANGES[DURATION], 0, -SECOND, 5 * SECOND),
    TYPES["e"]: ("one", "two"),
    TYPES["r"]: ({}, {"may": 3}, {"may": RANGES[INT][1]}),
}
ATOMS: Final = (
    "n < k", "n <= k", "n > k", "n >= k", "n == k", "n != k",
    "n + k > 3", "n - k <= 2", "-n > k", "n * 3 == k", "2 * n < k - 1",
    "k in [n, 3]", "3 in [n, k]",
    "(b ? n : k) < 3", "(n < k ? n : k) >= 2", "(n < 3 && b ? n + 1 : k) == 3",
    "r.may < n", "(has(r.may) ? r.may : k) == n", "r.may + 1 > n", "(b ? r.may : k) < n",
    "u < x", "u - x > 1u", "u + x == 3u", "u * 2u < x",
    "s == t", "s != t", '"a" in [s, t]', '(b ? s : "a") == t', "e == f", "e != f",
    "w < v", "w - v > d", "w + d <= v", "d + w <= v", "w - d < v", "c + d < c", "c - d >= d",
)  # fmt: skip


def read(text: str) -> tuple[Program, Facts, dict[Fact, Atom], Rails]:
    program = Environment(TYPES).compile(text, BOOL)
    facts = Facts(Bdd())
    abstraction = Abstraction(facts.bdd, facts, {})
    abstraction.condition(program)
    facts.close()
    rails = abstraction.condition(program)
    return program, facts, abstraction.atoms, rails


def rows(program: Program) -> list[dict[str, Any]]:
    names = sorted({name.partition(".")[0] for name in program.variables})
    every = itertools.product(*(VALUES[TYPES[name]] for name in names))
    return [dict(zip(names, row, strict=True)) for row in every]


def outcome(program: Program, bindings: dict[str, Any]) -> bool | None:
    try:
        return bool(program.evaluate(bindings))
    except EvaluationError:
        return None


def given(facts: Facts, bindings: dict[str, Any]) -> dict[Fact, Any]:
    """Give the value, of those that it tells apart, that each fact but a comparison has."""
    values: dict[Fact, Any] = {}
    for fact in facts.all:
        record = bindings.get(fact.path[0]) if fact.path else None
        value = record.get("may") if isinstance(record, dict) else record
        if fact.form is Form.PRESENCE:
            values[fact] = value is not None
        elif fact.form is Form.VALUE and value is not None:
            values[fact] = next(
                each for each in fact.values if alike(fact.type, fact.literals, each, value)
            )
    return values


def at_paths(bindings: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    values: dict[tuple[str, ...], Any] = {(name,): value for name, value in bindings.items()}
    values["r", "may"] = bindings.get("r", {}).get("may", 0)
    return values


def said(facts: Facts, rails: Rails, *, value: bool | None) -> int:
    """Say when the condition has this outcome."""
    if value is None:
        return facts.bdd.negated(facts.bdd.either(rails.true, rails.false))
    return rails.true if value else rails.false


@pytest.mark.parametrize("text", ATOMS)
def test_with_settled_values_a_comparison_is_what_it_is_evaluated_to(text: str) -> None:
    program, facts, atoms, rails = read(text)
    for bindings in rows(program):
        values = at_paths(bindings)
        state = facts.bdd.all_of(facts.case(f, v) for f, v in given(facts, bindings).items())
        for fact, atom in atoms.items():
            for value, rail in zip((True, False), settled(facts.bdd, atom, values), strict=True):
                state = facts.bdd.both(state, facts.bdd.same(facts.case(fact, value), rail))
        assert state != FALSE
        case = said(facts, rails, value=outcome(program, bindings))
        assert facts.bdd.both(state, facts.bdd.negated(case)) == FALSE, bindings


@pytest.mark.parametrize("text", ATOMS)
def test_to_the_solver_a_comparison_is_what_it_is_evaluated_to(text: str) -> None:
    program, facts, atoms, rails = read(text)
    solver, at = Solver(facts, atoms, Budget()), _At()
    asked = solver._solver()
    asked.add(*solver._given(at))
    for each in solver._meant:
        asked.add(*solver._meaning(each, at))
    for bindings in rows(program):
        asked.push()
        for path, value in at_paths(bindings).items():
            if path in solver._values:
                asked.add(solver._value(path, at) == solver._literal(value))
        for other, value in given(facts, bindings).items():
            asked.add(solver._diagram(facts.case(other, value), at))
        found = outcome(program, bindings)
        for value in (True, False, None):
            may = _can(asked, solver._diagram(said(facts, rails, value=value), at))
            assert may is (value is found), bindings
        asked.pop()


def _can(asked: Any, said: Any) -> bool:
    return bool(asked.check(said) == z3.sat)


@pytest.mark.parametrize("text", ATOMS)
def test_what_is_learnt_is_true_of_every_row_and_of_nothing_else(text: str) -> None:
    program, facts, atoms, rails = read(text)
    classes = {f: tuple(facts.case(f, value) for value in f.values) for f in facts.all}
    lemma = Solver(facts, atoms, Budget()).lemma(classes)
    seen = FALSE
    for bindings in rows(program):
        state = facts.bdd.all_of(facts.case(f, v) for f, v in given(facts, bindings).items())
        case = said(facts, rails, value=outcome(program, bindings))
        assert facts.bdd.all_of((state, case, lemma)) != FALSE, bindings
        seen = facts.bdd.either(seen, facts.bdd.both(state, case))
    assert facts.bdd.both(lemma, facts.bdd.negated(seen)) == FALSE


@pytest.mark.parametrize(
    "text", ["n * k > 3", "n / k == 1", "s < t", 's + "a" == t', "size(s) < n", "double(n) < 2.0"]
)
def test_what_is_no_comparison_of_sums_stays_opaque(text: str) -> None:
    _, facts, atoms, _ = read(text)
    assert not atoms
    assert [fact.form for fact in facts.all if fact.variables] == [Form.OPAQUE]
