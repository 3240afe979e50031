"""What an expression means by optional values: the typed nodes of ``?`` and of its methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowengine.expr.types import Type

if TYPE_CHECKING:
    from flowengine.expr.typed import Local, TypedNode
    from flowengine.source import Span


@dataclass(frozen=True, slots=True)
class OptionalField:
    """A record's field as an optional value; it is there where ``has`` says so.

    Attributes:
        operand: A record, or an optional one.
    """

    operand: TypedNode
    field: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class OptionalElement:
    """A list's element or a map's value as an optional value.

    Attributes:
        operand: A list or a map, or an optional one.
    """

    operand: TypedNode
    index: TypedNode
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class OrElse:
    """``operand.or(other)`` or ``operand.orValue(other)``; the other runs where it is needed.

    Attributes:
        unwrapped: ``orValue``: what comes out is not optional.
    """

    operand: TypedNode
    other: TypedNode
    unwrapped: bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class OptionalMap:
    """``operand.optMap(variable, body)`` or ``optFlatMap``.

    Attributes:
        flat: ``optFlatMap``: the body gives an optional value itself.
    """

    operand: TypedNode
    variable: Local
    body: TypedNode
    flat: bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class SparseList:
    """A list that is written out, without those optional elements that have no value.

    Attributes:
        optional: The positions of the optional elements.
    """

    elements: tuple[TypedNode, ...]
    optional: tuple[int, ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class SparseMap:
    """A map that is written out, without those entries whose optional value is none.

    Attributes:
        optional: The positions of the optional entries.
    """

    entries: tuple[tuple[TypedNode, TypedNode], ...]
    optional: tuple[int, ...]
    type: Type
    span: Span


OptionalNode = OptionalField | OptionalElement | OrElse | OptionalMap | SparseList | SparseMap


def optional_children(node: OptionalNode) -> tuple[TypedNode, ...]:
    """Give the nodes directly below one, in the order written."""
    match node:
        case OptionalField():
            return (node.operand,)
        case OptionalElement():
            return (node.operand, node.index)
        case OrElse():
            return (node.operand, node.other)
        case OptionalMap():
            return (node.operand, node.body)
        case SparseList():
            return node.elements
        case SparseMap():
            return tuple(part for entry in node.entries for part in entry)
