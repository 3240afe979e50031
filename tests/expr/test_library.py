"""The functions of each family, at the edges that the conformance cases leave out."""

from __future__ import annotations

import pytest

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import Environment, parse

_VARIABLES = {
    "text": "string",
    "octets": "bytes",
    "whole": "int",
    "natural": "uint",
    "ratio": "double",
    "at": "timestamp",
    "long": "duration",
}
_BINDINGS: dict[str, object] = {
    "text": "İé x",
    "octets": b"\xff",
    "whole": -(2**63),
    "natural": 2**64 - 1,
    "ratio": 1234567.0,
    "at": -62_135_596_800 * 10**9,
    "long": -1_500_000_000,
}


def _value(text: str) -> object:
    return Environment(_VARIABLES).compile(text).evaluate(_BINDINGS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text.lowerAscii()", "İé x"),
        ("text.upperAscii()", "İé X"),
        ("text.size()", 4),
        ("text.split('')", ["İ", "é", " ", "x"]),
        ("text.split('', 2)", ["İ", "é x"]),
        ("text.replace('', '-', 1)", "-İé x"),
        ("text.charAt(4)", ""),
        ("text.matches('^\\\\w')", False),
        ("string(ratio)", "1.234567e+06"),
        ("string(at)", "0001-01-01T00:00:00Z"),
        ("string(long)", "-1.500s"),
        ("long.getSeconds()", -1),
        ("long.getMilliseconds()", -500),
        ("at.getHours('-01:00')", 23),
        ("int(at)", -62_135_596_800),
        ("math.greatest(whole, ratio) == ratio", True),
        ("math.bitShiftRight(whole, 63)", 1),
        ("cidr('10.1.2.3/8').masked().ip() == ip('10.0.0.0')", True),
        ("base64.decode('aGk')", b"hi"),
        ("cel.bind(x, 1 / int('0' + text), true || x == 1)", True),
        ("cel.bind(x, whole, cel.bind(whole, 1, x < whole))", True),
        ("[5, 6].map(n, cel.bind(x, n / (n - 5), n == 5 ? 0 : x))", [0, 6]),
        ("[[1, 2], [3]].transformList(i, v, v.map(n, n + i))", [[1, 2], [4]]),
        ("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k + '!')", {"b": "b!"}),
        ("['x', 'y'].exists(i, v, [0, 1][i + 1] == 1 && v == 'x')", True),
    ],
)
def test_a_function_has_this_value(text: str, value: object) -> None:
    assert _value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "string(octets)",
        "int(natural)",
        "uint(whole)",
        "int(ratio * 1e300)",
        "int(text)",
        "double(text)",
        "bool(text)",
        "timestamp(text)",
        "duration(text)",
        "timestamp(whole)",
        "at.getHours(text)",
        "math.abs(whole)",
        "text.substring(whole)",
        "text.charAt(5)",
        "base64.decode(text)",
        "ip(text) == ip(text)",
        "math.bitShiftLeft(1, whole)",
        "'%d'.format([text])",
        "'%s'.format([])",
        "cel.bind(x, int(text), x == 1 || x == 2)",
        "[1, 2].existsOne(i, v, v / i > 0)",
    ],
)
def test_a_function_without_a_value_is_an_error(text: str) -> None:
    program = Environment(_VARIABLES).compile(text)
    with pytest.raises(EvaluationError):
        program.evaluate(_BINDINGS)


def test_a_large_result_is_refused_before_it_is_made() -> None:
    program = Environment({"text": "string"}).compile("text.replace('', text)")
    with pytest.raises(EvaluationError, match="larger"):
        program.evaluate({"text": "x" * 100_000})


def test_a_definition_keeps_its_meaning_inside_of_bind_and_of_two_variables() -> None:
    outer = Environment({"n": "int", "k": "int"})
    named = outer.with_definitions({"next": outer.expand(parse("n + 1"))})
    bound = named.compile("cel.bind(n, next, n + next)")
    assert bound.evaluate({"n": 1, "k": 0}) == 4
    paired = named.compile("[7].transformList(n, k, next + k)")
    assert paired.evaluate({"n": 1, "k": 0}) == [9]


def test_a_text_that_grows_is_refused_before_it_is_made() -> None:
    program = Environment({"text": "string"}).compile("size(text + text + text) > 0")
    assert program.evaluate({"text": "x" * 20_000}) is True
    with pytest.raises(EvaluationError, match="larger"):
        program.evaluate({"text": "x" * 30_000})


def test_values_that_are_bound_inside_each_other_are_limited() -> None:
    text = "cel.bind(a, cel.bind(b, cel.bind(c, 'x', c + c), b + b), a + a)"
    with pytest.raises(ExpressionError, match="nested more than 2 levels"):
        Environment({}).compile(text)
