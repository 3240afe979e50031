"""Checks literals that are compared with an enum, or given for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowengine.expr import typed
from flowengine.expr.findings import did_you_mean, quoted
from flowengine.expr.types import EnumType, ListType, Type

if TYPE_CHECKING:
    from flowengine.expr.checker import Checker
    from flowengine.expr.typed import TypedNode
    from flowengine.source import Span


def match(checker: Checker, left: TypedNode, right: TypedNode, span: Span) -> None:
    """Report literals compared with an enum that is without them."""
    one, other = _enum_in(left.type), _enum_in(right.type)
    if one is not None and other is not None:
        if not set(one.values) & set(other.values):
            checker.wrong_type(span, f"no value is in both {one} and {other}")
    elif one is not None:
        match_literals(checker, one, right)
    elif other is not None:
        match_literals(checker, other, left)


def match_literals(checker: Checker, enum: EnumType, node: TypedNode) -> None:
    """Report the literals, in whatever chooses among them, that an enum is without."""
    match node:
        case typed.Constant(value=str() as value) if value not in enum.values:
            hint = did_you_mean(value, enum.values)
            message = f"{quoted(value)} is not one of {enum}: {', '.join(enum.values)}"
            checker.findings.add("enum-value", node.span, message, hint)
        case typed.Choice():
            match_literals(checker, enum, node.positive)
            match_literals(checker, enum, node.negative)
        case typed.ListOf():
            for element in node.elements:
                match_literals(checker, enum, element)
        case _:
            pass


def written_out(node: TypedNode) -> bool:
    """Tell a literal, or a choice among literals."""
    match node:
        case typed.Constant():
            return True
        case typed.Choice():
            return written_out(node.positive) and written_out(node.negative)
        case _:
            return False


def _enum_in(kind: Type) -> EnumType | None:
    """Find the enum that a type is, or is a list of."""
    match kind:
        case EnumType():
            return kind
        case ListType():
            return _enum_in(kind.element)
        case _:
            return None
