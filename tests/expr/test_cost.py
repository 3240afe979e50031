"""What an expression may cost: a bound before it runs, and an end while it runs."""

from __future__ import annotations

import pytest

from flowengine.errors import CostExceededError, EvaluationError, ExpressionError
from flowengine.expr import Environment, Function, parse
from flowengine.expr.compiler import Run, compile_node
from flowengine.expr.types import INT, STRING

_TYPES = {
    "i": "int",
    "s": "string",
    "t": "string",
    "l": "list(string)",
    "g": "list(string)",
    "m": "map(string, string)",
    "k": "map(int, string)",
    "n": "list(list(string))",
}
_ENVIRONMENT = Environment(_TYPES)
_MANY = [f"group {number}" for number in range(5_000)]


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        *(("1", 0), ("i", 1), ("i + 1", 2), ("i == 1 && i < 3", 5), ("[i, 1]", 11)),
        *(("{'a': i}", 31), ("s == 'abc'", 2), ("s == t", 2 + 26), ("s + t", 2 + 52)),
        *(("s.startsWith('x')", 2), ("s.contains(t)", 2 + 26 * 26), ("size(s)", 2)),
        *(("s.matches('^a+$')", 1 + 26), ("'x' in l", 1 + 64), ("'x' in m", 2)),
        *(("l.all(x, x == 'a')", 1 + 1 + 64 * (1 + 2)), ("l[0] == 'a'", 3), ("m.a == 'x'", 3)),
        *(("l.map(x, x + x)", 1 + 1 + 64 * (1 + 2 + 52)), ("bytes(s)", 1 + 26 + 103)),
        *(("i == 0 ? s == t : i == 1", 2 + 28), ("cel.bind(x, s + t, x == x)", 54 + 2 + 52 + 1)),
        *(("[1, 2].exists(x, [3, 4].exists(y, x == y))", 10 + 1 + 2 * (1 + 10 + 1 + 2 * 4)),),
    ],
)
def test_a_cost_is_counted_in_the_units_of_cel_go(text: str, cost: int) -> None:
    assert _ENVIRONMENT.compile(text).cost == cost


def test_a_declared_size_takes_the_place_of_the_default() -> None:
    small = Environment(_TYPES, sizes={"l": 3, "l[]": 10, "s": 10})
    assert small.compile("l.all(x, x == s)").cost == 2 + 3 * (1 + 3)
    assert small.compile("s == t").cost == 3


def test_an_expression_over_the_budget_is_refused_with_the_variable_and_the_size_to_declare() -> (
    None
):
    text = "l.all(x, g.exists(y, x == y))"
    with pytest.raises(ExpressionError) as caught:
        _ENVIRONMENT.compile(text)
    (found,) = caught.value.diagnostics
    assert found.rule == "expression-cost"
    assert (found.span.start, found.span.end) == (0, len(text))
    assert found.message == (
        "the expression can cost 118978, more than 10000, as l can have the size 64"
    )
    assert found.hint == "declare that the size of l is at most 5"
    assert Environment(_TYPES, sizes={"l": 5}).compile(text).cost <= 10_000
    with pytest.raises(ExpressionError):
        Environment(_TYPES, sizes={"l": 6}).compile(text)
    assert Environment(_TYPES, budget=200_000).compile(text).cost == 118_978


def test_where_one_size_is_not_enough_the_others_are_spoken_of() -> None:
    with pytest.raises(ExpressionError) as caught:
        Environment(_TYPES, budget=50).compile("l.all(x, g.exists(y, x.contains(y)))")
    hint = caught.value.diagnostics[0].hint
    assert hint is not None
    assert "looked at beside it" in hint


def test_definitions_keep_the_sizes_and_the_budget() -> None:
    outer = Environment(_TYPES, sizes={"l": 2}, budget=30)
    named = outer.with_definitions({"any": outer.expand(parse("l.exists(x, x == 'a')"))})
    assert named.compile("any").cost == 8
    with pytest.raises(ExpressionError):
        named.compile("any && any && any && any")


def test_a_value_that_doubles_again_and_again_is_refused_where_it_is_looked_at() -> None:
    chain = "optional.of(s)" + ".optMap(x, [x, x])" * 14
    with pytest.raises(ExpressionError, match="can cost"):
        _ENVIRONMENT.compile(f"{chain} == {chain}")


_DEAR = "l.all(x, g.exists(y, y == x))"
_WALK = "l.all(x, x in g)"
_LARGE: dict[str, object] = {"l": _MANY, "g": [*_MANY[1:], *_MANY[:1]], "i": 0}


def _unheld(text: str, sizes: dict[str, int], budget: int) -> Run:
    """Compile without what refuses values that are larger than declared: the backstop is left."""
    program = Environment(_TYPES, sizes=sizes, budget=budget).compile(text)
    return compile_node(program.tree, budget)


@pytest.mark.parametrize(
    "text",
    [
        *(_DEAR, f"{_DEAR} || true", f"{_DEAR} && false", f"!({_DEAR})"),
        *(f"[1, 2].exists(z, z == 2 || {_WALK})", f"[1].all(z, {_WALK} && 1 / i == 1)"),
        *(f"cel.bind(b, {_DEAR}, true || b)", f"1 / i == 1 || {_DEAR} || true"),
        *(f"optional.of({_DEAR}).orValue(true)", f"{_DEAR} ? true : true"),
        f"cel.bind(b, {_DEAR} && 1 / i == 1, b || 1 / i == 2 || l[0] == 'group 0')",
    ],
)
def test_nothing_absorbs_that_the_budget_is_spent(text: str) -> None:
    with pytest.raises(CostExceededError):
        _unheld(text, {"l": 10, "g": 10}, 10_000)(_LARGE)


@pytest.mark.parametrize(
    "text",
    [
        *("l.all(x, x in g || i == 0)", "l.all(x, g == g)", "l.all(x, s.contains(x) || i == 0)"),
        *(
            "l.all(x, s == t)",
            "l.all(x, k[i] == 'a')",
            "l.all(x, i in k)",
            "l.all(x, (s + x) != x)",
        ),
        *("l.all(x, n == n)", "l.all(x, k[?i].hasValue())", "l.all(x, n[?i] == n[?i])"),
        *(
            "l.all(x, s.matches('^a*$'))",
            "l.all(x, s.replace('a', x) != '')",
            "l.all(j, y, y in g)",
        ),
        *("l.all(x, cel.bind(z, s, z == t))", "l.all(x, s.upperAscii() != x)", "l.all(x, s <= t)"),
        *("l.all(x, [s].exists(z, z == t))", "l.all(x, bytes(s) == bytes(t))"),
    ],
)
def test_values_that_are_larger_than_counted_on_end_an_evaluation(text: str) -> None:
    sizes = {"l": 10, "g": 10, "n": 3, "k": 10, "s": 20, "t": 20}
    sizes |= dict.fromkeys(("l[]", "g[]", "n[]", "n[][]"), 2)
    run = _unheld(text, sizes, 2_000)
    bound: dict[str, object] = {
        "i": 0,
        "s": "a" * 30_000,
        "t": "a" * 30_000,
        "l": ["a"] * 500,
        "g": ["b"] * 20_000 + ["a"],
        "k": {0: "a"} | dict.fromkeys(range(1, 20_000), "b"),
        "n": [["a"] * 100] * 100,
    }
    with pytest.raises(CostExceededError):
        run(bound)


def test_an_evaluation_within_its_declared_sizes_is_never_ended() -> None:
    environment = Environment(_TYPES, budget=130_000)
    program = environment.compile("l.all(x, g.exists(y, y == x))")
    texts = [f"{number:0256}" for number in range(64)]
    assert program.evaluate({"l": texts, "g": texts[::-1]}) is True


def test_the_cost_error_names_no_value_and_is_an_evaluation_error() -> None:
    with pytest.raises(EvaluationError) as caught:
        _unheld(_DEAR, {"l": 9, "g": 9}, 10_000)(_LARGE)
    assert str(caught.value) == "the evaluation costs more than its budget"


def test_a_function_of_the_host_costs_what_it_looks_at() -> None:
    twice = Function("twice", (STRING, INT), STRING, lambda text, _: text * 2)
    environment = Environment(_TYPES, [twice])
    assert environment.compile("twice(s, i)").cost == 2 + 26
