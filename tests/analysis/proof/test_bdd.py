"""Diagrams beside truth tables: ints of one bit for each row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd, OverBudgetError

VARIABLES = 5
ROWS = 1 << VARIABLES
ALL = (1 << ROWS) - 1
COLUMNS = [sum(1 << row for row in range(ROWS) if row >> v & 1) for v in range(VARIABLES)]


def diagram(bdd: Bdd, table: int) -> int:
    """Build a function from its rows, by nothing but conjunction and negation of literals."""
    rows = [row for row in range(ROWS) if table >> row & 1]
    return bdd.any_of(bdd.all_of(_literals(bdd, row)) for row in rows)


def _literals(bdd: Bdd, row: int) -> list[int]:
    literals = [bdd.variable(v) for v in range(VARIABLES)]
    return [each if row >> v & 1 else bdd.negated(each) for v, each in enumerate(literals)]


def table(bdd: Bdd, one: int) -> int:
    rows = [{v: bool(row >> v & 1) for v in range(VARIABLES)} for row in range(ROWS)]
    return sum(1 << number for number, row in enumerate(rows) if bdd.value(one, row))


tables = st.integers(0, ALL)


@given(tables)
def test_a_diagram_has_the_rows_that_it_was_built_from(rows: int) -> None:
    bdd = Bdd()
    assert table(bdd, diagram(bdd, rows)) == rows


@given(tables, tables)
def test_operations_are_those_of_truth_tables(one: int, other: int) -> None:
    bdd = Bdd()
    a, b = diagram(bdd, one), diagram(bdd, other)
    assert table(bdd, bdd.both(a, b)) == one & other
    assert table(bdd, bdd.either(a, b)) == one | other
    assert table(bdd, bdd.negated(a)) == ALL & ~one
    assert table(bdd, bdd.same(a, b)) == ALL & ~(one ^ other)


@given(tables, tables)
def test_equal_functions_are_one_diagram(one: int, other: int) -> None:
    bdd = Bdd()
    assert (diagram(bdd, one) == diagram(bdd, other)) == (one == other)


@given(tables, st.sets(st.integers(0, VARIABLES - 1)))
def test_what_exists_is_the_disjunction_over_the_values(rows: int, gone: set[int]) -> None:
    bdd = Bdd()
    expected = rows
    for v in gone:
        up, down = expected & COLUMNS[v], expected & ~COLUMNS[v]
        expected |= up >> (1 << v) | down << (1 << v)
    found = bdd.exists(diagram(bdd, rows), gone)
    assert table(bdd, found) == expected & ALL
    assert not bdd.support(found) & gone


@given(tables)
def test_the_support_is_what_changes_the_value(rows: int) -> None:
    bdd = Bdd()
    matters = {v for v in range(VARIABLES) if (rows ^ rows >> (1 << v)) & ALL & ~COLUMNS[v]}
    assert bdd.support(diagram(bdd, rows)) == matters


@given(tables)
def test_the_models_are_the_rows(rows: int) -> None:
    bdd = Bdd()
    models = list(bdd.models(diagram(bdd, rows), range(VARIABLES)))
    numbers = [sum(1 << v for v, value in model.items() if value) for model in models]
    assert sum(1 << number for number in numbers) == rows
    assert len(set(numbers)) == len(numbers)


def test_past_its_limit_it_gives_up() -> None:
    bdd = Bdd(limit=10)
    with pytest.raises(OverBudgetError):
        diagram(bdd, 0x6996_9669)


def test_false_and_true_are_no_nodes() -> None:
    bdd = Bdd()
    one = bdd.variable(0)
    assert bdd.both(one, bdd.negated(one)) == FALSE
    assert bdd.either(one, bdd.negated(one)) == TRUE
