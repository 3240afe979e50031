"""Generated expressions beside Google's C++ runtime: what we accept, it accepts, and alike."""

from __future__ import annotations

import math
import os
import random  # noqa: TID251 - a seeded one makes test data
from datetime import UTC, datetime, timedelta

import pytest
from cel_expr_python import cel
from cel_expr_python.ext.ext_bindings import ExtBindings
from cel_expr_python.ext.ext_math import ExtMath
from cel_expr_python.ext.ext_optional import ExtOptional
from cel_expr_python.ext.ext_strings import ExtStrings

from flowengine.errors import EvaluationError
from flowengine.expr import Environment
from tests.expr.generator import RESULTS, VARIABLES, Generator

_ROUNDS = 50_000 if os.environ.get("FLOWENGINE_SOAK") else 600
_KINDS = {
    "list(int)": cel.Type.List(cel.Type.INT),
    "list(string)": cel.Type.List(cel.Type.STRING),
    "list(double)": cel.Type.List(cel.Type.DOUBLE),
    "map(string, int)": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "map(int, string)": cel.Type.Map(cel.Type.INT, cel.Type.STRING),
}
_THEIRS = cel.NewEnv(
    variables={
        name: _KINDS.get(kind) or getattr(cel.Type, kind.upper())
        for name, kind in VARIABLES.items()
    },
    extensions=[ExtMath(), ExtStrings(), ExtOptional(), ExtBindings()],
)
_OURS = Environment(VARIABLES)
_INTS = (0, 1, -1, 2, 7, 2**63 - 1, -(2**63))
_DOUBLES = (0.0, -0.0, 1.5, -2.5, math.nan, math.inf, 1e300)
_STRINGS = ("", "a", "abc", "é", "😀b", "1", "true", "-7")


def _bindings(chance: random.Random) -> dict[str, object]:
    """Draw values; times are left to those who know both forms."""
    return {
        "b": chance.random() < 0.5,
        "i": chance.choice(_INTS),
        "j": chance.randrange(-3, 4),
        "u": chance.choice((0, 1, 5, 2**64 - 1)),
        "d": chance.choice(_DOUBLES),
        "s": chance.choice(_STRINGS),
        "y": chance.choice((b"", b"a", b"\xff")),
        "l": [chance.randrange(-1, 3) for _ in range(chance.randrange(3))],
        "q": [chance.choice(_STRINGS) for _ in range(chance.randrange(3))],
        "m": chance.choice(({}, {"a": 1}, {"a": 0, "b": 2})),
        "k": chance.choice(({}, {1: "a"}, {0: "b", 7: "c"})),
        "o": [chance.choice(_DOUBLES) for _ in range(chance.randrange(3))],
    }


def _both(chance: random.Random) -> tuple[dict[str, object], dict[str, object]]:
    shared = _bindings(chance)
    second, length = chance.choice((0, 1_709_208_000, 1)), chance.choice((0, 1, -3600, 90))
    ours = shared | {"t": second * 10**9, "p": length * 10**9}
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return ours, shared | {"t": moment, "p": timedelta(seconds=length)}


def _reference(program: cel.Expression, bound: dict[str, object]) -> object:
    try:
        found = program.eval(data=bound)
    except RuntimeError as error:
        return _ABORTED if "duplicate key" in str(error) else "an error"
    return "an error" if found.type() == cel.Type.ERROR else found.plain_value()


def _evaluated(program: object, bound: dict[str, object]) -> object:
    try:
        return program.evaluate(bound)  # type: ignore[attr-defined]
    except EvaluationError:
        return "an error"


_ABORTED = "no outcome"
"""A quirk of the oracle: a key that comes twice ends all, and no operand absorbs it."""


def _plain(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, dict):
        return repr(sorted((repr(key), _plain(one)) for key, one in value.items()))
    return repr(bytes(value) if isinstance(value, bytearray) else value)


def _disagreement(text: str, chance: random.Random) -> str | None:
    """Say how the two disagree; None where they agree, or where only we refuse."""
    program, _ = _OURS.check(text)
    if program is None:
        return None
    try:
        reference = _THEIRS.compile(text)
    except RuntimeError:
        return "only we accept it"
    kind = str(reference.return_type()).lower().replace("<", "(").replace(">", ")")
    if kind != str(program.type):
        return f"the type is {kind} there, {program.type} here"
    if any(part in kind for part in ("timestamp", "duration", "optional")):
        return None  # the oracle gives back a moment without its nanoseconds, and no optional value
    ours, theirs = _both(chance)
    reference_value = _reference(reference, theirs)
    expected, found = _plain(reference_value), _plain(_evaluated(program, ours))
    return (
        None
        if expected == found or reference_value == _ABORTED
        else f"{expected} there, {found} here, for {ours}"
    )


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutants", [0.0, 0.05], ids=["well-typed", "mutants"])
def test_what_we_accept_the_reference_accepts_with_the_same_type_and_value(mutants: float) -> None:
    rounds = _ROUNDS // 5 if mutants else _ROUNDS
    accepted = 0
    for seed in range(rounds):
        chance = random.Random(seed)
        text = Generator(chance, mutants).make(chance.choice(RESULTS), chance.randrange(1, 5))
        disagreement = _disagreement(text, chance)
        assert disagreement is None, (seed, text, disagreement)
        accepted += _OURS.check(text)[0] is not None
    assert accepted > rounds * (0.2 if mutants else 0.8)


@pytest.mark.parametrize(
    "text",
    [
        "math.greatest(i, optional.none().value())",
        "math.least([optional.none().value()])",
        "math.least(optional.none().value(), d)",
    ],
)
def test_what_has_no_type_is_no_number(text: str) -> None:
    """The reference's answers differ with the order of the arguments: found by generation."""
    assert _OURS.check(text)[0] is None


def test_a_key_that_comes_twice_is_an_error_that_another_operand_absorbs() -> None:
    """There it ends the evaluation, a quirk: found by generation."""
    program = _OURS.compile("{s: 1, s: 2} == m || b")
    assert program.evaluate({"s": "a", "m": {"a": 1}, "b": True}) is True
    with pytest.raises(EvaluationError):
        program.evaluate({"s": "a", "m": {"a": 1}, "b": False})
