"""Checks macros: calls whose arguments are a field or a body, not values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from flowengine.expr import optionals, typed
from flowengine.expr.tree import Call, Identifier, Index, Literal, Node, Select
from flowengine.expr.typed import Comprehension, Local, Macro
from flowengine.expr.types import (
    BOOL,
    NOTHING,
    STRING,
    ListType,
    MapType,
    RecordType,
    Type,
    assignable,
)
from flowengine.expr.unparser import unparse

if TYPE_CHECKING:
    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode

DEEPEST_MACROS = 2
"""Bodies of macros inside each other; each level multiplies the work."""

_USAGE = MappingProxyType(
    {
        Macro.ALL: "all(name, condition)",
        Macro.EXISTS: "exists(name, condition)",
        Macro.EXISTS_ONE: "exists_one(name, condition)",
        Macro.FILTER: "filter(name, condition)",
        Macro.MAP: "map(name, value) or map(name, condition, value)",
    }
)
_PLAIN_ARGUMENTS = 2
_MAP_ARGUMENTS = 3


def check_has(checker: Checker, call: Call) -> TypedNode:
    """Give ``has(operand.field)`` its meaning."""
    hint: str | None = None
    match call.arguments:
        case (Select(optional=False) as select,):
            return _presence(checker, call, select)
        case (Index(index=Literal(type=kind)) as index,) if kind == STRING:
            hint = f"use {unparse(index.index)} in {unparse(index.operand)}"
        case _:
            pass
    checker.findings.add(
        "expression-syntax", call.span, "has takes one field, as in has(user.name)", hint
    )
    return checker.nothing(call.span)


def _presence(checker: Checker, call: Call, select: Select) -> TypedNode:
    operand = checker.check(select.operand)
    held = optionals.inside(operand.type)
    match held:
        case RecordType():
            checker.declared_field(held, select)
        case MapType() if assignable(held.key, STRING):
            pass
        case _ if held != NOTHING:
            checker.wrong_type(select.field_span, f"{operand.type} has no fields")
        case _:
            pass
    return typed.Presence(operand, select.field, call.span)


def check_macro(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    """Give ``receiver.macro(name, …)`` its meaning."""
    macro = Macro(call.function)
    operand = checker.check(receiver)
    name = _name(checker, call, macro)
    if name is None:
        return checker.nothing(call.span)
    element = _element(checker, operand)
    if too_deep(checker, call):
        return checker.nothing(call.span)
    variable = checker.local(name.name, element, name.span, bound=typed.is_bound(operand))
    return _comprehension(checker, call, macro, operand, variable)


def too_deep(checker: Checker, call: Call) -> bool:
    """Report a macro inside too many others."""
    if checker.macro_depth < DEEPEST_MACROS:
        return False
    message = f"macros are nested more than {DEEPEST_MACROS} levels deep"
    checker.findings.add("expression-limit", call.span, message)
    return True


def _name(checker: Checker, call: Call, macro: Macro) -> Identifier | None:
    """Read a macro's first argument, after the number of arguments was found right."""
    most = _MAP_ARGUMENTS if macro is Macro.MAP else _PLAIN_ARGUMENTS
    if _PLAIN_ARGUMENTS <= len(call.arguments) <= most:
        name = call.arguments[0]
        if isinstance(name, Identifier) and not name.rooted:
            return name
        span, message = name.span, f"the first argument of {macro} is a plain name"
    else:
        span, message = call.span, f"{macro} takes a name and what to do with it"
    checker.findings.add("expression-syntax", span, message, f"write {_USAGE[macro]}")
    return None


def _element(checker: Checker, operand: TypedNode) -> Type:
    """Find what a macro's variable stands for: a list's element, a map's key."""
    match operand.type:
        case ListType():
            return operand.type.element
        case MapType():
            return operand.type.key
        case _ if operand.type != NOTHING:
            checker.wrong_type(operand.span, f"expected a list or a map, found {operand.type}")
            return NOTHING
        case _:
            return NOTHING


def _comprehension(
    checker: Checker, call: Call, macro: Macro, operand: TypedNode, variable: Local
) -> TypedNode:
    *conditions, last = (checker.check_inside(part, variable) for part in call.arguments[1:])
    if macro is Macro.MAP:
        condition = conditions[0] if conditions else None
        transform, result = last, ListType(last.type)
    else:
        condition, transform = last, None
        result = ListType(variable.type)
    if condition is not None:
        checker.demand(condition, BOOL)
    kind: Type = result if macro in (Macro.FILTER, Macro.MAP) else BOOL
    return Comprehension(macro, operand, variable, condition, transform, kind, call.span)
