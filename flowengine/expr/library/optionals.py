"""CEL's optional values: a tuple of the one value there is, or of none."""

from __future__ import annotations

from flowengine.errors import EvaluationError
from flowengine.expr.functions import Function
from flowengine.expr.types import BOOL, NOTHING, OptionalType, TypeVariable


def _of(value: object) -> tuple[object, ...]:
    return (value,)


def _none() -> tuple[object, ...]:
    return ()


def _of_non_zero(value: object) -> tuple[object, ...]:
    """Take what is not its type's zero or empty value; an optional value is never that."""
    return (value,) if value or isinstance(value, tuple) else ()


def _value(optional: tuple[object, ...]) -> object:
    if not optional:
        raise EvaluationError("an optional value that is none was asked for its value")
    return optional[0]


_T = TypeVariable("T")
_OPTIONAL = OptionalType(_T)

FUNCTIONS: tuple[Function, ...] = (
    Function("optional.of", (_T,), _OPTIONAL, _of, total=True),
    Function("optional.none", (), OptionalType(NOTHING), _none, total=True),
    Function("optional.ofNonZeroValue", (_T,), _OPTIONAL, _of_non_zero, total=True),
    Function("hasValue", (_OPTIONAL,), BOOL, bool, method=True, total=True),
    Function("value", (_OPTIONAL,), _T, _value, method=True),
)
"""What makes optional values and looks into them; ``or`` and ``optMap`` are the checker's."""
