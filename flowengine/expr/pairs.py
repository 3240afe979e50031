"""Checks macros with two variables, and ``cel.bind``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowengine.expr import typed
from flowengine.expr.failing import can_fail
from flowengine.expr.macros import too_deep
from flowengine.expr.tree import Call, Identifier, Node
from flowengine.expr.typed import Macro, PairComprehension
from flowengine.expr.types import BOOL, INT, NOTHING, ListType, MapType, Type

if TYPE_CHECKING:
    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode

DEEPEST_BINDS = 2
"""``cel.bind`` inside each other, in the value or the body; each may multiply a value."""


def check_pair_macro(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    """Give ``receiver.macro(key, value, …)`` its meaning."""
    operand, names = checker.check(receiver), call.arguments[:2]
    for name in names:
        _plain_name(checker, name)
    if names[0] == names[1]:
        checker.findings.add(
            "expression-syntax", names[1].span, "the two variables must have different names"
        )
    if checker.findings or too_deep(checker, call):
        return checker.nothing(call.span)
    kinds = _pair(checker, operand)
    variables = tuple(
        checker.local(name.name, kind, name.span, bound=False)
        for name, kind in zip(names, kinds, strict=True)
        if isinstance(name, Identifier)
    )
    *conditions, last = (checker.check_inside(one, *variables) for one in call.arguments[2:])
    return _walk(checker, call, operand, variables, (*conditions, last))


def _walk(
    checker: Checker,
    call: Call,
    operand: TypedNode,
    variables: tuple[typed.Local, ...],
    bodies: tuple[TypedNode, ...],
) -> TypedNode:
    macro, (key, value), result = Macro(call.function), variables, BOOL
    kind: Type = result
    condition: TypedNode | None = bodies[0]
    transform: TypedNode | None = None
    if macro in (Macro.TRANSFORM_LIST, Macro.TRANSFORM_MAP):
        condition = bodies[0] if len(bodies) > 1 else None
        transform = bodies[-1]
        made = transform.type
        kind = ListType(made) if macro is Macro.TRANSFORM_LIST else MapType(key.type, made)
    if condition is not None:
        checker.demand(condition, BOOL)
    return PairComprehension(macro, operand, key, value, condition, transform, kind, call.span)


def _pair(checker: Checker, operand: TypedNode) -> tuple[Type, Type]:
    match operand.type:
        case ListType():
            return INT, operand.type.element
        case MapType():
            return operand.type.key, operand.type.value
        case _ if operand.type != NOTHING:
            checker.wrong_type(operand.span, f"expected a list or a map, found {operand.type}")
            return NOTHING, NOTHING
        case _:
            return NOTHING, NOTHING


def _plain_name(checker: Checker, name: Node) -> bool:
    if isinstance(name, Identifier) and not name.rooted:
        return True
    checker.findings.add("expression-syntax", name.span, "a macro's variable is a plain name")
    return False


def check_bind(checker: Checker, call: Call) -> TypedNode:
    """Give ``cel.bind(name, value, body)`` its meaning."""
    if checker.bind_depth >= DEEPEST_BINDS:
        message = f"cel.bind is nested more than {DEEPEST_BINDS} levels deep"
        checker.findings.add("expression-limit", call.span, message)
        return checker.nothing(call.span)
    checker.bind_depth += 1
    found = _bind(checker, call)
    checker.bind_depth -= 1
    return found


def _bind(checker: Checker, call: Call) -> TypedNode:
    name, given, inside = call.arguments
    value = checker.check(given)
    if not _plain_name(checker, name) or not isinstance(name, Identifier):
        return checker.nothing(call.span)
    local = checker.local(name.name, value.type, name.span, bound=False)
    variable = replace(local, lazy=can_fail(value))
    body = checker.check_inside(inside, variable, levels=0)
    return typed.Bind(variable, value, body, body.type, call.span)
