"""The types of the expression language, and CEL's own spelling of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A type without parts; what it is at run time stands beside each constant below."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """``list(T)``; a Python list at run time."""

    element: Type

    def __str__(self) -> str:
        return f"list({self.element})"


@dataclass(frozen=True, slots=True)
class MapType:
    """``map(K, V)``; a Python dict at run time.

    Attributes:
        key: One of bool, int, uint and string.
    """

    key: Type
    value: Type

    def __str__(self) -> str:
        return f"map({self.key}, {self.value})"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        required: The host always gives it. An optional one is absent when its key is
            missing or its value is None, and reading it then is an error.
    """

    type: Type
    required: bool = True


@dataclass(frozen=True, slots=True)
class RecordType:
    """A host's object with named fields; a Python dict from field name to value at run time.

    Attributes:
        name: What messages call it.
    """

    name: str
    fields: Mapping[str, Field] = field(hash=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class EnumType:
    """A string out of a closed set; a Python str at run time.

    Attributes:
        name: What messages call it.
    """

    name: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class OptionalType:
    """``optional_type(T)``; at run time a tuple of the one value there is, or of none."""

    element: Type

    def __str__(self) -> str:
        return f"optional_type({self.element})"


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """Any type, the same wherever the name stands in one function's signature."""

    name: str

    def __str__(self) -> str:
        return self.name


Type = ScalarType | ListType | MapType | OptionalType | RecordType | EnumType | TypeVariable

BOOL = ScalarType("bool")  # True or False
INT = ScalarType("int")  # int of 64 bits, signed
UINT = ScalarType("uint")  # int of 64 bits, unsigned
DOUBLE = ScalarType("double")  # float
STRING = ScalarType("string")  # str
BYTES = ScalarType("bytes")  # bytes
NULL = ScalarType("null_type")  # None
TIMESTAMP = ScalarType("timestamp")  # int: nanoseconds since 1970-01-01T00:00:00Z
DURATION = ScalarType("duration")  # int: nanoseconds

NUMBER = ScalarType("number")
"""What is an int, a uint or a double, and only known at run time; it may only be compared.

``math.greatest`` of different types is one. The reference checker prints it as ``dyn``.
"""

NUMBERS = frozenset({INT, UINT, DOUBLE, NUMBER})
"""What a NUMBER may be compared with."""

NOTHING = ScalarType("dyn")
"""The type that has no value: of the elements of ``[]``, and of what an error was reported for.

It may stand wherever any type is wanted. The reference checker prints it as ``dyn``.
"""

SCALARS = MappingProxyType(
    {
        str(scalar): scalar
        for scalar in (BOOL, INT, UINT, DOUBLE, STRING, BYTES, NULL, TIMESTAMP, DURATION)
    }
)
"""The scalar types by their spelling."""

KEY_TYPES = frozenset({BOOL, INT, UINT, STRING})
"""What a map may have as key."""


def assignable(found: Type, wanted: Type) -> bool:
    """Tell whether every value of ``found`` may stand where ``wanted`` is expected."""
    match found, wanted:
        case ListType(), ListType():
            return assignable(found.element, wanted.element)
        case OptionalType(), OptionalType():
            return assignable(found.element, wanted.element)
        case MapType(), MapType():
            return assignable(found.key, wanted.key) and assignable(found.value, wanted.value)
        case EnumType(), EnumType():
            return set(found.values) <= set(wanted.values)
        case EnumType(), ScalarType():
            return wanted == STRING
        case _:
            return found in (NOTHING, wanted)


def join(one: Type, other: Type) -> Type | None:  # noqa: PLR0911 - one per kind of type
    """Find the narrowest type that holds the values of both, or None when there is none."""
    if assignable(one, other):
        return other
    if assignable(other, one):
        return one
    match one, other:
        case ListType(), ListType():
            element = join(one.element, other.element)
            return None if element is None else ListType(element)
        case OptionalType(), OptionalType():
            element = join(one.element, other.element)
            return None if element is None else OptionalType(element)
        case MapType(), MapType():
            key, value = join(one.key, other.key), join(one.value, other.value)
            return None if key is None or value is None else MapType(key, value)
        case EnumType(), EnumType():
            return STRING
        case _:
            return None


def accepts(parameter: Type, argument: Type, solution: dict[str, Type]) -> bool:
    """Match an argument's type with a parameter that may have type variables in it.

    ``solution`` has what was found for the variables so far, and grows.
    """
    match parameter, argument:
        case TypeVariable(), _:
            joined = join(solution.get(parameter.name, NOTHING), argument)
            if joined is not None:
                solution[parameter.name] = joined
            return joined is not None
        case ListType(), ListType():
            return accepts(parameter.element, argument.element, solution)
        case OptionalType(), OptionalType():
            return accepts(parameter.element, argument.element, solution)
        case MapType(), MapType():
            return accepts(parameter.key, argument.key, solution) and accepts(
                parameter.value, argument.value, solution
            )
        case _:
            return assignable(argument, parameter)


def substitute(result: Type, solution: Mapping[str, Type]) -> Type:
    """Put the types that were found for a signature's variables into its result."""
    match result:
        case TypeVariable():
            return solution.get(result.name, NOTHING)
        case ListType():
            return ListType(substitute(result.element, solution))
        case OptionalType():
            return OptionalType(substitute(result.element, solution))
        case MapType():
            return MapType(substitute(result.key, solution), substitute(result.value, solution))
        case _:
            return result


def holds_record(found: Type) -> bool:
    """Tell whether a value of this type has a record in it, at any depth."""
    match found:
        case RecordType():
            return True
        case ListType() | OptionalType():
            return holds_record(found.element)
        case MapType():
            return holds_record(found.value)
        case _:
            return False


def holds_double(found: Type) -> bool:
    """Tell whether a value of this type has a double in it, where NaN breaks identity."""
    match found:
        case ListType() | OptionalType():
            return holds_double(found.element)
        case MapType():
            return holds_double(found.value)
        case _:
            return found == DOUBLE
