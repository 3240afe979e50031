"""Checks optional values: ``?``, their methods, and what is written out with a ``?``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowengine.expr import typed
from flowengine.expr.optional_nodes import (
    OptionalElement,
    OptionalField,
    OptionalMap,
    OrElse,
)
from flowengine.expr.tree import Call, Identifier, Node, Select
from flowengine.expr.types import (
    INT,
    NOTHING,
    STRING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
    assignable,
    join,
)

if TYPE_CHECKING:
    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode
    from flowengine.source import Span

OPTIONAL_METHODS = ("or", "orValue")
"""Methods of optional values whose argument may not run."""


def inside(kind: Type) -> Type:
    """Give the type of the value that an optional one has; any other type as it is."""
    return kind.element if isinstance(kind, OptionalType) else kind


def check_field(checker: Checker, operand: TypedNode, node: Select) -> TypedNode:
    """Select a field that need not be there, or of what need not be there."""
    held = inside(operand.type)
    match held:
        case RecordType():
            found = checker.declared_field(held, node)
            if found is None:
                return checker.nothing(node.span)
            kind = OptionalType(found.type)
            return OptionalField(operand, node.field, kind, node.span)
        case MapType() if assignable(held.key, STRING):
            key = typed.Constant(node.field, STRING, node.field_span)
            return OptionalElement(operand, key, OptionalType(held.value), node.span)
        case _ if held == NOTHING:
            key = typed.Constant(node.field, STRING, node.field_span)
            return _of_nothing(operand, key, node.span)
        case _:
            return checker.wrong_type(node.field_span, f"{operand.type} has no fields")


def check_element(checker: Checker, operand: TypedNode, index: TypedNode, span: Span) -> TypedNode:
    """Take an element that need not be there, or of what need not be there."""
    held = inside(operand.type)
    match held:
        case ListType():
            checker.demand(index, INT)
            return OptionalElement(operand, index, OptionalType(held.element), span)
        case MapType():
            checker.demand_key(index, held)
            return OptionalElement(operand, index, OptionalType(held.value), span)
        case _ if held == NOTHING:
            return _of_nothing(operand, index, span)
        case _:
            return checker.wrong_type(span, f"{operand.type} has no elements")


def _of_nothing(operand: TypedNode, index: TypedNode, span: Span) -> TypedNode:
    """Look into what has no value: none of an optional value, else no run comes here."""
    kind = OptionalType(NOTHING)
    if operand.type == NOTHING:
        return typed.Never(kind, span)
    return OptionalElement(operand, index, kind, span)


def check_or_else(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    """Give ``optional.or(other)`` or ``optional.orValue(other)`` its meaning."""
    operand = checker.check(receiver)
    others = tuple(map(checker.check, call.arguments))
    unwrapped = call.function == "orValue"
    if operand.type == NOTHING or len(others) != 1:
        if operand.type != NOTHING:
            checker.wrong_type(call.span, f"{call.function} takes one argument")
        return checker.nothing(call.span)
    if not isinstance(operand.type, OptionalType):
        message = f"expected an optional value, found {operand.type}"
        return checker.wrong_type(operand.span, message)
    (other,) = others
    kind = join(operand.type.element if unwrapped else operand.type, other.type)
    if kind is None or not (unwrapped or isinstance(kind, OptionalType)):
        wanted = operand.type.element if unwrapped else operand.type
        return checker.wrong_type(other.span, f"expected {wanted}, found {other.type}")
    return OrElse(operand, other, unwrapped, kind, call.span)


def check_optional_map(checker: Checker, call: Call, receiver: Node) -> TypedNode:
    """Give ``optional.optMap(name, body)`` or ``optFlatMap`` its meaning."""
    operand, name = checker.check(receiver), call.arguments[0]
    if not isinstance(name, Identifier) or name.rooted:
        message = f"the first argument of {call.function} is a plain name"
        checker.findings.add(
            "expression-syntax", name.span, message, f"write {call.function}(name, value)"
        )
        return checker.nothing(call.span)
    if not isinstance(operand.type, OptionalType) and operand.type != NOTHING:
        message = f"expected an optional value, found {operand.type}"
        return checker.wrong_type(operand.span, message)
    variable = checker.local(name.name, inside(operand.type), name.span, bound=False)
    body = checker.check_inside(call.arguments[1], variable, levels=0)
    flat = call.function == "optFlatMap"
    if flat and body.type != NOTHING and not isinstance(body.type, OptionalType):
        return checker.wrong_type(body.span, f"expected an optional value, found {body.type}")
    kind = body.type if flat else OptionalType(body.type)
    if flat and body.type == NOTHING:
        kind = OptionalType(NOTHING)
    return OptionalMap(operand, variable, body, flat, kind, call.span)


def check_marked(checker: Checker, node: TypedNode) -> Type:
    """Demand an optional value of what stands behind a ``?``; give the type inside."""
    if isinstance(node.type, OptionalType):
        return node.type.element
    if node.type != NOTHING:
        checker.wrong_type(node.span, f"expected optional_type({node.type}), found {node.type}")
    return NOTHING
