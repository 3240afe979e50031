"""Functions: what a call may name, and with which types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flowengine.expr.types import (
    BOOL,
    BYTES,
    INT,
    STRING,
    ListType,
    MapType,
    Type,
    TypeVariable,
    accepts,
    substitute,
)


@dataclass(frozen=True, slots=True)
class Function:
    """One overload of a function.

    Attributes:
        parameters: With type variables where any type will do; of a method, the receiver's
            type comes first.
        implementation: Takes the arguments as they are at run time. It must be pure, and may
            raise EvaluationError.
        method: Called as ``receiver.name(…)``, not as ``name(…)``.
        total: Has a value of ``result``'s type for all arguments of the right types.
    """

    name: str
    parameters: tuple[Type, ...]
    result: Type
    implementation: Callable[..., object] = field(repr=False)
    method: bool = False
    total: bool = False

    def result_for(self, arguments: tuple[Type, ...]) -> Type | None:
        """Give the type of a call with arguments of these types; None when they do not fit."""
        if len(arguments) != len(self.parameters):
            return None
        solution: dict[str, Type] = {}
        pairs = zip(self.parameters, arguments, strict=True)
        if not all(accepts(parameter, argument, solution) for parameter, argument in pairs):
            return None
        return substitute(self.result, solution)


_SIZED: tuple[Type, ...] = (
    STRING,
    BYTES,
    ListType(TypeVariable("T")),
    MapType(TypeVariable("K"), TypeVariable("V")),
)


def contains(text: str, part: str) -> bool:
    """Look for a part of a text."""
    return part in text


STANDARD_FUNCTIONS: tuple[Function, ...] = (
    *(Function("size", (sized,), INT, len, total=True) for sized in _SIZED),
    *(Function("size", (sized,), INT, len, method=True, total=True) for sized in _SIZED),
    Function("startsWith", (STRING, STRING), BOOL, str.startswith, method=True, total=True),
    Function("endsWith", (STRING, STRING), BOOL, str.endswith, method=True, total=True),
    Function("contains", (STRING, STRING), BOOL, contains, method=True, total=True),
)
"""CEL's own, as far as they are here. A string's size counts code points."""

LITERAL_FUNCTIONS = ("duration", "timestamp")
"""Functions of one literal; the checker puts the value in their place."""

OPTIONAL_MACROS = ("optMap", "optFlatMap")
"""Macros of optional values, of a name and a body."""

MACROS = ("all", "exists", "exists_one", "filter", "map")
"""Methods whose arguments are no values."""
