"""Checks calls: functions, functions of a literal, and macros by handing on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowengine.errors import EvaluationError
from flowengine.expr import times, typed
from flowengine.expr.findings import did_you_mean, quoted
from flowengine.expr.functions import LITERAL_FUNCTIONS, MACROS, OPTIONAL_MACROS, Function
from flowengine.expr.library import TRUSTED
from flowengine.expr.macros import check_has, check_macro
from flowengine.expr.optionals import OPTIONAL_METHODS, check_optional_map, check_or_else
from flowengine.expr.pairs import check_bind, check_pair_macro
from flowengine.expr.scopes import PAIR_MACROS, is_bind, is_optional_macro, is_pair_macro
from flowengine.expr.special import SPECIAL_METHODS, check_special
from flowengine.expr.tree import Call, Identifier, Node
from flowengine.expr.types import DURATION, INT, STRING, TIMESTAMP, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode


def check_call(checker: Checker, call: Call) -> TypedNode:
    """Give a call its meaning."""
    if call.receiver is not None:
        return _on_receiver(checker, call, call.receiver)
    if call.function == "has":
        return check_has(checker, call)
    if call.function in LITERAL_FUNCTIONS:
        return _of_literal(checker, call)
    special = check_special(checker, call)
    return _function(checker, call) if special is None else special


def _on_receiver(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    if is_bind(call) and not checker.knows("cel"):
        return check_bind(checker, call)
    if is_pair_macro(call):
        return check_pair_macro(checker, call, receiver)
    if call.function in MACROS:
        return check_macro(checker, call, receiver)
    if is_optional_macro(call):
        return check_optional_map(checker, call, receiver)
    if call.function in OPTIONAL_METHODS:
        return check_or_else(checker, call, receiver)
    special = check_special(checker, call)
    return _method(checker, call, receiver) if special is None else special


def _function(checker: Checker, call: Call) -> TypedNode:
    overloads = _overloads(checker, call)
    if not overloads:
        return _unknown(checker, call, call.function)
    return _choose(checker, call, overloads, tuple(map(checker.check, call.arguments)))


def _method(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    qualified = _qualified(checker, call, receiver)
    if qualified:
        return _choose(checker, call, qualified, tuple(map(checker.check, call.arguments)))
    overloads = _overloads(checker, call)
    if overloads:
        arguments = tuple(map(checker.check, (receiver, *call.arguments)))
        return _choose(checker, call, overloads, arguments)
    if isinstance(receiver, Identifier) and not checker.knows(receiver.name):
        return _unknown(checker, call, f"{receiver.name}.{call.function}")
    checker.check(receiver)
    return _unknown(checker, call, call.function)


def _qualified(checker: Checker, call: Call, receiver: Node) -> Sequence[Function]:
    """Find the functions that a dotted name means, such as ``math.abs``."""
    if not isinstance(receiver, Identifier) or receiver.rooted or checker.knows(receiver.name):
        return []
    name = f"{receiver.name}.{call.function}"
    return [one for one in checker.functions if one.name == name and not one.method]


def _overloads(checker: Checker, call: Call) -> Sequence[Function]:
    method = call.receiver is not None
    return [one for one in checker.functions if one.name == call.function and one.method == method]


def _choose(
    checker: Checker,
    call: Call,
    overloads: Sequence[Function],
    arguments: tuple[TypedNode, ...],
) -> TypedNode:
    kinds = tuple(argument.type for argument in arguments)
    for function in overloads:
        result = function.result_for(kinds)
        if result is not None:
            return _never_failing(checker, typed.Invocation(function, arguments, result, call.span))
    return _no_overload(checker, call, overloads, arguments)


def _never_failing(checker: Checker, node: typed.Invocation) -> TypedNode:
    """Report a call of our own that must fail, as everything in it is written out."""
    values = [one.value for one in node.arguments if isinstance(one, typed.Constant)]
    if node.function.implementation in TRUSTED and len(values) == len(node.arguments):
        try:
            node.function.implementation(*values)
        except EvaluationError as error:
            message = f"{node.function.name} always fails here: {error}"
            checker.findings.add("expression-syntax", node.span, message)
            return checker.nothing(node.span)
    return node


def _no_overload(
    checker: Checker,
    call: Call,
    overloads: Sequence[Function],
    arguments: tuple[TypedNode, ...],
) -> TypedNode:
    """Say which argument does not fit; with several overloads, which ones there are."""
    wanted = overloads[0].parameters
    if len(overloads) > 1 or len(wanted) != len(arguments):
        found = ", ".join(str(argument.type) for argument in arguments)
        hint = " or ".join(map(_signature, overloads))
        return checker.wrong_type(
            call.span, f"{call.function} does not take ({found})", f"it is {hint}"
        )
    for argument, parameter in zip(arguments, wanted, strict=True):
        checker.demand(argument, parameter)
    return checker.nothing(call.span)


def _signature(function: Function) -> str:
    parameters = list(map(str, function.parameters))
    receiver = f"{parameters.pop(0)}." if function.method else ""
    return f"{receiver}{function.name}({', '.join(parameters)})"


def _unknown(checker: Checker, call: Call, name: str) -> TypedNode:
    checker.findings.add(
        "unknown-function", call.name_span, f"unknown function {name}", _hint(checker, call)
    )
    return checker.nothing(call.span)


def _hint(checker: Checker, call: Call) -> str | None:
    methods = {one.name for one in checker.functions if one.method} | {*MACROS, *PAIR_MACROS}
    methods |= {*OPTIONAL_MACROS, *OPTIONAL_METHODS, *SPECIAL_METHODS}
    functions = {one.name for one in checker.functions if not one.method}
    functions |= {"has", *LITERAL_FUNCTIONS}
    if call.receiver is None:
        elsewhere = f"write value.{call.function}(…)" if call.function in methods else None
        return elsewhere or did_you_mean(call.function, functions)
    elsewhere = f"write {call.function}(…)" if call.function in functions else None
    return elsewhere or did_you_mean(call.function, methods)


def _of_literal(checker: Checker, call: Call) -> TypedNode:
    """Compute ``duration`` and ``timestamp`` now; nothing is left to fail at a sign-in."""
    arguments = tuple(map(checker.check, call.arguments))
    kind: Type = DURATION if call.function == "duration" else TIMESTAMP
    match arguments:
        case (typed.Constant(value=str() as text, type=written),) if written == STRING:
            read = times.read_duration if kind == DURATION else times.read_timestamp
            return _constant(checker, call, kind, read(text), quoted(text))
        case (typed.Constant(value=int() as second, type=written),) if (
            written == INT and kind == TIMESTAMP
        ):
            nanoseconds = times.in_range(second * times.SECOND_NS)
            return _constant(checker, call, kind, nanoseconds, str(second))
        case _:
            return _choose(checker, call, _overloads(checker, call), arguments)


def _constant(
    checker: Checker, call: Call, kind: Type, nanoseconds: int | None, written: str
) -> TypedNode:
    if nanoseconds is None:
        span = call.arguments[0].span
        checker.findings.add(
            "expression-syntax", span, f"{written} is not a {kind}", _example(kind)
        )
        return checker.nothing(call.span)
    return typed.Constant(nanoseconds, kind, call.span)


def _example(kind: Type) -> str:
    if kind == DURATION:
        return 'write it like duration("1h30m") or duration("2.5s")'
    return 'write it like timestamp("2030-01-31T12:00:00Z")'
