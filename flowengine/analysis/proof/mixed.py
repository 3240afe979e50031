"""Comparisons of several facts, and of what is reckoned from them.

What diagrams cannot see into, a solver can, where it is made of integers, times and strings: they
are read here, without it, into as little as it takes. Anything else stays opaque.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final, Protocol

from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.facts import FRESH, Facts, Path, dotted
from flowengine.analysis.proof.operands import Known, OpaqueError, Place, Rails
from flowengine.analysis.proof.regions import STRANGER
from flowengine.expr import DURATION, INT, STRING, TIMESTAMP, UINT, EnumType, Type, typed
from flowengine.expr.conform import RANGES
from flowengine.expr.typed import Overload, TypedNode


@dataclass(frozen=True, slots=True)
class Literal:
    """A settled value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Given:
    """The value at a path.

    Attributes:
        readable: Where reading it is no error.
    """

    path: Path
    type: Type
    readable: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Arithmetic; a result beyond the bounds, which are included, is an error."""

    by: Overload
    operands: tuple[Term, ...]
    least: int
    greatest: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of two terms; an error where the condition is neither true nor false."""

    by: Rails
    positive: Term
    negative: Term


Term = Literal | Given | Reckoned | Chosen


@dataclass(frozen=True, slots=True)
class Atom:
    """A comparison of terms.

    Attributes:
        by: Of ``IN_LIST`` the first operand is compared with each of the others.
    """

    by: Overload
    operands: tuple[Term, ...]


class Reader(Protocol):
    """Reads what is no comparison: an ``Abstraction``."""

    facts: Facts

    def rails(self, node: TypedNode) -> Rails:
        """Give where a condition is true, and where it is false."""

    def operand(self, node: TypedNode) -> Known | Place:
        """Give what a value stands for, or raise ``OpaqueError``."""


COMPARED: Final[Mapping[Overload, Callable[[Any, Any], Any]]] = {
    Overload.EQUALS: operator.eq,
    Overload.NOT_EQUALS: operator.ne,
    Overload.LESS: operator.lt,
    Overload.LESS_EQUALS: operator.le,
    Overload.GREATER: operator.gt,
    Overload.GREATER_EQUALS: operator.ge,
}
"""What each test asks of two values."""
RECKONED: Final[Mapping[Overload, Callable[..., Any]]] = {
    Overload.NEGATE_INT: operator.neg,
    Overload.ADD_INT: operator.add,
    Overload.ADD_UINT: operator.add,
    Overload.ADD_TIMESTAMP: operator.add,
    Overload.ADD_DURATION: operator.add,
    Overload.SUBTRACT_INT: operator.sub,
    Overload.SUBTRACT_UINT: operator.sub,
    Overload.SUBTRACT_TIMESTAMPS: operator.sub,
    Overload.SUBTRACT_FROM_TIMESTAMP: operator.sub,
    Overload.SUBTRACT_DURATION: operator.sub,
    Overload.MULTIPLY_INT: operator.mul,
    Overload.MULTIPLY_UINT: operator.mul,
}
"""What is made of the operands, before it is held against its bounds."""
_TESTS: Final = {"<": Overload.LESS, "==": Overload.EQUALS}
_MOST: Final = 6
"""How many facts are compared with each other unasked."""
_THREE: Final = 3  # facts that it takes for one to say something of two others
_EQUALITIES: Final = (Overload.EQUALS, Overload.NOT_EQUALS)
_PRODUCTS: Final = (Overload.MULTIPLY_INT, Overload.MULTIPLY_UINT)


def sort_of(type_: Type) -> Type:
    """Give what values of a type are compared as: a number of its kind, or a text.

    Raises:
        OpaqueError: They are neither.
    """
    if type_ in (INT, UINT, TIMESTAMP, DURATION):
        return type_
    if type_ == STRING or isinstance(type_, EnumType):
        return STRING
    raise OpaqueError


def read_atom(reader: Reader, node: TypedNode) -> Atom | None:
    """Read a comparison; None for what stays opaque."""
    if not isinstance(node, typed.Operation):
        return None
    try:
        return _Reading(reader).atom(node)
    except OpaqueError:
        return None


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: Reader

    def atom(self, node: typed.Operation) -> Atom:
        operands = node.operands
        if node.overload is Overload.IN_LIST and isinstance(operands[1], typed.ListOf):
            operands = (operands[0], *operands[1].elements)
        elif node.overload not in COMPARED:
            raise OpaqueError
        (sort, *others) = {sort_of(each.type) for each in operands}
        is_ordered = node.overload not in (*_EQUALITIES, Overload.IN_LIST)
        if others or (sort == STRING and is_ordered):
            raise OpaqueError
        atom = Atom(node.overload, tuple(map(self.term, operands)))
        literals = [each.value for each in atom.operands if isinstance(each, Literal)]
        for each in givens(atom):
            self.reader.facts.compare(each.path, each.type, literals, lambda _: False)
        return atom

    def term(self, node: TypedNode) -> Term:
        match node:
            case typed.Choice():
                condition, positive, negative = typed.children(node)
                rails = self.reader.rails(condition)
                return Chosen(rails, self.term(positive), self.term(negative))
            case typed.Operation():
                return self._reckoned(node)
            case _:
                return self._value(node)

    def _reckoned(self, node: typed.Operation) -> Term:
        if node.overload not in RECKONED:
            raise OpaqueError
        operands = tuple(map(self.term, node.operands))
        is_linear = any(isinstance(each, Literal) for each in operands)
        if node.overload in _PRODUCTS and not is_linear:
            raise OpaqueError
        return Reckoned(node.overload, operands, *RANGES[node.type])

    def _value(self, node: TypedNode) -> Term:
        found, sort = self.reader.operand(node), sort_of(node.type)
        if isinstance(found, Place):
            return Given(found.path, node.type, found.readable)
        if found.value is STRANGER or not isinstance(found.value, str if sort == STRING else int):
            raise OpaqueError
        return Literal(found.value)


def between(atoms: Iterable[Atom]) -> Iterator[tuple[str, Atom]]:
    """Give comparisons of all that is compared and outlasts a request, each with its text.

    What two requests say of such facts, by way of others, is remembered as these.
    """
    given = {each.path: each for atom in atoms for each in givens(atom)}
    kept = [each for path, each in given.items() if path[0] not in FRESH]
    if len(kept) > _MOST or len(kept) == len(given) < _THREE:
        return
    for one, other in combinations(kept, 2):
        if sort_of(one.type) != sort_of(other.type):
            continue
        tests = ("==",) if sort_of(one.type) == STRING else ("<", "==")
        for test in tests:
            text = f"{dotted(one.path)} {test} {dotted(other.path)}"
            yield text, Atom(_TESTS[test], (one, other))


def givens(part: Atom | Term) -> Iterator[Given]:
    """Give the values at paths that a comparison reads."""
    match part:
        case Given():
            yield part
        case Chosen():
            yield from givens(part.positive)
            yield from givens(part.negative)
        case Atom() | Reckoned():
            for each in part.operands:
                yield from givens(each)
        case Literal():
            return


def diagrams(part: Atom | Term) -> Iterator[int]:
    """Give where the values that a comparison reads are readable, and what it chooses by."""
    match part:
        case Given():
            yield part.readable
        case Chosen():
            yield from part.by
            yield from diagrams(part.positive)
            yield from diagrams(part.negative)
        case Atom() | Reckoned():
            for each in part.operands:
                yield from diagrams(each)
        case Literal():
            return


def settled(bdd: Bdd, atom: Atom, values: Mapping[Path, Any]) -> Rails:
    """Give where a comparison is true, and where it is false, once the values are settled."""
    true = false = FALSE
    for operands, where in _together(bdd, atom.operands, values):
        if tested(atom.by, operands):
            true = bdd.either(true, where)
        else:
            false = bdd.either(false, where)
    return Rails(true, false)


def tested(by: Overload, operands: tuple[Any, ...]) -> bool:
    """Say whether values pass a test."""
    if by is Overload.IN_LIST:
        return operands[0] in operands[1:]
    return bool(COMPARED[by](*operands))


def _together(
    bdd: Bdd, terms: Iterable[Term], values: Mapping[Path, Any]
) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Give all values that terms can have, each with where they do."""
    for each in product(*(tuple(_alternatives(bdd, term, values)) for term in terms)):
        where = bdd.all_of(there for _, there in each)
        if where != FALSE:
            yield tuple(value for value, _ in each), where


def _alternatives(bdd: Bdd, term: Term, values: Mapping[Path, Any]) -> Iterator[tuple[Any, int]]:
    match term:
        case Literal():
            yield term.value, TRUE
        case Given():
            yield values[term.path], term.readable
        case Chosen():
            for part, chosen in ((term.positive, term.by.true), (term.negative, term.by.false)):
                for value, where in _alternatives(bdd, part, values):
                    yield value, bdd.both(where, chosen)
        case Reckoned():
            for operands, where in _together(bdd, term.operands, values):
                result = RECKONED[term.by](*operands)
                if term.least <= result <= term.greatest:
                    yield result, where
