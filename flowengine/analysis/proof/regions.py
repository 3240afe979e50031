"""The values that comparisons with literals can tell apart."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from flowengine.expr import BOOL, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT, EnumType, Type
from flowengine.expr.conform import RANGES

_SECOND: Final = 1_000_000_000
_BOUNDS: Final[Mapping[Type, tuple[int, int, int]]] = {
    INT: (*RANGES[INT], 1),
    UINT: (*RANGES[UINT], 1),
    DURATION: (*RANGES[DURATION], _SECOND),
    TIMESTAMP: (*RANGES[TIMESTAMP], _SECOND),
}
"""The least and the greatest value, and the step that people think in."""

_OPEN: Final = frozenset({"user.prefers"})
"""Closed for literals; what a directory gives is any string."""


class Stranger:
    """Any string that is none of the literals; equal to nothing but itself."""

    def __repr__(self) -> str:
        return "something else"


STRANGER: Final = Stranger()


def comparable(type_: Type) -> bool:
    """Say whether ``regions`` knows the values of a type."""
    return type_ in (BOOL, STRING, DOUBLE) or type_ in _BOUNDS or isinstance(type_, EnumType)


def ordered(type_: Type) -> bool:
    """Say whether regions of a type are right for ``<`` too, not only for ``==``."""
    return type_ == DOUBLE or type_ in _BOUNDS


def regions(type_: Type, literals: Collection[Any], usual: int = 0) -> tuple[Any, ...]:
    """Give one value for each class that comparisons with the literals tell apart.

    Args:
        usual: Of an int the value that is taken where it may be.
    """
    if type_ == BOOL:
        return (False, True)
    if isinstance(type_, EnumType):
        return (*type_.values, _stranger(type_.values)) if type_.name in _OPEN else type_.values
    if type_ == STRING:
        return (*sorted(literals), _stranger(literals))
    if type_ == DOUBLE:
        found: Iterable[float] = _doubles(sorted(literals))
    else:
        numbers = _numbers(type_, sorted(literals))
        found = (usual if alike(type_, literals, each, usual) else each for each in numbers)
    return tuple(sorted(found, key=_telling))


def alike(type_: Type, literals: Collection[Any], one: Any, other: Any) -> bool:  # noqa: ANN401 - of the type
    """Say whether comparisons with the literals cannot tell two values apart."""
    if type_ == BOOL:
        return bool(one == other)
    if isinstance(type_, EnumType):
        literals = type_.values
    if ordered(type_):
        return around(literals, one) == around(literals, other)
    return bool(one == other or not {one, other} & set(literals))


def around(literals: Collection[Any], value: Any) -> tuple[Any, Any]:  # noqa: ANN401 - of the type
    """Give the literals next to a value, which may be one itself; None where there is none."""
    low = max((each for each in literals if each <= value), default=None)
    return low, min((each for each in literals if each >= value), default=None)


def step_of(type_: Type) -> int:
    """Give the step in which people think of a type's numbers."""
    return _BOUNDS[type_][2]


def _stranger(literals: Collection[str]) -> str:
    name = "other"
    while name in literals:
        name += "-other"
    return name


def _telling(value: float) -> tuple[bool, float, bool]:
    """Order values: the small ones first, and of two as small the positive one."""
    return (math.isnan(value), abs(value), value < 0)


def _numbers(type_: Type, literals: list[int]) -> Iterator[int]:
    least, greatest, step = _BOUNDS[type_]
    edges = [least - 1, *literals, greatest + 1]
    yield from literals
    for low, high in pairwise(edges):
        if high - low > 1:
            yield _between(low + 1, high - 1, step)


def _between(low: int, high: int, step: int) -> int:
    """Give a value of a closed interval: zero, or as near to it as whole steps come."""
    if low <= 0 <= high:
        return 0
    near = low + step - 1 if low > 0 else high - step + 1
    return near if low <= near <= high else max(min(0, high), low)


def _doubles(literals: list[float]) -> Iterator[float]:
    yield math.nan
    finite = [value for value in literals if not math.isnan(value)]
    if not finite:
        yield 0.0
        return
    yield from finite
    if finite[0] > -math.inf:
        yield 0.0 if finite[0] > 0 else max(finite[0] * 2 - 1, -math.inf)
    if finite[-1] < math.inf:
        yield 0.0 if finite[-1] < 0 else min(finite[-1] * 2 + 1, math.inf)
    for low, high in pairwise(finite):
        middle = low / 2 + high / 2 if low != -math.inf and high != math.inf else None
        if middle is None:
            middle = (
                math.nextafter(high, -math.inf) if low == -math.inf else math.nextafter(low, high)
            )
        if low < middle < high:
            yield middle
