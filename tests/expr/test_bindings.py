"""A host that breaks its word: never an answer, never another exception."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from flowengine.errors import EvaluationError
from flowengine.expr import BOOL, Environment, Field, RecordType, parse_type
from tests.expr.builders import bindings, program

_CASES: tuple[tuple[str, object, tuple[object, ...]], ...] = (
    ("bool", True, (1, 0, "true", "", None, 1.0, [], {})),
    ("int", 1, (True, False, 1.0, "1", None, 2**63, -(2**63) - 1, [1])),
    ("uint", 1, (True, -1, 1.0, "1", None, 2**64)),
    ("double", 1.0, (1, True, "1.0", None)),
    ("string", "a", (b"a", 1, None, ["a"], True)),
    ("bytes", b"a", ("a", 1, None, bytearray(b"a"))),
    ("timestamp", 0, (0.0, "2020-01-01T00:00:00Z", None, True, 10**21)),
    ("duration", 0, (0.0, "0s", None, False, 2**63)),
    ("list(int)", [1], (1, "1", None, {1: 1}, [True], ["1"], [None], [1, 1.0])),
    ("map(int, int)", {1: 1}, (1, None, [1], {True: 1}, {1: True}, {"1": 1})),
    ("map(string, int)", {"a": 1}, (None, ["a"], "a", {"a": "1"}, {1: 1}, {"a": None})),
)
_WRONG = [(kind, good, wrong) for kind, good, wrongs in _CASES for wrong in wrongs]


@pytest.mark.parametrize(("kind", "good", "wrong"), _WRONG)
def test_a_binding_of_another_type_has_no_answer(kind: str, good: object, wrong: object) -> None:
    env = Environment({"x": kind, "y": kind, "b": "bool"})
    for text in ("x == y", "x != y", "[x] == [y]", "x in [y]", "!(x in [y])", "b ? x : y"):
        made = env.compile(text)
        made.evaluate({"x": good, "y": good, "b": True})
        with pytest.raises(EvaluationError) as caught:
            made.evaluate({"x": wrong, "y": good, "b": True})
        assert str(caught.value) == "a bound value is not of its declared type"


@pytest.mark.parametrize(
    ("text", "kind", "wrong"),
    [
        ("x[0] == 1", "list(int)", {0: 1}),
        ("x[0] == 1", "list(int)", [True]),
        ("x[0] == 'a'", "list(string)", "abc"),
        ("'a' in x", "list(string)", "abc"),
        ("!('b' in x)", "list(string)", [b"b"]),
        ("!('b' in x)", "map(string, int)", ["b"]),
        ("'a' in x", "map(string, int)", "abc"),
        ("x['a'] == 1", "map(string, int)", {"a": True}),
        ("x[1] == 1", "map(int, int)", [1, 1]),
        ("x[1] == 1", "map(int, int)", {True: 1}),
        ("1 in x", "map(int, int)", {True: 1}),
        ("size(x) > 0", "list(int)", "abc"),
        ("size(x) > 0", "map(string, int)", ["a"]),
        ("x.exists(e, e == 1)", "list(int)", [True]),
        ("x.all(e, e != 1)", "list(int)", ["1"]),
        ("!x.exists(e, e == 'a')", "list(string)", {"a": 1}),
        ("x.all(e, true)", "list(string)", [1]),
        ("x.exists(e, e)", "list(bool)", [1]),
        ("!x", "bool", 0),
        ("!x || x", "bool", "yes"),
        ("x && true", "bool", 1),
        ("x ? true : true", "bool", 1),
        ("x < 20", "int", True),
        ("x.size() == 1", "string", ["a"]),
        ("x + 1 > 0", "int", 1.0),
    ],
)
def test_a_wrong_binding_never_turns_into_a_truth(text: str, kind: str, wrong: object) -> None:
    with pytest.raises(EvaluationError):
        Environment({"x": kind}).compile(text, BOOL).evaluate({"x": wrong})


@pytest.mark.parametrize(
    "given", [{}, {"user": None}, {"user": {}}, {"user": 1}, {"user": "has"}, {"user": {"has": []}}]
)
def test_a_missing_or_malformed_record_has_no_answer(given: Mapping[str, object]) -> None:
    for text in ("user.has.totp", "!user.has.totp", "user.has.totp || user.has.sms"):
        with pytest.raises(EvaluationError):
            program(text).evaluate(given)


@pytest.mark.parametrize("given", [None, 1, "user", [], object()])
def test_bindings_that_are_no_mapping_have_no_answer(given: Any) -> None:
    with pytest.raises(EvaluationError):
        program("user.has.totp").evaluate(given)


def test_what_a_binding_raises_on_its_own_account_is_an_evaluation_error() -> None:
    class Hostile(dict[str, object]):
        def __getitem__(self, key: str) -> object:
            raise RuntimeError(key)

    with pytest.raises(EvaluationError) as caught:
        program("user.has.totp").evaluate(Hostile())
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_bound_value_gets_into_a_message() -> None:
    secret = "hunter2"
    for text, given in (
        ("user.attributes[user.nickname] == ''", {"nickname": secret}),
        ("user.has.totp", {"has": {"totp": secret}}),
        ("user.status == 'CONFIRMED'", {"status": [secret]}),
    ):
        bound = bindings()
        user = bound["user"]
        assert isinstance(user, dict)
        bound["user"] = {**user, **given}
        with pytest.raises(EvaluationError) as caught:
            program(text).evaluate(bound)
        assert secret not in repr(caught.value)


def test_a_required_field_that_is_none_fails_and_an_optional_one_is_absent() -> None:
    record = RecordType("r", {"a": Field(BOOL), "b": Field(BOOL, required=False)})
    env = Environment({"r": record})
    for absent in ({"a": True}, {"a": True, "b": None}):
        assert env.compile("has(r.b)").evaluate({"r": absent}) is False
        assert env.compile("has(r.b) && r.b").evaluate({"r": absent}) is False
        with pytest.raises(EvaluationError):
            env.compile("r.b").evaluate({"r": absent})
    assert env.compile("has(r.b)").evaluate({"r": {"a": True, "b": False}}) is True
    with pytest.raises(EvaluationError):
        env.compile("!r.a").evaluate({"r": {"a": None}})


def test_string_enums_tuples_and_read_only_mappings_stand_for_plain_values() -> None:
    class Status(StrEnum):
        GOOD = "good"

    class Number(IntEnum):
        ONE = 1

    env = Environment({"s": "string", "l": "list(string)", "m": "map(string, string)", "n": "int"})
    made = env.compile("s == 'good' && s in l && l == ['good'] && m.k == s && m == {'k': s}")
    given = {
        "s": Status.GOOD,
        "l": (Status.GOOD,),
        "m": MappingProxyType({"k": Status.GOOD}),
        "n": Number.ONE,
    }
    assert made.evaluate(given) is True
    assert type(env.compile("s").evaluate(given)) is str
    with pytest.raises(EvaluationError):
        env.compile("n").evaluate(given)


def test_a_whole_record_is_given_back_with_its_declared_fields_only() -> None:
    record = RecordType("r", {"a": Field(BOOL), "b": Field(parse_type("int"), required=False)})
    made = Environment({"r": record}).compile("[r][0]")
    assert made.evaluate({"r": {"a": True, "b": None, "c": "extra"}}) == [{"a": True}][0]
    with pytest.raises(EvaluationError):
        made.evaluate({"r": {"b": 1}})


def test_a_wrong_operand_beside_a_true_one_fails_closed_or_is_absorbed() -> None:
    env = Environment({"a": "bool", "b": "bool"})
    made = env.compile("a && b")
    assert made.evaluate({"a": False, "b": True}) is False
    with pytest.raises(EvaluationError):
        made.evaluate({"a": True, "b": 1})
