"""Conditions as formulas over questions, which a walk through a flow answers one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from flowengine.analysis.lowering import lowered
from flowengine.expr import INT, EnumType
from flowengine.expr.typed import (
    Choice,
    Conjunction,
    Constant,
    Disjunction,
    FieldOf,
    Local,
    Operation,
    Overload,
    TypedNode,
    Variable,
    path,
    paths,
)

_ANY: Final = "user.has.any"
_FACTORS: Final = ("totp", "sms", "email", "passkey")
"""What ``user.has.any`` is any of."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the facts, and answered yes or no.

    Attributes:
        key: The same for the same question wherever it is asked.
        reads: The dotted paths that the answer depends on.
    """

    key: Hashable
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Equal:
    """Whether a path has a value.

    Attributes:
        closed: All values that there are; empty where there is no end of them.
    """

    path: str
    value: Hashable
    closed: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Below:
    """Whether an int's path is less than a bound."""

    path: str
    bound: int


@dataclass(frozen=True, slots=True)
class Gained:
    """Whether the ledger has a name: ``proved`` or ``enrolled``."""

    ledger: str
    name: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """True or false, whatever the facts are."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """True where the other is false."""

    part: Formula


@dataclass(frozen=True, slots=True)
class All:
    """True where each part is."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """True where one of the parts is."""

    parts: tuple[Formula, ...]


Atom = Question | Equal | Below | Gained
Formula = Atom | Fixed | Not | All | Some


def formula(tree: TypedNode) -> Formula:
    """Read a condition; whatever is no logic, equality or bound is a question of its own."""
    return _formula(lowered(tree))


def _formula(tree: TypedNode) -> Formula:  # noqa: PLR0911 - one for each form
    match tree:
        case Constant(value=bool(value)):
            return Fixed(value)
        case Conjunction():
            return All(tuple(map(_formula, tree.operands)))
        case Disjunction():
            return Some(tuple(map(_formula, tree.operands)))
        case Choice():
            condition = _formula(tree.condition)
            chosen = All((condition, _formula(tree.positive)))
            return Some((chosen, All((Not(condition), _formula(tree.negative)))))
        case Operation(overload=Overload.NOT):
            return Not(_formula(tree.operands[0]))
        case Operation():
            return _compared(tree) or _question(tree)
        case FieldOf(operand=Variable(name="proved" | "enrolled" as ledger)):
            return Gained(ledger, tree.field)
        case _:
            return _any(tree) if path(tree) == _ANY else _question(tree)


def holds(name: str) -> Question:
    """Ask whether a bool's path is true."""
    return Question(("is", name), frozenset({name}))


def contains(value: str, name: str) -> Question:
    """Ask whether a list's path has a text in it."""
    return Question(("in", value, name), frozenset({name}))


def _any(tree: TypedNode) -> Formula:
    del tree
    return Some(tuple(holds(f"user.has.{factor}") for factor in _FACTORS))


def _question(tree: TypedNode) -> Formula:
    name = path(tree)
    if isinstance(tree, FieldOf | Variable) and name is not None:
        return holds(name)
    if isinstance(tree, Operation) and tree.overload is Overload.IN_LIST:
        value, place = tree.operands[0], path(tree.operands[1])
        if isinstance(value, Constant) and isinstance(value.value, str) and place is not None:
            return contains(value.value, place)
    return Question(_key(tree), paths(tree))


def _compared(tree: Operation) -> Formula | None:
    """Read an equality or a bound between a path and a literal; None for anything else."""
    if len(tree.operands) != 2:  # noqa: PLR2004 - a comparison has two sides
        return None
    left, right = tree.operands
    if isinstance(left, Constant) and not isinstance(right, Constant):
        return _with_literal(_MIRRORED.get(tree.overload), right, left)
    return _with_literal(tree.overload, left, right) if isinstance(right, Constant) else None


_MIRRORED: Final[Mapping[Overload, Overload]] = {
    Overload.EQUALS: Overload.EQUALS,
    Overload.NOT_EQUALS: Overload.NOT_EQUALS,
    Overload.LESS: Overload.GREATER,
    Overload.GREATER: Overload.LESS,
    Overload.LESS_EQUALS: Overload.GREATER_EQUALS,
    Overload.GREATER_EQUALS: Overload.LESS_EQUALS,
}


def _with_literal(overload: Overload | None, tree: TypedNode, literal: TypedNode) -> Formula | None:
    name = path(tree)
    if (
        name is None
        or not isinstance(literal, Constant)
        or not isinstance(tree, FieldOf | Variable)
    ):
        return None
    value = literal.value
    if tree.type == INT and isinstance(value, int):
        return _bounded(overload, name, value)
    closed = tuple(tree.type.values) if isinstance(tree.type, EnumType) else ()
    if isinstance(value, bool):
        equal: Formula = _formula(tree) if value else Not(_formula(tree))
    else:
        equal = Equal(name, value, closed)
    match overload:
        case Overload.EQUALS:
            return equal
        case Overload.NOT_EQUALS:
            return Not(equal)
        case _:
            return None


def _bounded(  # noqa: PLR0911 - one for each comparison
    overload: Overload | None, name: str, value: int
) -> Formula | None:
    below, up_to = Below(name, value), Below(name, value + 1)
    match overload:
        case Overload.LESS:
            return below
        case Overload.LESS_EQUALS:
            return up_to
        case Overload.GREATER:
            return Not(up_to)
        case Overload.GREATER_EQUALS:
            return Not(below)
        case Overload.EQUALS:
            return All((Not(below), up_to))
        case Overload.NOT_EQUALS:
            return Some((below, Not(up_to)))
        case _:
            return None


def _key(tree: Any) -> Hashable:  # noqa: ANN401 - any part of a typed tree
    """Spell a tree without its places."""
    if isinstance(tree, tuple):
        return tuple(map(_key, tree))
    if isinstance(tree, Local):
        return ("local", tree.number)
    if hasattr(tree, "__dataclass_fields__") and hasattr(tree, "span"):
        kept = [each.name for each in fields(tree) if each.name not in ("span", "type")]
        return (type(tree).__name__, *(_key(getattr(tree, name)) for name in kept))
    return repr(tree)  # 0.0 and -0.0, 1 and True are equal as keys


def atoms(whole: Formula) -> Iterator[Atom]:
    """Give everything that a formula asks, as often as it does."""
    match whole:
        case Not():
            yield from atoms(whole.part)
        case All() | Some():
            for part in whole.parts:
                yield from atoms(part)
        case Fixed():
            return
        case _:
            yield whole


def reads(atom: Atom) -> frozenset[str]:
    """Give the paths that an answer depends on."""
    match atom:
        case Question():
            return atom.reads
        case Gained():
            return frozenset({f"{atom.ledger}.{atom.name}"})
        case _:
            return frozenset({atom.path})
