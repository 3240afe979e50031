"""CEL's math extension; ``greatest`` and ``least``, of any number of arguments, are macros."""

from __future__ import annotations

import math
from collections.abc import Callable

from flowengine.errors import EvaluationError
from flowengine.expr.functions import Function
from flowengine.expr.literals import INT_MAX, INT_MIN, UINT_MAX
from flowengine.expr.types import BOOL, DOUBLE, INT, UINT, Type

_BITS = 64


def _whole(rounded: Callable[[float], int], value: float) -> float:
    """Round what is finite; a zero keeps the sign of what it was made of."""
    if not math.isfinite(value):
        return value
    return math.copysign(float(rounded(value)), value)


def _ceil(value: float) -> float:
    return _whole(math.ceil, value)


def _floor(value: float) -> float:
    return _whole(math.floor, value)


def _trunc(value: float) -> float:
    return _whole(math.trunc, value)


def _away_from_zero(value: float) -> int:
    whole, part = divmod(abs(value), 1.0)
    return int(whole) + (part >= 0.5)  # noqa: PLR2004 - a half


def _round(value: float) -> float:
    return _whole(_away_from_zero, value)


def _sqrt(value: float) -> float:
    return math.nan if value < 0 else math.sqrt(value)


def _sqrt_of_int(value: int) -> float:
    return _sqrt(float(value))


def _abs_int(value: int) -> int:
    if value == INT_MIN:
        raise EvaluationError("the result is out of range")
    return abs(value)


def _sign_int(value: int) -> int:
    return (value > 0) - (value < 0)


def _sign(value: float) -> float:
    return value if math.isnan(value) else float((value > 0) - (value < 0))


def _and(one: int, other: int) -> int:
    return one & other


def _or(one: int, other: int) -> int:
    return one | other


def _xor(one: int, other: int) -> int:
    return one ^ other


def _not_int(value: int) -> int:
    return ~value


def _not_uint(value: int) -> int:
    return value ^ UINT_MAX


def _shift(offset: int) -> int:
    if offset < 0:
        raise EvaluationError("a shift by a negative offset")
    return min(offset, _BITS)


def _left(value: int, offset: int) -> int:
    return (value << _shift(offset)) & UINT_MAX


def _right(value: int, offset: int) -> int:
    return (value & UINT_MAX) >> _shift(offset)


def _signed(value: int) -> int:
    return value - UINT_MAX - 1 if value > INT_MAX else value


def _left_int(value: int, offset: int) -> int:
    return _signed(_left(value, offset))


def _right_int(value: int, offset: int) -> int:
    """Shift in zeros, as CEL does, and not copies of the sign."""
    return _signed(_right(value, offset))


def _unary(name: str, kind: Type, result: Type, made: Callable[..., object]) -> Function:
    return Function(f"math.{name}", (kind,), result, made, total=True)


def _bitwise(name: str, made: Callable[..., object]) -> tuple[Function, ...]:
    return tuple(
        Function(f"math.{name}", (kind, kind), kind, made, total=True) for kind in (INT, UINT)
    )


FUNCTIONS: tuple[Function, ...] = (
    _unary("ceil", DOUBLE, DOUBLE, _ceil),
    _unary("floor", DOUBLE, DOUBLE, _floor),
    _unary("round", DOUBLE, DOUBLE, _round),
    _unary("trunc", DOUBLE, DOUBLE, _trunc),
    _unary("sqrt", DOUBLE, DOUBLE, _sqrt),
    _unary("sqrt", INT, DOUBLE, _sqrt_of_int),
    _unary("sqrt", UINT, DOUBLE, _sqrt_of_int),
    Function("math.abs", (INT,), INT, _abs_int),
    _unary("abs", UINT, UINT, abs),
    _unary("abs", DOUBLE, DOUBLE, abs),
    _unary("sign", INT, INT, _sign_int),
    _unary("sign", UINT, UINT, _sign_int),
    _unary("sign", DOUBLE, DOUBLE, _sign),
    _unary("isNaN", DOUBLE, BOOL, math.isnan),
    _unary("isInf", DOUBLE, BOOL, math.isinf),
    _unary("isFinite", DOUBLE, BOOL, math.isfinite),
    *_bitwise("bitAnd", _and),
    *_bitwise("bitOr", _or),
    *_bitwise("bitXor", _xor),
    _unary("bitNot", INT, INT, _not_int),
    _unary("bitNot", UINT, UINT, _not_uint),
    Function("math.bitShiftLeft", (INT, INT), INT, _left_int),
    Function("math.bitShiftLeft", (UINT, INT), UINT, _left),
    Function("math.bitShiftRight", (INT, INT), INT, _right_int),
    Function("math.bitShiftRight", (UINT, INT), UINT, _right),
)
"""All but ``greatest`` and ``least``."""


def greatest(*values: float) -> float:
    """Give the largest, the first of equals; a NaN stays where it comes first."""
    return max(values)


def least(*values: float) -> float:
    """Give the smallest, the first of equals; a NaN stays where it comes first."""
    return min(values)


def greatest_of(values: list[float]) -> float:
    """Give the largest of a list; an empty one has none."""
    return greatest(*values)


def least_of(values: list[float]) -> float:
    """Give the smallest of a list; an empty one has none."""
    return least(*values)
