"""Checks the calls that a signature cannot describe: patterns, formats, any number of numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowengine.expr import regex, typed
from flowengine.expr.functions import Function
from flowengine.expr.library import formatting, mathematics
from flowengine.expr.tree import Call, Identifier, ListLiteral
from flowengine.expr.types import (
    BOOL,
    DOUBLE,
    INT,
    NOTHING,
    NUMBER,
    STRING,
    UINT,
    ListType,
    Type,
    assignable,
)

if TYPE_CHECKING:
    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode

_NUMBERS: tuple[Type, ...] = (INT, UINT, DOUBLE)
LONGEST_PATTERN = 256
"""Characters of a regular expression."""

SPECIAL_METHODS = ("matches", "format")
"""Methods that have no signature."""

_MATCHES_ARGUMENTS = 2


def check_special(checker: Checker, call: Call) -> TypedNode | None:
    """Give such a call its meaning; None when it is no such call."""
    receiver = call.receiver
    if call.function == "matches":
        return _matches(checker, call)
    if receiver is None:
        return None
    if call.function == "format":
        return _format(checker, call)
    math = isinstance(receiver, Identifier) and receiver.name == "math" and not receiver.rooted
    if math and call.function in ("greatest", "least") and not checker.knows("math"):
        return _extreme(checker, call)
    return None


def _matches(checker: Checker, call: Call) -> TypedNode:
    written = call.arguments if call.receiver is None else (call.receiver, *call.arguments)
    if len(written) != _MATCHES_ARGUMENTS:
        return checker.wrong_type(call.span, "matches takes a text and a pattern")
    text, pattern = checker.check_as(written[0], STRING), checker.check_as(written[1], STRING)
    if not isinstance(pattern, typed.Constant) or not isinstance(pattern.value, str):
        if assignable(pattern.type, STRING) and not checker.findings:
            checker.wrong_type(pattern.span, "a pattern must be written out as one string")
        return checker.nothing(call.span)
    fault = regex.fault(pattern.value)
    if len(pattern.value) > LONGEST_PATTERN:
        fault = f"it has more than {LONGEST_PATTERN} characters"
    if fault is not None:
        message = f"not a regular expression that RE2 takes: {fault}"
        checker.findings.add("expression-syntax", pattern.span, message)
        return checker.nothing(call.span)
    found = Function(
        "matches", (STRING, STRING), BOOL, regex.searcher(pattern.value), method=True, total=True
    )
    return typed.Invocation(found, (text, pattern), BOOL, call.span)


def _format(checker: Checker, call: Call) -> TypedNode | None:
    """Check ``text.format([…])``, whose list may have values of several types."""
    if call.receiver is None or len(call.arguments) != 1:
        return None
    text = checker.check_as(call.receiver, STRING)
    (values,) = call.arguments
    if not isinstance(values, ListLiteral):
        return checker.wrong_type(values.span, "format takes a list that is written out")
    parts = tuple(map(checker.check, values.elements))
    kinds = tuple(part.type for part in parts)
    implementation = partial(formatting.format_text, kinds)
    function = Function("format", (STRING, *kinds), STRING, implementation, method=True)
    return typed.Invocation(function, (text, *parts), STRING, call.span)


def _extreme(checker: Checker, call: Call) -> TypedNode:
    """Check ``math.greatest`` or ``math.least`` of numbers, or of one list of them."""
    arguments = tuple(map(checker.check, call.arguments))
    kinds = tuple(argument.type for argument in arguments)
    name, greatest = f"math.{call.function}", call.function == "greatest"
    if NOTHING in kinds and checker.findings:
        return checker.nothing(call.span)
    match kinds:
        case (ListType(element=element),) if element in _NUMBERS:
            over = mathematics.greatest_of if greatest else mathematics.least_of
            return _invocation(Function(name, kinds, element, over), arguments, call)
        case _ if kinds and all(kind in _NUMBERS for kind in kinds):
            result = kinds[0] if len(set(kinds)) == 1 else NUMBER
            made = mathematics.greatest if greatest else mathematics.least
            return _invocation(Function(name, kinds, result, made, total=True), arguments, call)
        case _:
            found = ", ".join(map(str, kinds))
            message = f"{name} does not take ({found})"
            return checker.wrong_type(call.span, message, "it takes numbers or a list of them")


def _invocation(function: Function, arguments: tuple[TypedNode, ...], call: Call) -> TypedNode:
    return typed.Invocation(function, arguments, function.result, call.span)
