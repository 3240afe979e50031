"""The functions of each family, at the edges that the conformance cases leave out."""

from __future__ import annotations

import pytest

from flowengine.errors import EvaluationError
from flowengine.expr import Environment

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
        ("string(long)", "-1.5s"),
        ("long.getSeconds()", -1),
        ("long.getMilliseconds()", -500),
        ("int(at)", -62_135_596_800),
        ("math.greatest(whole, ratio) == ratio", True),
        ("math.bitShiftRight(whole, 63)", 1),
        ("cidr('10.1.2.3/8').masked().ip() == ip('10.0.0.0')", True),
        ("base64.decode('aGk')", b"hi"),
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
        "at.getHours('-01:00')",
        "at.getHours(text)",
        "math.abs(whole)",
        "text.substring(whole)",
        "text.charAt(5)",
        "base64.decode(text)",
        "ip(text) == ip(text)",
        "math.bitShiftLeft(1, whole)",
        "'%d'.format([text])",
        "'%s'.format([])",
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
