"""Google's C++ runtime as an oracle: its environment, its values and ours in one form.

It speaks strings, mathematics, encoders, ``cel.bind`` and optional values. Macros with two
variables and IP addresses no runtime that Python has speaks: neither this one, nor
common-expression-language (Rust), nor cel-python. ``test_pairs_generated.py`` writes the former
with one variable, and ``test_network.py`` holds the latter against the C library.
"""

from __future__ import annotations

import math
import random  # noqa: TID251 - a seeded one makes test data
from datetime import UTC, datetime, timedelta

from cel_expr_python import cel
from cel_expr_python.ext.ext_bindings import ExtBindings
from cel_expr_python.ext.ext_encoders import ExtEncoders
from cel_expr_python.ext.ext_math import ExtMath
from cel_expr_python.ext.ext_optional import ExtOptional
from cel_expr_python.ext.ext_strings import ExtStrings

from flowengine.errors import EvaluationError
from flowengine.expr import (
    DURATION,
    TIMESTAMP,
    Environment,
    ListType,
    MapType,
    OptionalType,
    Program,
    Type,
)
from flowengine.expr.times import write_duration, write_timestamp
from tests.expr.generator import VARIABLES

_KINDS = {
    "list(int)": cel.Type.List(cel.Type.INT),
    "list(string)": cel.Type.List(cel.Type.STRING),
    "list(double)": cel.Type.List(cel.Type.DOUBLE),
    "map(string, int)": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "map(int, string)": cel.Type.Map(cel.Type.INT, cel.Type.STRING),
}
THEIRS = cel.NewEnv(
    variables={
        name: _KINDS.get(kind) or getattr(cel.Type, kind.upper())
        for name, kind in VARIABLES.items()
    },
    extensions=[ExtMath(), ExtStrings(), ExtOptional(), ExtBindings(), ExtEncoders()],
)
OURS = Environment(VARIABLES, budget=10_000_000)
_INTS = (0, 1, -1, 2, 7, 2**63 - 1, -(2**63))
_MICROSECONDS = (0, 1, -1, 1_500_000, -3_600_000_000, 1_709_208_000_123_456, -62_135_596_800_000)
_DOUBLES = (0.0, -0.0, 1.5, -2.5, math.nan, math.inf, 1e300)
_STRINGS = ("", "a", "abc", "é", "😀b", "1", "true", "-7")

FAILED = "an error"
ABORTED = "no outcome"
"""A quirk of the oracle: a key that comes twice ends all, and no operand absorbs it."""


def _bindings(chance: random.Random) -> dict[str, object]:
    """Draw values that have one form here and there."""
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


def draw(chance: random.Random) -> tuple[dict[str, object], dict[str, object]]:
    """Draw bindings, in our form and in theirs."""
    shared = _bindings(chance)
    moment, length = chance.choice(_MICROSECONDS), chance.choice(_MICROSECONDS)
    ours = shared | {"t": moment * 1000, "p": length * 1000}
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
    return ours, shared | {"t": at, "p": timedelta(microseconds=length)}


def can_be_told(kind: Type) -> bool:
    """Say whether a value can be looked at: the process dies of a map that has optional values."""
    match kind:
        case MapType():
            return not isinstance(kind.value, ListType | MapType | OptionalType)
        case ListType() | OptionalType():
            return not _of_times(kind.element) and can_be_told(kind.element)
        case _:
            return True


def _of_times(kind: Type) -> bool:
    return isinstance(kind, MapType) and kind.value in (TIMESTAMP, DURATION)


def told(text: str, kind: Type, depth: int = 0) -> str:
    """Write what tells a value in full: there, moments lose nanoseconds, and optionals are lost."""
    match kind:
        case OptionalType():
            return told(f"[?({text})]", ListType(kind.element), depth)
        case ListType() if kind.element in (TIMESTAMP, DURATION) or isinstance(
            kind.element, ListType | OptionalType
        ):
            name = f"told{depth}"
            return f"({text}).map({name}, {told(name, kind.element, depth + 1)})"
        case _ if kind in (TIMESTAMP, DURATION):
            return f"string({text})"
        case MapType() if _of_times(kind):
            pair = "string(key) + ' ' + string(told[key])"
            return f"cel.bind(told, ({text}), told.map(key, {pair}))"
        case _:
            return text


def reference(text: str, bound: dict[str, object]) -> object:
    """Evaluate there."""
    try:
        found = THEIRS.compile(text).eval(data=bound)
    except RuntimeError as error:
        return ABORTED if "duplicate key" in str(error) else FAILED
    return FAILED if found.type() == cel.Type.ERROR else found.plain_value()


def evaluated(program: Program, bound: dict[str, object]) -> object:
    """Evaluate here, and give the value as what ``told`` writes has it."""
    try:
        return _in_full(program.evaluate(bound), program.type)
    except EvaluationError:
        return FAILED


def _in_full(value: object, kind: Type) -> object:
    match kind, value:
        case ListType() | OptionalType(), list() | tuple():
            return [_in_full(one, kind.element) for one in value]
        case MapType(), dict() if _of_times(kind):
            return [f"{_spelt(key)} {_in_full(one, kind.value)}" for key, one in value.items()]
        case _, int() if kind == TIMESTAMP:
            return write_timestamp(value)
        case _, int() if kind == DURATION:
            return write_duration(value)
        case _:
            return value


def _spelt(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def plain(value: object, kind: Type | None = None) -> str:
    """Print a value of either, so that what is equal is printed alike.

    Args:
        kind: Of a map; entries that were told have no order.
    """
    if isinstance(kind, MapType) and isinstance(value, list):
        value = sorted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(plain, value))}]"
    if isinstance(value, dict):
        return repr(sorted((repr(key), plain(one)) for key, one in value.items()))
    return repr(bytes(value) if isinstance(value, bytearray) else value)
