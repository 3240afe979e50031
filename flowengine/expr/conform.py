"""Whether a value of the host's has the type it was declared with; never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import assert_never

from flowengine.errors import EvaluationError
from flowengine.expr.literals import INT_MAX, INT_MIN, UINT_MAX
from flowengine.expr.times import TIMESTAMP_MAX, TIMESTAMP_MIN
from flowengine.expr.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    NUMBER,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    ScalarType,
    Type,
    TypeVariable,
)

RANGES: Mapping[Type, tuple[int, int]] = MappingProxyType(
    {
        INT: (INT_MIN, INT_MAX),
        UINT: (0, UINT_MAX),
        TIMESTAMP: (TIMESTAMP_MIN, TIMESTAMP_MAX),
        DURATION: (INT_MIN, INT_MAX),
    }
)
"""The types that are a Python int, and which ints they are; both ends included."""

_ANY_NUMBER = frozenset({int, float})

CLASSES: Mapping[Type, type] = MappingProxyType(
    dict.fromkeys(RANGES, int) | {DOUBLE: float, STRING: str, BYTES: bytes}
)
"""The exact class of a value; bool and null are told by identity instead."""

Check = Callable[[object], object]
"""Gives the value back, as a plain Python one, or raises EvaluationError."""


def wrong() -> EvaluationError:
    """Make the error of a value that is not what it was declared as; never shows it."""
    return EvaluationError("a bound value is not of its declared type")


def conformer(kind: Type) -> Check:  # noqa: PLR0911 - one per kind of type
    """Make the check of a whole value, down to its last element."""
    match kind:
        case ScalarType():
            return partial(_scalar, kind)
        case EnumType():
            return as_string
        case ListType():
            return _list_conformer(kind.element)
        case OptionalType():
            return partial(_optional, conformer(kind.element))
        case MapType():
            return partial(_map, conformer(kind.key), conformer(kind.value))
        case RecordType():
            fields = {name: conformer(field.type) for name, field in kind.fields.items()}
            optional = {name for name, field in kind.fields.items() if not field.required}
            return partial(_record, fields, frozenset(optional))
        case TypeVariable():
            return _nothing
        case _:
            assert_never(kind)


def as_string(value: object) -> str:
    """Take a str, or a subclass of it such as a StrEnum's member as the plain str it is."""
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise wrong()


def as_list(value: object) -> list[object]:
    """Take a list or a tuple; its elements are not looked at."""
    if type(value) is list:
        return value
    if isinstance(value, list | tuple):
        return list(value)
    raise wrong()


def as_map(value: object) -> dict[object, object]:
    """Take a dict or another mapping; what is in it is not looked at."""
    if type(value) is dict:
        return value
    if isinstance(value, Mapping):
        return dict(value)
    raise wrong()


def _scalar(kind: ScalarType, value: object) -> object:
    if kind == BOOL:
        good = value is True or value is False
    elif kind == NULL:
        good = value is None
    elif kind == STRING:
        return as_string(value)
    elif kind == NUMBER:
        good = type(value) in _ANY_NUMBER
    elif kind in RANGES:
        low, high = RANGES[kind]
        good = type(value) is int and low <= value <= high
    else:
        good = type(value) is CLASSES.get(kind)
    if not good:
        raise wrong()
    return value


def _nothing(value: object) -> object:
    del value
    raise wrong()


def _list_conformer(element: Type) -> Check:
    whole = partial(_list, conformer(element))
    wanted = str if isinstance(element, EnumType) else CLASSES.get(element)
    if wanted is None or wanted is int:
        return whole

    def check(value: object) -> object:
        if type(value) is list:
            for one in value:
                if type(one) is not wanted:
                    break
            else:
                return value
        return whole(value)

    return check


def _list(element: Check, value: object) -> object:
    return [element(one) for one in as_list(value)]


def _optional(element: Check, value: object) -> object:
    """Take a tuple of one value or of none."""
    if type(value) is not tuple or len(value) > 1:
        raise wrong()
    return tuple(map(element, value))


def _map(key: Check, element: Check, value: object) -> object:
    return {key(one): element(other) for one, other in as_map(value).items()}


def _record(fields: Mapping[str, Check], optional: frozenset[str], value: object) -> object:
    """Take a record's declared fields; an optional one that is absent stays out."""
    given = as_map(value)
    return {
        name: check(given[name])
        for name, check in fields.items()
        if name not in optional or given.get(name) is not None
    }
