"""Conversions between types, none of which ever happens by itself."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from types import MappingProxyType

from flowengine.errors import EvaluationError
from flowengine.expr import times
from flowengine.expr.functions import Function
from flowengine.expr.literals import INT_MAX, INT_MIN, UINT_MAX
from flowengine.expr.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
)

_INT = re.compile(r"[+-]?[0-9]{1,32}")
_UINT = re.compile(r"[+]?[0-9]{1,32}")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAMED = MappingProxyType(
    {"NaN": math.nan, "Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
    | {"Inf": math.inf, "+Inf": math.inf, "-Inf": -math.inf, "inf": math.inf, "nan": math.nan}
)
_PLAIN_EXPONENTS = range(-4, 6)
_LONGEST_NUMBER = 512
_TRUE = frozenset({"1", "t", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "false", "FALSE", "False"})


def same(value: object) -> object:
    """Give a value back as it is."""
    return value


def _fitting(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise EvaluationError("the number is out of range")
    return value


def _int_of_uint(value: int) -> int:
    return _fitting(value, INT_MIN, INT_MAX)


def _int_of_double(value: float) -> int:
    """Truncate; both ends of the range are refused, since a double cannot tell them."""
    if not float(INT_MIN) < value < float(INT_MAX):
        raise EvaluationError("the number is out of range")
    return int(value)


def _int_of_string(text: str) -> int:
    if not _INT.fullmatch(text):
        raise EvaluationError("the text is not an int")
    return _fitting(int(text), INT_MIN, INT_MAX)


def _int_of_timestamp(nanoseconds: int) -> int:
    return nanoseconds // times.SECOND_NS


def _uint_of_int(value: int) -> int:
    return _fitting(value, 0, UINT_MAX)


def _uint_of_double(value: float) -> int:
    if not 0 <= value < float(UINT_MAX):
        raise EvaluationError("the number is out of range")
    return int(value)


def _uint_of_string(text: str) -> int:
    if not _UINT.fullmatch(text):
        raise EvaluationError("the text is not a uint")
    return _fitting(int(text), 0, UINT_MAX)


def _double_of_string(text: str) -> float:
    if text in _NAMED:
        return _NAMED[text]
    if len(text) > _LONGEST_NUMBER or not _DOUBLE.fullmatch(text):
        raise EvaluationError("the text is not a double")
    value = float(text)
    if math.isinf(value):
        raise EvaluationError("the number is out of range")
    return value


def _bool_of_string(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        raise EvaluationError("the text is not a bool")
    return text in _TRUE


def string_of_bool(value: bool) -> str:  # noqa: FBT001 - the value itself
    """Write ``true`` or ``false``."""
    return "true" if value else "false"


def string_of_double(value: float) -> str:
    """Write the shortest decimal that reads back the same, as ``%g`` would lay it out."""
    if not math.isfinite(value):
        return str(value)
    decimal = Decimal(repr(value)).normalize()
    if not decimal or decimal.adjusted() in _PLAIN_EXPONENTS:
        return f"{decimal:f}"
    first, *more = map(str, decimal.as_tuple().digits)
    point = "." if more else ""
    sign = "-" if decimal < 0 else ""
    return f"{sign}{first}{point}{''.join(more)}e{decimal.adjusted():+03}"


def string_of_bytes(octets: bytes) -> str:
    """Read UTF-8."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise EvaluationError("the bytes are not UTF-8") from None


def _required(nanoseconds: int | None, what: str) -> int:
    if nanoseconds is None:
        raise EvaluationError(f"the value is not a {what}")
    return nanoseconds


def _timestamp_of_string(text: str) -> int:
    return _required(times.read_timestamp(text), "timestamp")


def _timestamp_of_int(seconds: int) -> int:
    return _required(times.in_range(seconds * times.SECOND_NS), "timestamp")


def _duration_of_string(text: str) -> int:
    return _required(times.read_duration(text), "duration")


def _identity(name: str, kind: Type) -> Function:
    return Function(name, (kind,), kind, same, total=True)


FUNCTIONS: tuple[Function, ...] = (
    _identity("int", INT),
    Function("int", (UINT,), INT, _int_of_uint),
    Function("int", (DOUBLE,), INT, _int_of_double),
    Function("int", (STRING,), INT, _int_of_string),
    Function("int", (TIMESTAMP,), INT, _int_of_timestamp, total=True),
    _identity("uint", UINT),
    Function("uint", (INT,), UINT, _uint_of_int),
    Function("uint", (DOUBLE,), UINT, _uint_of_double),
    Function("uint", (STRING,), UINT, _uint_of_string),
    _identity("double", DOUBLE),
    Function("double", (INT,), DOUBLE, float, total=True),
    Function("double", (UINT,), DOUBLE, float, total=True),
    Function("double", (STRING,), DOUBLE, _double_of_string),
    _identity("string", STRING),
    Function("string", (BOOL,), STRING, string_of_bool, total=True),
    Function("string", (INT,), STRING, str, total=True),
    Function("string", (UINT,), STRING, str, total=True),
    Function("string", (DOUBLE,), STRING, string_of_double, total=True),
    Function("string", (BYTES,), STRING, string_of_bytes),
    Function("string", (TIMESTAMP,), STRING, times.write_timestamp, total=True),
    Function("string", (DURATION,), STRING, times.write_duration, total=True),
    _identity("bytes", BYTES),
    Function("bytes", (STRING,), BYTES, str.encode, total=True),
    _identity("bool", BOOL),
    Function("bool", (STRING,), BOOL, _bool_of_string),
    _identity("timestamp", TIMESTAMP),
    Function("timestamp", (STRING,), TIMESTAMP, _timestamp_of_string),
    Function("timestamp", (INT,), TIMESTAMP, _timestamp_of_int),
    _identity("duration", DURATION),
    Function("duration", (STRING,), DURATION, _duration_of_string),
)
"""``int``, ``uint``, ``double``, ``string``, ``bytes``, ``bool``, ``timestamp``, ``duration``."""
