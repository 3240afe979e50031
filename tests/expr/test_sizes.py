"""Declared sizes: what they make of the cost, and that a larger value is refused."""

from __future__ import annotations

from collections import UserDict
from typing import Any

import pytest

from flowengine.errors import CostExceededError, EvaluationError, ExpressionError
from flowengine.expr import BudgetedBindings, Environment, parse
from flowengine.expr.types import BOOL, STRING, Field, ListType, MapType, RecordType, Type

_ENTRY = RecordType("entry", {"text": Field(STRING), "tags": Field(ListType(STRING))})
_RECORD = RecordType(
    "r",
    {
        "name": Field(STRING),
        "nick": Field(STRING, required=False),
        "groups": Field(ListType(STRING)),
        "entries": Field(ListType(_ENTRY)),
        "labels": Field(MapType(STRING, STRING)),
        "flag": Field(BOOL),
    },
)
_VARIABLES: dict[str, str | Type] = {
    "r": _RECORD,
    "s": "string",
    "y": "bytes",
    "l": "list(string)",
    "n": "list(list(string))",
    "m": "map(string, string)",
    "o": "optional_type(string)",
    "pool.name": "string",
}
_SIZES = {
    "r.name": 3,
    "r.nick": 3,
    "r.groups": 2,
    "r.groups[]": 3,
    "r.entries": 2,
    "r.entries[].text": 3,
    "r.entries[].tags": 2,
    "r.labels": 2,
    "r.labels.a": 5,
    "r.labels[]": 3,
    "s": 3,
    "y": 3,
    "l": 2,
    "l[]": 3,
    "n": 2,
    "n[]": 2,
    "n[][]": 3,
    "m": 2,
    "m[]": 3,
    "o": 3,
    "pool.name": 3,
}
_DECLARED = Environment(_VARIABLES, sizes=_SIZES)
_ENTRY_VALUE = {"text": "abc", "tags": ["x"]}


def _bound(**changed: Any) -> dict[str, Any]:
    """Make bindings that are just as large as is declared, but for what is changed."""
    record = {
        "name": "abc",
        "nick": None,
        "groups": ["abc", "b"],
        "entries": [_ENTRY_VALUE, {"text": "", "tags": ["x", "y"]}],
        "labels": {"a": "abcde", "b": "abc"},
        "flag": True,
    }
    record |= {name: changed.pop(name) for name in tuple(changed) if name in record}
    given = {
        "r": record,
        "s": "abc",
        "y": b"abc",
        "l": ["abc", "abc"],
        "n": [["abc", "a"], []],
        "m": {"a": "abc", "b": "c"},
        "o": ("abc",),
        "pool.name": "abc",
    }
    given |= {name.replace("_", "."): value for name, value in changed.items()}
    return given


@pytest.mark.parametrize(
    ("text", "larger"),
    [
        ("s == 'x' || true", {"s": "abcd"}),
        ("y == b'x' || true", {"y": b"abcd"}),
        ("size(l) < 9", {"l": ["", "", ""]}),
        ("size(l) < 9", {"l": ("", "", "")}),
        ("l.exists(x, x == 'zz') || true", {"l": ["abcd"]}),
        ("size(n) < 9", {"n": [[], [], []]}),
        ("n.all(x, size(x) < 9)", {"n": [["", "", ""]]}),
        ("n.all(x, x.all(z, z != 'q'))", {"n": [["", "abcd"]]}),
        ("'q' in m || true", {"m": {"a": "", "b": "", "c": ""}}),
        ("m.all(k, m[k] != 'q')", {"m": {"a": "abcd"}}),
        ("o.orValue('') != 'q'", {"o": ("abcd",)}),
        ("pool.name != 'q'", {"pool_name": "abcd"}),
        ("r.name != 'q'", {"name": "abcd"}),
        ("has(r.nick) && r.nick != 'q' || true", {"nick": "abcd"}),
        ("size(r.groups) < 9", {"groups": ["", "", ""]}),
        ("'q' in r.groups || true", {"groups": ["abcd"]}),
        ("size(r.entries) < 9", {"entries": [_ENTRY_VALUE] * 3}),
        ("r.entries.all(e, e.text != 'q')", {"entries": [{"text": "abcd", "tags": []}]}),
        ("r.entries.all(e, size(e.tags) < 9)", {"entries": [{"text": "", "tags": ["", "", ""]}]}),
        ("'q' in r.labels || true", {"labels": {"a": "", "b": "", "c": ""}}),
        ("r.labels.b != 'q'", {"labels": {"b": "abcd"}}),
        ("r.labels.a != 'q'", {"labels": {"a": "abcdef"}}),
        ("r.?nick.orValue('') != 'q'", {"nick": "abcd"}),
    ],
)
def test_a_value_beyond_its_declared_size_is_refused_and_one_of_that_size_is_not(
    text: str, larger: dict[str, Any]
) -> None:
    """Whatever stands beside it: the bound on the cost would not be true."""
    program = _DECLARED.compile(text)
    assert program.evaluate(_bound()) is True
    with pytest.raises(EvaluationError) as caught:
        program.evaluate(_bound(**larger))
    assert str(caught.value) == "a bound value is larger than declared"


def test_what_is_not_read_is_not_looked_at_and_what_is_not_declared_is_not_bounded() -> None:
    large = _bound(name="a" * 500, groups=["", "", "", ""])
    assert _DECLARED.compile("r.flag && s == 'abc'").evaluate(large) is True
    plain = Environment(_VARIABLES)
    assert plain.compile("size(s) > 256 && size(l) > 64").evaluate(_bound(s="a" * 300, l=[""] * 70))


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("s == 'x'", {"s": 5}),
        ("l.exists(x, x == 'x')", {"l": {"a": "b"}}),
        ("l.all(x, x == 'x')", {"l": [7]}),
        ("'x' in m", {"m": ["abcd", "", ""]}),
        ("r.name == 'x'", {"r": []}),
        ("r.name == 'x'", {"r": {}}),
    ],
)
def test_a_value_of_another_type_is_told_as_one(text: str, changed: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError) as caught:
        _DECLARED.compile(text).evaluate(_bound() | changed)
    assert str(caught.value) in ("a bound value is not of its declared type", "no such key")
    with pytest.raises(EvaluationError, match="no such key"):
        _DECLARED.compile("s == 'x'").evaluate({})


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("r.labels.a == s", 1 + 1 + 1 + 1 + 1),
        ("m.contains == s", 1 + 1 + 1 + 1),
        ("r.entries.all(e, e.text == s)", 1 + 1 + 1 + 2 * (1 + 1 + 1 + 1 + 1)),
        ("n.all(x, x.all(z, z == s))", 1 + 1 + 2 * (1 + 1 + 1 + 2 * (1 + 1 + 1 + 1))),
    ],
)
def test_the_cost_follows_declared_sizes_down_to_the_elements(text: str, cost: int) -> None:
    assert _DECLARED.compile(text).cost == cost


class _Odd(UserDict[str, str]):
    """A mapping that cannot be looked through."""

    def __len__(self) -> int:
        raise RuntimeError("no")

    def items(self) -> Any:
        raise RuntimeError("no")


@pytest.mark.parametrize("bound", [{"m": _Odd()}, _Odd(), None, 7, [("m", {})]])
def test_whatever_bindings_do_nothing_but_an_evaluation_error_leaves(bound: Any) -> None:
    with pytest.raises(EvaluationError):
        _DECLARED.compile("m.a == 'x' || m.all(k, k == 'a')").evaluate(bound)


def test_one_key_of_a_map_may_be_larger_than_the_others() -> None:
    sizes = {"m[]": 10, "m.long": 1000, "m.odd.key": 3}
    environment = Environment({"m": "map(string, string)", "s": "string"}, sizes=sizes)
    assert environment.compile("m.long.contains('x')").cost == 2 + 100
    assert environment.compile("m['long'].contains('x')").cost == 2 + 100
    assert environment.compile("m.other.contains('x')").cost == 2 + 100, "it may be any key"
    program = environment.compile("m.long != m.other")
    assert program.evaluate({"m": {"long": "a" * 1000, "other": "a"}}) is True
    with pytest.raises(EvaluationError):
        program.evaluate({"m": {"long": "a" * 1001, "other": "a"}})


def test_more_variables_keep_definitions_functions_sizes_and_budget() -> None:
    outer = Environment({"l": "list(string)"}, sizes={"l": 2, "l[]": 2}, budget=40)
    named = outer.with_definitions({"any": outer.expand(parse("l.exists(x, x == 'a')"))})
    more = named.with_variables({"t": STRING}, {"t": 5})
    program = more.compile("any && t == 'b'")
    assert program.cost == 2 + 2 * 3 + 1 + 2
    with pytest.raises(EvaluationError):
        program.evaluate({"l": ["a"], "t": "abcdef"})
    with pytest.raises(EvaluationError):
        program.evaluate({"l": ["a", "", ""], "t": "b"})
    with pytest.raises(ExpressionError):
        more.compile("any && any && any && any && any && any")


def test_the_words_of_whoever_declares_sizes_are_in_the_hint() -> None:
    places = {"g": "max_items of input 'g'", "g[]": "max_length of input 'g'"}
    environment = Environment({"l": "list(string)", "g": "list(string)"}, places=places)
    with pytest.raises(ExpressionError) as caught:
        environment.compile("l.all(x, g.exists(y, x == y))")
    assert caught.value.diagnostics[0].hint == (
        "declare that max_items of input 'g' is at most 5"
    ), "g can be declared, l cannot"
    with pytest.raises(ExpressionError) as caught:
        environment.compile("l.all(x, l.exists(y, x == y))")
    assert caught.value.diagnostics[0].hint == "no declaration bounds l: look at less of it"


class TestManyEvaluations:
    """Evaluations over the same bindings have one budget together."""

    environment = Environment({"l": "list(string)", "i": "int", "s": "string"})
    straight = environment.compile("i == 1 && s.contains('x')")
    loop = environment.compile("l.all(x, x == 'a')")

    def test_what_has_no_loop_costs_what_was_found_when_it_was_compiled(self) -> None:
        assert self.straight.fixed_cost == self.straight.cost == 30
        bindings = BudgetedBindings({"i": 1, "s": "x"}, budget=30 * 3)
        assert [self.straight.counted(bindings) for _ in range(3)] == [True] * 3
        assert bindings.left == 0
        with pytest.raises(CostExceededError):
            self.straight.counted(bindings)
        assert bindings.exhausted
        with pytest.raises(CostExceededError):
            self.loop.counted(bindings)

    def test_a_loop_costs_what_it_does(self) -> None:
        assert self.loop.fixed_cost == 2
        assert self.loop.cost == 2 + 64 * 3
        short = BudgetedBindings({"l": ["a"]}, budget=100)
        for _ in range(14):
            assert self.loop.counted(short) is True
        assert short.left == 1000 - 14 * (20 + 40)
        long = BudgetedBindings({"l": ["a"] * 20}, budget=100)
        assert self.loop.counted(long) is True
        with pytest.raises(CostExceededError):
            self.loop.counted(long)
        assert long.exhausted

    def test_an_evaluation_that_fails_has_cost_what_it_did(self) -> None:
        program = self.environment.compile(
            "l.map(x, int(x)).size() == 1 || i / (i - 1) == s.size()"
        )
        bindings = BudgetedBindings({"l": ["a"] * 5, "i": 1, "s": ""}, budget=100)
        with pytest.raises(EvaluationError):
            program.counted(bindings)
        assert 0 < bindings.left < 1000 - 10 * program.fixed_cost

    def test_bindings_without_a_budget_have_none(self) -> None:
        for _ in range(3):
            assert self.loop.counted({"l": ["a"] * 1000}) is True
