"""Optional values, beside Google's C++ runtime where it has them."""

from __future__ import annotations

import pytest
from cel_expr_python import cel
from cel_expr_python.ext.ext_bindings import ExtBindings
from cel_expr_python.ext.ext_optional import ExtOptional

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import (
    STRING,
    Environment,
    Field,
    ListType,
    OptionalType,
    RecordType,
    parse,
)
from tests.expr.builders import shown, value

_TYPES = {
    "m": "map(string, int)",
    "n": "map(string, map(string, int))",
    "k": "map(int, string)",
    "l": "list(int)",
    "i": "int",
    "d": "double",
    "s": "string",
}
_BINDINGS: dict[str, object] = {
    "m": {"a": 1},
    "n": {"a": {"b": 2}},
    "k": {1: "one"},
    "l": [1, 2],
    "i": 0,
    "d": float("nan"),
    "s": "a",
}
_THEIR_TYPES = {
    "m": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "n": cel.Type.Map(cel.Type.STRING, cel.Type.Map(cel.Type.STRING, cel.Type.INT)),
    "k": cel.Type.Map(cel.Type.INT, cel.Type.STRING),
    "l": cel.Type.List(cel.Type.INT),
    "i": cel.Type.INT,
    "d": cel.Type.DOUBLE,
    "s": cel.Type.STRING,
}
_THEIRS = cel.NewEnv(variables=_THEIR_TYPES, extensions=[ExtOptional(), ExtBindings()])
_OPTIONALS = (
    *("m.?a", "m.?b", "m[?'a']", "m[?s]", "k[?1]", "k[?i]", "l[?0]", "l[?-1]", "l[?5]", "l[?i]"),
    *("n.?a.b", "n.?a.?b", "n.?a.c", "n.?c.c", "n.?a['b']", "n.?a[?'b']", "m.?`a`", "m. ? a"),
    *("optional.of(l)[1]", "optional.of(l)[?2]", "optional.of({1: 2})[1]", "{}.?c", "[][?0]"),
    *("optional.of(1)", "optional.none()", "optional.none()[0]", "optional.none().a"),
    *("optional.ofNonZeroValue(i)", "optional.ofNonZeroValue(d)", "optional.ofNonZeroValue('')"),
    *("optional.ofNonZeroValue(-0.0)", "optional.ofNonZeroValue([])", "optional.of(1 / i)"),
    *("optional.ofNonZeroValue(duration('0s'))", "optional.ofNonZeroValue(timestamp(i))"),
    *("optional.ofNonZeroValue(false)", "optional.ofNonZeroValue(b'')", "optional.of(i)"),
    *("optional.of(i).optMap(x, x + 1)", "optional.of(i).optMap(x, 1 / x)", "m.?b.optMap(x, 1/i)"),
    *("m.?a.optFlatMap(x, l[?x])", "m.?a.optMap(i, i + 1)", "m.?a.optMap(x, l.filter(y, y > x))"),
    *("m.?b.or(m.?a)", "m.?a.or(optional.of(1 / i))", "m.?b.or(optional.of(1 / i))"),
    *("i == 0 ? optional.none() : m.?a", "i == 0 ? m.?a : optional.none()"),
    "{'a': optional.of({'b': 1})}.a.b",
    "cel.bind(o, m.?a, o)",
)
_PLAIN = (
    *("m.?b.orValue(7)", "m.?a.orValue(1 / i)", "m.?b.orValue(1 / i)", "l[?i].orValue(9)"),
    *("m.?a.value() + 1", "m.?b.value()", "has(n.?a.b)", "has(n.?a.c)", "has(n.?c.c)"),
    *("[?m.?a, ?m.?b, 3]", "[?m.?b]", "size([?m.?b])", "{?'x': m.?a, ?'y': m.?b}"),
    *("{?s: m.?b, s: 3}", "{?s: m.?a, s: 3}", "m.?a == optional.of(1)", "m.?a != m.?b"),
    *("optional.of(d) == optional.of(d)", "optional.of(d) in [optional.of(d)]"),
    *("optional.of(1) in [m.?a]", "[m.?a] == [m.?b]", "optional.none() == m.?b"),
    *("optional.ofNonZeroValue(optional.none()).hasValue()", "m.?a.hasValue() || 1 / i == 1"),
    *(
        "l.map(x, l[?x]).filter(o, o.hasValue()).map(o, o.value())",
        "[m.?a].exists(o, o.value()==1)",
    ),
    "optional.of(optional.of({'a': 1})).value().a.value()",
    "[1, 2].map(x, l[?x].orValue(l[?(x - 2)].orValue(0)))",
)


def _reference(text: str) -> object:
    """Evaluate there, what needs an optional value's presence asked for first."""
    program = _THEIRS.compile(text)
    try:
        found = program.eval(data=_BINDINGS)
    except RuntimeError:
        return "ERROR"
    return "ERROR" if found.type() == cel.Type.ERROR else found.plain_value()


def _ours(text: str) -> object:
    try:
        return Environment(_TYPES).compile(text).evaluate(_BINDINGS)
    except EvaluationError:
        return "ERROR"


@pytest.mark.parametrize("text", _OPTIONALS)
def test_an_optional_value_is_there_where_the_reference_has_it(text: str) -> None:
    there, found = _reference(f"({text}).hasValue()"), _ours(text)
    if there == "ERROR":
        assert found == "ERROR"
        return
    assert isinstance(found, tuple)
    assert bool(found) is there
    if found:
        assert repr(found[0]) == repr(_reference(f"({text}).value()"))
    kind = str(Environment(_TYPES).compile(text).type)
    theirs = str(_THEIRS.compile(text).return_type()).lower()
    assert kind == theirs.replace("<", "(").replace(">", ")")


@pytest.mark.parametrize("text", _PLAIN)
def test_what_is_made_of_optional_values_is_as_in_the_reference(text: str) -> None:
    assert _ours(text) == _reference(text)


@pytest.mark.parametrize(
    "text",
    [
        *("s.?a", "i.?a", "null.?a", "l[?1u]", "m[?1]", "m.?a + 1", "m.?a > m.?b", "[?1]"),
        *("{?'a': 1}", "optional.of([1]).exists(x, x == 1)", "size(optional.of([1]))"),
        *("optional.of(true) && true", "optional.of(1).value", "optional.of(s).orValue(1)"),
        *("optional.of(1).or(1)", "m.?a.optMap(x.y, 1)", "m.?a.optMap(1, 1)", "l.optMap(x, x)"),
        *("m.?a.optFlatMap(x, x)", "optional.of(optional.of({'a': 1})).a", "has(m.?a)"),
        *("has(m[?'a'])", "string(m.?a)", "optional.of(null).orValue('x')"),
        *("optional.of(1) == optional.of('a')", "{'a': optional.of({'b': 1})}.?a.?b"),
    ],
)
def test_what_the_reference_refuses_is_refused(text: str) -> None:
    with pytest.raises(RuntimeError):
        _THEIRS.compile(text)
    with pytest.raises(ExpressionError):
        Environment(_TYPES).compile(text)


def test_an_index_out_of_an_optional_list_is_none_where_the_runtime_gives_an_error_as_value() -> (
    None
):
    assert _ours("optional.of(l)[5]") == ()


def test_a_record_has_optional_fields() -> None:
    assert value("user.?nickname.orValue('none')") == "none"
    assert value("user.?status.value()") == "CONFIRMED"
    assert value("user.?verified.email.hasValue()") is False
    assert value("has(user.?verified.email)") is False
    assert value("user.attributes.?plan.orValue('') == 'gold'") is True
    assert value("history[?0].challenge.value()") == "PASSWORD_VERIFIER"
    assert value("history[?1].?challenge.hasValue()") is False


def test_a_field_is_there_where_has_says_so() -> None:
    fields = {"a": Field(STRING), "b": Field(STRING, required=False)}
    environment = Environment({"r": RecordType("r", fields)})
    for name in fields:
        asked = environment.compile(f"has(r.{name}) == r.?{name}.hasValue()")
        read = environment.compile(f"r.?{name}.orValue('none')")
        for bound, found in (({}, "none"), ({name: None}, "none"), ({name: "x"}, "x")):
            assert asked.evaluate({"r": bound}) is True
            assert read.evaluate({"r": bound}) == found
        with pytest.raises(EvaluationError):
            read.evaluate({"r": {name: 1}})


def test_a_binding_may_be_optional_and_is_checked() -> None:
    environment = Environment({"o": "optional_type(list(int))"})
    program = environment.compile("o[0]")
    assert program.evaluate({"o": ([7],)}) == (7,)
    assert program.evaluate({"o": ()}) == ()
    for wrong in (None, [7], ([7], [8]), (["7"],), [[7]]):
        with pytest.raises(EvaluationError):
            program.evaluate({"o": wrong})


def test_what_a_program_reads_and_its_type_are_known() -> None:
    environment = Environment({"l": "list(int)", "m": "map(string, int)"})
    program = environment.compile("[?l[?0], ?m.?a]", ListType(environment.compile("1").type))
    assert program.roots == {"l", "m"}
    assert environment.compile("[m.?a]").type == ListType(
        OptionalType(environment.compile("1").type)
    )


def test_a_definition_keeps_its_meaning_inside_of_opt_map() -> None:
    outer = Environment({"n": "int"})
    named = outer.with_definitions({"next": outer.expand(parse("n + 1"))})
    assert named.compile("optional.of(5).optMap(n, next + n)").evaluate({"n": 1}) == (7,)


def test_a_mistake_in_optional_values_is_told_at_its_place() -> None:
    assert shown("user.?nicname == optional.none()") == (
        "user.?nicname == optional.none()\n"
        "      ^^^^^^^ unknown-field: user has no field nicname (did you mean nickname?)"
    )
    assert shown("[?risk.score] == [1]") == (
        "[?risk.score] == [1]\n  ^^^^^^^^^^ wrong-type: expected optional_type(int), found int"
    )
    assert shown("user.?nickname.orValue(1) == ''") == (
        "user.?nickname.orValue(1) == ''\n"
        "                       ^ wrong-type: expected string, found int"
    )
