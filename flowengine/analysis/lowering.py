"""Rewrites conditions into fewer constructs that mean exactly the same, errors included.

What ``cel.bind`` names is put in the place of its name: an error of it counts only where it is
used, as there. An optional value is split into whether there is one, ``has``, and the value itself,
so that ``r.?f.orValue(d)`` is ``has(r.f) ? r.f : d``. A comparison of a choice is a choice of
comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from operator import is_
from types import MappingProxyType
from typing import Any, Final, TypeGuard, cast, get_args

from flowengine.expr import BOOL, MapType, OptionalType, RecordType, Type
from flowengine.expr.failing import can_fail
from flowengine.expr.optional_nodes import OptionalElement, OptionalField, OrElse
from flowengine.expr.typed import (
    Bind,
    Choice,
    Constant,
    ElementOf,
    FieldOf,
    Invocation,
    Local,
    Never,
    Operation,
    Overload,
    Presence,
    TypedNode,
    children,
)
from flowengine.source import Span

_MOST_PUT_IN: Final = 512
"""Nodes that putting a value in the place of its name may make; else the name stays."""

_COMPARING: Final = frozenset(
    {
        *(Overload.EQUALS, Overload.NOT_EQUALS, Overload.IN_LIST),
        *(Overload.LESS, Overload.LESS_EQUALS, Overload.GREATER, Overload.GREATER_EQUALS),
    }
)
_NODES: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(each.name for each in fields(kind) if each.name not in ("span", "type"))
    for kind in get_args(TypedNode)
}
"""For each class of node, the fields in which others may be.

Looked up by class, which takes a tenth of what ``isinstance`` takes over so many.
"""

_Given = Mapping[int, TypedNode]
_NOTHING: Final[_Given] = MappingProxyType({})


def lowered(node: TypedNode, given: _Given = _NOTHING) -> TypedNode:
    """Rewrite an expression.

    Args:
        given: What stands for the names of ``cel.bind`` around it, rewritten already.
    """
    match node:
        case Local():
            return given.get(node.number, node)
        case Bind() if _uses(node.body, node.variable.number) * _size(node.value) <= _MOST_PUT_IN:
            value = lowered(node.value, given)
            return lowered(node.body, {**given, node.variable.number: value})
        case OrElse(unwrapped=True):
            return _or_value(node, given)
        case Invocation() if node.function.name in ("hasValue", "value") and node.arguments:
            parts = _split(node.arguments[0], given)
            if parts is not None:
                return parts[0 if node.function.name == "hasValue" else 1]
    return _distributed(_rebuilt(node, given))


def _or_value(node: OrElse, given: _Given) -> TypedNode:
    operand = _named(node.operand, given)
    if _is_of(operand):
        return lowered(operand.arguments[0], given)
    parts = _split(operand, given)
    if parts is None:
        return _rebuilt(node, given)
    there, value = parts
    return _choice(there, value, lowered(node.other, given), node.type, node.span)


def _split(  # noqa: PLR0911 - one per form
    node: TypedNode, given: _Given
) -> tuple[TypedNode, TypedNode] | None:
    """Give when an optional value is there, and what it is then; None of one that is opaque.

    Where it is not there the value is an error.
    """
    node, span = _named(node, given), node.span
    kind = node.type.element if isinstance(node.type, OptionalType) else node.type
    match node:
        case OptionalField():
            return _part(node.operand, node.field, kind, span, given)
        case OptionalElement(index=Constant(value=str(key))):
            return _part(node.operand, key, kind, span, given)
        case Invocation() if node.function.name == "optional.none":
            return Constant(value=False, type=BOOL, span=span), Never(kind, span)
        case Invocation() if _is_of(node) and not can_fail(node.arguments[0]):
            return Constant(value=True, type=BOOL, span=span), lowered(node.arguments[0], given)
        case Choice():
            return _either(node.condition, node.positive, node.negative, kind, given)
        case OrElse(unwrapped=False):
            return _first(node, kind, given)
        case _:
            return None


def _part(
    operand: TypedNode, name: str, kind: Type, span: Span, given: _Given
) -> tuple[TypedNode, TypedNode] | None:
    """Split ``operand.?name``, where the operand may be optional itself."""
    if not isinstance(operand.type, OptionalType):
        held = lowered(operand, given)
        return _there(held, name, span), _value(held, name, kind, span)
    parts = _split(operand, given)
    if parts is None:
        return None
    there, held = parts
    held = _of_type(held, operand.type.element)
    absent = Constant(value=False, type=BOOL, span=span)
    within = _choice(there, _there(held, name, span), absent, BOOL, span)
    return within, _value(held, name, kind, span)


def _there(held: TypedNode, name: str, span: Span) -> TypedNode:
    return _distributed(Presence(held, name, span))


def _value(held: TypedNode, name: str, kind: Type, span: Span) -> TypedNode:
    if isinstance(held.type, RecordType):
        required = held.type.fields[name].required
        return _distributed(FieldOf(held, name, required, kind, span))
    key = held.type.key if isinstance(held.type, MapType) else BOOL
    return _distributed(ElementOf(held, Constant(name, key, span), kind, span))


def _either(
    asked: TypedNode, one: TypedNode, other: TypedNode, kind: Type, given: _Given
) -> tuple[TypedNode, TypedNode] | None:
    first, second = _split(one, given), _split(other, given)
    if first is None or second is None:
        return None
    condition, span = lowered(asked, given), asked.span
    return (
        _choice(condition, first[0], second[0], BOOL, span),
        _choice(condition, first[1], second[1], kind, span),
    )


def _first(node: OrElse, kind: Type, given: _Given) -> tuple[TypedNode, TypedNode] | None:
    """Split ``one.or(other)``; the other counts only where there is no first."""
    first, second = _split(node.operand, given), _split(node.other, given)
    if first is None or second is None:
        return None
    there = Constant(value=True, type=BOOL, span=node.span)
    return (
        _choice(first[0], there, second[0], BOOL, node.span),
        _choice(first[0], first[1], second[1], kind, node.span),
    )


def _distributed(node: TypedNode) -> TypedNode:
    """Put what is asked of a choice into its branches; what is asked of both fails alike."""
    match node:
        case FieldOf(operand=Choice() as choice) | Presence(operand=Choice() as choice):
            parts = [_distributed(replace(node, operand=each)) for each in _branches(choice)]
            return _choice(choice.condition, parts[0], parts[1], node.type, node.span)
        case Operation() if node.overload in _COMPARING:
            for place, each in enumerate(node.operands):
                if isinstance(each, Choice) and each.type != BOOL:
                    before, after = node.operands[:place], node.operands[place + 1 :]
                    made = [
                        _distributed(replace(node, operands=(*before, branch, *after)))
                        for branch in _branches(each)
                    ]
                    return _choice(each.condition, made[0], made[1], BOOL, node.span)
            return node
        case _:
            return node


def _branches(choice: Choice) -> tuple[TypedNode, TypedNode]:
    return choice.positive, choice.negative


def _choice(
    condition: TypedNode, one: TypedNode, other: TypedNode, kind: Type, span: Span
) -> TypedNode:
    """Choose now where the condition is a literal; the other branch would never run."""
    if isinstance(condition, Constant):
        return one if condition.value else other
    return Choice(condition, one, other, kind, span)


def _of_type(node: TypedNode, kind: Type) -> TypedNode:
    return node if node.type == kind else replace(cast("Any", node), type=kind)


def _named(node: TypedNode, given: _Given) -> TypedNode:
    return given.get(node.number, node) if isinstance(node, Local) else node


def _is_of(node: TypedNode) -> TypeGuard[Invocation]:
    return isinstance(node, Invocation) and node.function.name == "optional.of"


def _rebuilt(node: TypedNode, given: _Given) -> TypedNode:
    """Rewrite the parts of a node."""
    changed = {}
    for name in _NODES[type(node)]:
        before = getattr(node, name)
        after = _part_of(before, given)
        if after is not before:
            changed[name] = after
    return replace(node, **changed) if changed else node


def _part_of(part: Any, given: _Given) -> Any:  # noqa: ANN401 - a field of a node
    if isinstance(part, tuple):
        made = tuple([_part_of(each, given) for each in part])
        return part if all(map(is_, made, part)) else made
    return lowered(part, given) if type(part) in _NODES else part


def _uses(node: TypedNode, number: int) -> int:
    own = isinstance(node, Local) and node.number == number
    return own + sum(_uses(each, number) for each in children(node))


def _size(node: TypedNode) -> int:
    return 1 + sum(map(_size, children(node)))
