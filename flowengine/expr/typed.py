"""What an expression means: every name resolved, every overload chosen, every node typed.

The compiler writes code from it, the prover reasons about it. Spans are offsets into the
expression's own text; ``Program.place`` maps them to the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flowengine.expr.functions import Function
from flowengine.expr.optional_nodes import OptionalField, OptionalNode, optional_children
from flowengine.expr.types import BOOL, Type

if TYPE_CHECKING:
    from flowengine.source import Span


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when the expression is checked.

    Attributes:
        value: bool, int, float, str, bytes or None; int nanoseconds for times.
    """

    value: bool | float | str | bytes | None
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment.

    Attributes:
        name: As declared; with dots in it when it was declared so.
    """

    name: str
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Local:
    """A macro's variable.

    Attributes:
        number: Tells variables of one name apart; unique in the expression.
        bound: What it ranges over comes from the bindings, so its values are not yet checked.
        lazy: It was given by ``cel.bind``, and finding its value can fail.
    """

    name: str
    number: int
    bound: bool
    type: Type
    span: Span
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A record's field; optional ones fail when absent."""

    operand: TypedNode
    field: str
    required: bool
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Presence:
    """``has(operand.field)`` of a record, or of a map with string keys."""

    operand: TypedNode
    field: str
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class ElementOf:
    """A list's element by position, or a map's value by key."""

    operand: TypedNode
    index: TypedNode
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list that is written out."""

    elements: tuple[TypedNode, ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map that is written out; a key that comes twice is an error at run time."""

    entries: tuple[tuple[TypedNode, TypedNode], ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Conjunction:
    """``&&`` over two or more operands: one that is false absorbs the errors of the others."""

    operands: tuple[TypedNode, ...]
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Disjunction:
    """``||`` over two or more operands: one that is true absorbs the errors of the others."""

    operands: tuple[TypedNode, ...]
    span: Span
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? positive : negative``; only the chosen branch is evaluated."""

    condition: TypedNode
    positive: TypedNode
    negative: TypedNode
    type: Type
    span: Span


class Overload(StrEnum):
    """An operator for operands of certain types, by CEL's own identifier where it has one."""

    NOT = "logical_not"
    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    LESS = "less"
    LESS_EQUALS = "less_equals"
    GREATER = "greater"
    GREATER_EQUALS = "greater_equals"
    IN_LIST = "in_list"
    IN_MAP = "in_map"
    NEGATE_INT = "negate_int64"
    NEGATE_DOUBLE = "negate_double"
    ADD_INT = "add_int64"
    ADD_UINT = "add_uint64"
    ADD_DOUBLE = "add_double"
    ADD_STRING = "add_string"
    ADD_BYTES = "add_bytes"
    ADD_LIST = "add_list"
    ADD_TIMESTAMP = "add_timestamp_duration"
    ADD_DURATION = "add_duration_duration"
    SUBTRACT_INT = "subtract_int64"
    SUBTRACT_UINT = "subtract_uint64"
    SUBTRACT_DOUBLE = "subtract_double"
    SUBTRACT_TIMESTAMPS = "subtract_timestamp_timestamp"
    SUBTRACT_FROM_TIMESTAMP = "subtract_timestamp_duration"
    SUBTRACT_DURATION = "subtract_duration_duration"
    MULTIPLY_INT = "multiply_int64"
    MULTIPLY_UINT = "multiply_uint64"
    MULTIPLY_DOUBLE = "multiply_double"
    DIVIDE_INT = "divide_int64"
    DIVIDE_UINT = "divide_uint64"
    DIVIDE_DOUBLE = "divide_double"
    MODULO_INT = "modulo_int64"
    MODULO_UINT = "modulo_uint64"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operator with its overload chosen; operands in the order written."""

    overload: Overload
    operands: tuple[TypedNode, ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Invocation:
    """A function with its overload chosen; a receiver is the first argument."""

    function: Function
    arguments: tuple[TypedNode, ...]
    type: Type
    span: Span


class Macro(StrEnum):
    """What walks a list or the keys of a map."""

    ALL = "all"
    EXISTS = "exists"
    EXISTS_ONE = "exists_one"
    FILTER = "filter"
    MAP = "map"
    EXISTS_ONE_PAIR = "existsOne"
    TRANSFORM_LIST = "transformList"
    TRANSFORM_MAP = "transformMap"


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A macro over a list or a map.

    Attributes:
        condition: What is asked of each element; None for the ``map`` without one.
        transform: What ``map`` makes of each element; None for the others.
    """

    macro: Macro
    range: TypedNode
    variable: Local
    condition: TypedNode | None
    transform: TypedNode | None
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class PairComprehension:
    """A macro with two variables: a list's index and element, or a map's key and value.

    Attributes:
        condition: What is asked of each pair; None where all are taken.
        transform: What ``transformList`` or ``transformMap`` makes of each pair; else None.
    """

    macro: Macro
    range: TypedNode
    variable: Local
    second: Local
    condition: TypedNode | None
    transform: TypedNode | None
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Bind:
    """``cel.bind(variable, value, body)``: an error of the value counts only where it is used."""

    variable: Local
    value: TypedNode
    body: TypedNode
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Never:
    """A field of an element of an empty list: there is no such value, and no such run."""

    type: Type
    span: Span


TypedNode = (
    Constant
    | Variable
    | Local
    | FieldOf
    | Presence
    | ElementOf
    | ListOf
    | MapOf
    | Conjunction
    | Disjunction
    | Choice
    | Operation
    | Invocation
    | Comprehension
    | PairComprehension
    | Bind
    | Never
    | OptionalNode
)


def children(node: TypedNode) -> tuple[TypedNode, ...]:
    """Give the nodes directly below one, in the order written."""
    match node:
        case FieldOf() | Presence():
            return (node.operand,)
        case ElementOf():
            return (node.operand, node.index)
        case ListOf():
            return node.elements
        case MapOf():
            return tuple(part for entry in node.entries for part in entry)
        case Conjunction() | Disjunction() | Operation():
            return node.operands
        case _:
            return _more_children(node)


def _more_children(
    node: Constant
    | Variable
    | Local
    | Choice
    | Invocation
    | Comprehension
    | PairComprehension
    | Bind
    | Never
    | OptionalNode,
) -> tuple[TypedNode, ...]:
    match node:
        case Choice():
            return (node.condition, node.positive, node.negative)
        case Invocation():
            return node.arguments
        case Bind():
            return (node.value, node.body)
        case Comprehension() | PairComprehension():
            parts = (node.range, node.condition, node.transform)
            return tuple(part for part in parts if part is not None)
        case Constant() | Variable() | Local() | Never():
            return ()
        case _:
            return optional_children(node)


def is_bound(node: TypedNode) -> bool:
    """Tell whether a node's value is the host's own object, whose type nobody checked yet."""
    match node:
        case Variable():
            return True
        case Local():
            return node.bound
        case FieldOf() | ElementOf():
            return is_bound(node.operand)
        case _:
            return False


def path(node: TypedNode) -> str | None:
    """Spell a variable, or a field reached from one by fields only, with dots."""
    match node:
        case Variable():
            return node.name
        case FieldOf() | Presence() | OptionalField():
            parent = path(node.operand)
            return None if parent is None else f"{parent}.{node.field}"
        case _:
            return None


def paths(node: TypedNode) -> frozenset[str]:
    """Collect the longest paths that an expression reads."""
    whole = path(node)
    if whole is not None:
        return frozenset({whole})
    return frozenset().union(*map(paths, children(node)))


def roots(node: TypedNode) -> frozenset[str]:
    """Collect the variables that an expression reads."""
    if isinstance(node, Variable):
        return frozenset({node.name})
    return frozenset().union(*map(roots, children(node)))
