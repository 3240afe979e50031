"""``text.format([…])``, of CEL's strings extension."""

from __future__ import annotations

import math
import re

from flowengine.errors import EvaluationError
from flowengine.expr import times
from flowengine.expr.library.conversions import string_of_bool, string_of_bytes, string_of_double
from flowengine.expr.library.strings import limited
from flowengine.expr.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    ListType,
    MapType,
    Type,
)

_CLAUSE = re.compile(r"%(?:%|(?:\.([0-9]{1,4}))?([a-zA-Z]))|%")
_MOST_DIGITS = 100
_DEFAULT_DIGITS = 6
_WHOLE = (INT, UINT)


def format_text(kinds: tuple[Type, ...], text: str, *values: object) -> str:
    """Put values, of these types, in the place of a text's clauses.

    Raises:
        EvaluationError: A clause is unknown, does not take its value, or has none.
    """
    waiting = iter(zip(kinds, values, strict=True))

    def filled(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        pair = next(waiting, None)
        if pair is None or found[2] is None:
            raise EvaluationError("a format has an unknown clause, or more clauses than values")
        return _clause(found[2], found[1], *pair)

    written = _CLAUSE.sub(filled, text)
    limited(len(written))
    return written


def _clause(letter: str, digits: str | None, kind: Type, value: object) -> str:
    if letter in "fe":
        return _pointed(letter, digits, kind, value)
    if digits is not None:
        raise _refused()
    if letter == "s":
        return _shown(kind, value)
    if letter == "d":
        return _decimal(kind, value)
    return _based(letter, kind, value)


def _refused() -> EvaluationError:
    return EvaluationError("a clause of a format does not take its value")


def _pointed(letter: str, digits: str | None, kind: Type, value: object) -> str:
    precision = _DEFAULT_DIGITS if digits is None else int(digits)
    if kind not in (*_WHOLE, DOUBLE) or not isinstance(value, int | float):
        raise _refused()
    if precision > _MOST_DIGITS:
        raise EvaluationError(f"a format writes at most {_MOST_DIGITS} digits")
    number = float(value)
    return f"{number:.{precision}{letter}}" if math.isfinite(number) else _named(number)


def _decimal(kind: Type, value: object) -> str:
    if kind in _WHOLE:
        return str(value)
    if kind == DOUBLE and isinstance(value, float):
        return string_of_double(value) if math.isfinite(value) else _named(value)
    raise _refused()


def _named(value: float) -> str:
    """Name what is not finite, in this library's own words."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _based(letter: str, kind: Type, value: object) -> str:
    if letter not in "boxX":
        raise EvaluationError("a format has an unknown clause")
    if letter in "xX" and isinstance(value, str | bytes):
        octets = value.encode() if isinstance(value, str) else value
        return octets.hex().upper() if letter == "X" else octets.hex()
    if (kind in _WHOLE or (kind == BOOL and letter == "b")) and isinstance(value, int):
        return format(int(value), letter)
    raise _refused()


def _shown(kind: Type, value: object) -> str:
    match kind:
        case ListType() if isinstance(value, list):
            return "[" + ", ".join(_shown(kind.element, one) for one in value) + "]"
        case MapType() if isinstance(value, dict):
            return "{" + ", ".join(sorted(_entries(kind, value))) + "}"
        case EnumType():
            return str(value)
        case _:
            return _scalar(kind, value)


def _entries(kind: MapType, value: dict[object, object]) -> list[str]:
    pairs = value.items()
    return [f"{_shown(kind.key, key)}: {_shown(kind.value, one)}" for key, one in pairs]


def _scalar(kind: Type, value: object) -> str:  # noqa: PLR0911 - one per type
    match value:
        case None if kind == NULL:
            return "null"
        case bool() if kind == BOOL:
            return string_of_bool(value)
        case float() if kind == DOUBLE:
            return _decimal(kind, value)
        case bytes() if kind == BYTES:
            return string_of_bytes(value)
        case int() if kind == TIMESTAMP:
            return times.write_timestamp(value)
        case int() if kind == DURATION:
            return times.write_duration(value)
        case _ if kind in (*_WHOLE, STRING):
            return str(value)
        case _:
            raise _refused()
