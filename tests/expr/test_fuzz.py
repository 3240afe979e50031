"""Whatever the text and whatever the bindings: an answer, or one of our own two errors."""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded one makes test data
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import count

import pytest

from flowengine.errors import EvaluationError, ExpressionError
from flowengine.expr import Environment, parse
from tests.expr.builders import ENVIRONMENT, bindings
from tests.expr.conformance import CASES

_ROUNDS = 200_000 if os.environ.get("FLOWENGINE_SOAK") else 3_000
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+|\s+|\S")
_TEXTS = tuple(case["expr"] for case in CASES)
_PIECES = tuple(piece for text in _TEXTS for piece in _TOKEN.findall(text))
_CODE_POINTS = (0x80, 0x3000, 0x110000)
_ENVIRONMENTS = (
    ENVIRONMENT,
    Environment({"x": "int", "y": "string", "l": "list(int)", "m": "map(string, int)"}),
)
_VALUES: tuple[object, ...] = (
    *(None, True, 0, 1, -1, 2**63, 2**64, -(2**63), 10**40, 0.0, float("nan"), float("inf")),
    *("", "a", "\ud800", "x" * 1000, b"", b"\xff", [], [1], ["a"], [None], [[1]], {}, {"a": 1}),
    *({1: 2}, {True: 1}, (), (1,), (1, 2), object(), Exception, range(3), {"x"}, {"a": {"a": {}}}),
)


def _raw(chance: random.Random) -> str:
    length, most = chance.randrange(60), chance.choice(_CODE_POINTS)
    return "".join(chr(chance.randrange(most)) for _ in range(length))


def _mutated(chance: random.Random) -> str:
    """Change a few tokens of a conformance case."""
    tokens = _TOKEN.findall(chance.choice(_TEXTS))
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(tokens) + 1)
        match chance.randrange(4):
            case 0:
                tokens[place : place + 1] = []
            case 1:
                tokens.insert(place, chance.choice(_PIECES))
            case 2:
                tokens[place : place + 1] = [chance.choice(_PIECES)]
            case _:
                other = _TOKEN.findall(chance.choice(_TEXTS))
                start = chance.randrange(len(other))
                tokens[place:place] = other[start : start + chance.randrange(1, 9)]
    return "".join(tokens)


def _bound(chance: random.Random, environment: Environment) -> Mapping[str, object]:
    """Bind the right values, or some of them to what is of no declared type at all."""
    right: dict[str, object] = {"x": 1, "y": "a", "l": [1, 2], "m": {"a": 1}} | bindings()
    if chance.random() < 0.5:
        return right
    wrong = {name: chance.choice(_VALUES) for name in environment.variables}
    return right | {name: one for name, one in wrong.items() if chance.random() < 0.5}


def _run(text: str, environment: Environment, bound: Mapping[str, object]) -> bool:
    """Tell whether a text compiles; every finding of one that does not has its place."""
    program, findings = environment.check(text)
    assert bool(findings) is (program is None)
    for one in findings:
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert len(one.message) < 400
    if program is None:
        return False
    with suppress(EvaluationError):
        program.evaluate(bound)
    return True


def test_nothing_but_our_own_two_errors_leaves_for_any_text_and_any_bindings() -> None:
    compiled = 0
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        text = _raw(chance) if seed % 6 == 0 else _mutated(chance)
        environment = _ENVIRONMENTS[seed % 2]
        try:
            compiled += _run(text, environment, _bound(chance, environment))
        except Exception as error:
            raise AssertionError(f"seed {seed}: {text!r}") from error
    assert compiled > _ROUNDS / 50


def _nested(levels: int) -> str:
    text = "true"
    for number in range(levels):
        text = f"[0, 1].all(x{number}, {text})"
    return text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        *(("(" * 2000 + "1" + ")" * 2000, "expression-limit"), ("(" * 4000, "expression-syntax")),
        *(("!" * 4000 + "true", "expression-limit"), ("-" * 4000 + "x", "expression-limit")),
        *(("!" * 4000, "expression-syntax"), ("[" * 4000, "expression-syntax")),
        *(("x" * 1_000_000, "expression-limit"), ("(" * 1_000_000, "expression-limit")),
        *(("true&&" * 200_000, "expression-limit"), ("'" * 1_000_000, "expression-limit")),
        *(("+".join(["x"] * 1000), "expression-limit"), ("b?1:" * 900 + "1", "expression-limit")),
        *(("x" + ".a" * 1500, "expression-limit"), ("[" * 900 + "]" * 900, "expression-limit")),
        *((_nested(3), "expression-limit"), (_nested(12), "expression-limit")),
        *(("x.?a " * 40, "expression-syntax"), ("x" + ".?a" * 900, "expression-limit")),
        *(("9" * 4000, "expression-syntax"), ("1e" + "9" * 4000, "expression-syntax")),
        *(
            ("`" * 4000, "expression-syntax"),
            ("", "expression-syntax"),
            ("\0", "expression-syntax"),
        ),
        *(("'\ud800'", "expression-syntax"), ("// only a comment", "expression-syntax")),
    ],
    ids=map(str, count()),
)
def test_beyond_a_limit_there_is_an_error_with_its_place(text: str, rule: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Environment({"x": "int", "b": "bool"}).compile(text)
    assert {one.rule for one in caught.value.diagnostics} == {rule}
    assert all(0 <= one.span.start <= one.span.end <= len(text) for one in caught.value.diagnostics)


@pytest.mark.parametrize(
    "text",
    [
        *(" && ".join(["b"] * 32), " || ".join(["b"] * 32), "b ? 1 : " * 24 + "0"),
        *(" + ".join(["x"] * 25), "[" + ", ".join(["x"] * 32) + "]"),
        "{" + ", ".join(f"{key}: x" for key in range(32)) + "}",
        "math.greatest(" + ", ".join(["x"] * 32) + ")",
        *("int(" * 12 + "x" + ")" * 12, "[" * 12 + "x" + "]" * 12, "{'a': " * 12 + "x" + "}" * 12),
        *("{'a': " * 12 + "x" + "}" * 12 + ".a" * 12, "[" * 12 + "x" + "]" * 12 + "[0]" * 12),
        *("(" * 12 + "x" + ")" * 12, "!" * 12 + "b", "-" * 12 + "x"),
    ],
)
def test_what_the_language_definition_demands_at_least_is_taken(text: str) -> None:
    parse(text)
    Environment({"x": "int", "b": "bool"}).compile(text).evaluate({"x": 1, "b": True})
