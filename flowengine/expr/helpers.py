"""What compiled expressions call: everything that is more than one Python operator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from flowengine.errors import CostExceededError, EvaluationError
from flowengine.expr.conform import wrong
from flowengine.expr.literals import INT_MAX

LARGEST = 65_536
"""Characters, octets or elements that a result may have at most."""

ABSORBED: tuple[type[Exception], ...] = (
    EvaluationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What another operand of ``&&`` and ``||``, or another element, may decide over."""


def failure(error: Exception) -> EvaluationError:
    """Name the kind of a failure, and nothing of the values that were in it."""
    match error:
        case ExhaustedError():
            return CostExceededError("the evaluation costs more than its budget")
        case EvaluationError():
            return EvaluationError(*error.args)
        case KeyError():
            return EvaluationError("no such key")
        case IndexError():
            return EvaluationError("index out of range")
        case _:
            return wrong()


class ExhaustedError(Exception):
    """The budget is spent; not an EvaluationError, since those may be absorbed."""


def raise_exhausted() -> NoReturn:
    """End an evaluation that costs too much."""
    raise ExhaustedError


def weight(value: object) -> int:
    """Count the characters of a value, and ten for each part of a list or map."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return 10 * len(value) + sum(weight(one) for one in value)
    if isinstance(value, dict):
        return 10 * len(value) + sum(weight(one) + weight(other) for one, other in value.items())
    return 0


def raise_wrong() -> NoReturn:
    """Refuse a value that is not of its declared type."""
    raise wrong()


def raise_overflow() -> NoReturn:
    """Refuse a result that does not fit its type."""
    raise EvaluationError("the result is out of range")


def raise_never() -> NoReturn:
    """Stand where no run can come."""
    raise EvaluationError("an element of an empty list has no value")


def concatenate(first: Any, second: Any) -> Any:  # noqa: ANN401 - two str, bytes or list
    """Join two texts, octets or lists, unless that would be too much."""
    if len(first) + len(second) > LARGEST:
        raise EvaluationError(f"the result is larger than {LARGEST}")
    return first + second


def divide_int(dividend: int, divisor: int) -> int:
    """Divide towards zero, as CEL does and ``//`` does not."""
    quotient = _nonzero(abs(dividend), abs(divisor), "division by zero")[0]
    result = quotient if (dividend < 0) == (divisor < 0) else -quotient
    if result > INT_MAX:
        raise_overflow()
    return result


def modulo_int(dividend: int, divisor: int) -> int:
    """Give the remainder with the sign of the dividend, as CEL does and ``%`` does not."""
    remainder = _nonzero(abs(dividend), abs(divisor), "modulus by zero")[1]
    if dividend == -INT_MAX - 1 and divisor == -1:
        raise_overflow()
    return -remainder if dividend < 0 else remainder


def divide_uint(dividend: int, divisor: int) -> int:
    """Divide natural numbers."""
    return _nonzero(dividend, divisor, "division by zero")[0]


def modulo_uint(dividend: int, divisor: int) -> int:
    """Give the remainder of natural numbers."""
    return _nonzero(dividend, divisor, "modulus by zero")[1]


def _nonzero(dividend: int, divisor: int, otherwise: str) -> tuple[int, int]:
    if divisor == 0:
        raise EvaluationError(otherwise)
    return divmod(dividend, divisor)


def divide_double(dividend: float, divisor: float) -> float:
    """Divide as IEEE 754 does: by zero it gives an infinity or NaN."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def equal(one: object, other: object) -> bool:
    """Compare values of one type that have doubles in them; NaN equals nothing.

    Python's own ``==`` on lists and dicts takes identity for equality.
    """
    if isinstance(one, list) and isinstance(other, list):
        same = len(one) == len(other)
        return same and all(map(equal, one, other))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return one == other


def is_in(value: object, values: Iterable[object]) -> bool:
    """Look for a value with doubles in it; ``in`` would find NaN by identity."""
    return any(equal(value, one) for one in values)


def element(values: list[object], index: int) -> object:
    """Take an element by its position; a negative one is out of range, not from the end."""
    if index < 0:
        raise EvaluationError("index out of range")
    return values[index]


def optional_element(values: list[object], index: int) -> tuple[object, ...]:
    """Take an element by its position where there is one."""
    return (values[index],) if 0 <= index < len(values) else ()


def optional_entry(key: object, optional: tuple[object, ...]) -> tuple[tuple[object, object], ...]:
    """Make a map's entry where its value is there."""
    return ((key, optional[0]),) if optional else ()


def make_map(*entries: tuple[object, object]) -> Mapping[object, object]:
    """Make a map; a key that comes twice is an error, where a dict keeps the last."""
    made = dict(entries)
    if len(made) != len(entries):
        raise EvaluationError("the same key twice in a map")
    return made


class Lazy:
    """A value that is found at its first use; where there is none, each use fails alike."""

    __slots__ = ("_error", "_find", "_found")

    def __init__(self, find: Callable[[], object]) -> None:
        """Keep the way to the value."""
        self._find: Callable[[], object] | None = find
        self._found: object = None
        self._error: EvaluationError | None = None

    def value(self) -> object:
        """Find the value, or give what was found before; raises EvaluationError."""
        if self._find is not None:
            try:
                self._found = self._find()
            except ABSORBED as error:
                self._error = failure(error)
            self._find = None
        if self._error is not None:
            raise self._error
        return self._found
