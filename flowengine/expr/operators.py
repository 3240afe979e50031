"""Which operator takes which types."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from flowengine.expr.typed import Overload
from flowengine.expr.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    NOTHING,
    NUMBER,
    NUMBERS,
    STRING,
    TIMESTAMP,
    UINT,
    ListType,
    MapType,
    Type,
    accepts,
    assignable,
    holds_record,
    join,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_Row = tuple[Type, Type, Type, Overload]

_ARITHMETIC: MappingProxyType[str, tuple[_Row, ...]] = MappingProxyType(
    {
        "+": (
            (INT, INT, INT, Overload.ADD_INT),
            (UINT, UINT, UINT, Overload.ADD_UINT),
            (DOUBLE, DOUBLE, DOUBLE, Overload.ADD_DOUBLE),
            (STRING, STRING, STRING, Overload.ADD_STRING),
            (BYTES, BYTES, BYTES, Overload.ADD_BYTES),
            (TIMESTAMP, DURATION, TIMESTAMP, Overload.ADD_TIMESTAMP),
            (DURATION, TIMESTAMP, TIMESTAMP, Overload.ADD_TIMESTAMP),
            (DURATION, DURATION, DURATION, Overload.ADD_DURATION),
        ),
        "-": (
            (INT, INT, INT, Overload.SUBTRACT_INT),
            (UINT, UINT, UINT, Overload.SUBTRACT_UINT),
            (DOUBLE, DOUBLE, DOUBLE, Overload.SUBTRACT_DOUBLE),
            (TIMESTAMP, TIMESTAMP, DURATION, Overload.SUBTRACT_TIMESTAMPS),
            (TIMESTAMP, DURATION, TIMESTAMP, Overload.SUBTRACT_FROM_TIMESTAMP),
            (DURATION, DURATION, DURATION, Overload.SUBTRACT_DURATION),
        ),
        "*": (
            (INT, INT, INT, Overload.MULTIPLY_INT),
            (UINT, UINT, UINT, Overload.MULTIPLY_UINT),
            (DOUBLE, DOUBLE, DOUBLE, Overload.MULTIPLY_DOUBLE),
        ),
        "/": (
            (INT, INT, INT, Overload.DIVIDE_INT),
            (UINT, UINT, UINT, Overload.DIVIDE_UINT),
            (DOUBLE, DOUBLE, DOUBLE, Overload.DIVIDE_DOUBLE),
        ),
        "%": (
            (INT, INT, INT, Overload.MODULO_INT),
            (UINT, UINT, UINT, Overload.MODULO_UINT),
        ),
    }
)

_NEGATION: tuple[tuple[Type, Overload], ...] = (
    (INT, Overload.NEGATE_INT),
    (DOUBLE, Overload.NEGATE_DOUBLE),
)

_ORDERS = MappingProxyType(
    {
        "<": Overload.LESS,
        "<=": Overload.LESS_EQUALS,
        ">": Overload.GREATER,
        ">=": Overload.GREATER_EQUALS,
    }
)
_EQUALITIES = MappingProxyType({"==": Overload.EQUALS, "!=": Overload.NOT_EQUALS})

_ORDERED = frozenset({BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION, NOTHING})


def binary(operator: str, left: Type, right: Type) -> tuple[Overload, Type] | None:
    """Choose the overload of ``left operator right``; None when there is none."""
    joined = join(left, right)
    if NUMBER in (left, right) and left in NUMBERS and right in NUMBERS:
        compared = _EQUALITIES.get(operator) or _ORDERS.get(operator)
        return None if compared is None else (compared, BOOL)
    if operator in _EQUALITIES:
        comparable = joined is not None and not holds_record(joined)
        return (_EQUALITIES[operator], BOOL) if comparable else None
    if operator in _ORDERS:
        ordered = joined is not None and any(assignable(joined, one) for one in _ORDERED)
        return (_ORDERS[operator], BOOL) if ordered else None
    if operator == "in":
        return _membership(left, right)
    if operator == "+" and isinstance(joined, ListType):
        return Overload.ADD_LIST, joined
    return _arithmetic(operator, left, right)


def _arithmetic(operator: str, left: Type, right: Type) -> tuple[Overload, Type] | None:
    for first, second, result, overload in _ARITHMETIC[operator]:
        if assignable(left, first) and assignable(right, second):
            return overload, result
    return None


def _membership(left: Type, right: Type) -> tuple[Overload, Type] | None:
    if holds_record(left):
        return None
    match right:
        case ListType() if join(left, right.element) is not None:
            return Overload.IN_LIST, BOOL
        case MapType() if join(left, right.key) is not None:
            return Overload.IN_MAP, BOOL
        case _:
            return (Overload.IN_LIST, BOOL) if right == NOTHING else None


def unary(operator: str, operand: Type) -> tuple[Overload, Type] | None:
    """Choose the overload of ``operator operand``; None when there is none."""
    if operator == "!":
        return (Overload.NOT, BOOL) if accepts(BOOL, operand, {}) else None
    for wanted, overload in _NEGATION:
        if assignable(operand, wanted):
            return overload, wanted
    return None


def taken_by(operator: str) -> str:
    """Name the types that an operator takes, for a message."""
    if operator in _ORDERS:
        return "bool, int, uint, double, string, bytes, timestamp or duration, the same twice"
    return _listed(str(first) for first, second, _, _ in _ARITHMETIC[operator] if first == second)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"
