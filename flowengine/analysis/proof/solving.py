"""Whether values can be found for comparisons of several facts: by z3, of the extra ``prove``.

Whoever imports this has z3. Everything is exact: integers without bounds, and an error beyond
those of their type; strings as numbers, of which those of the literals are known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, NamedTuple

import z3

from flowengine.analysis.proof.arrows import Door, Edge
from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.budget import Budget, EffortError
from flowengine.analysis.proof.facts import Fact, Facts, Path
from flowengine.analysis.proof.mixed import (
    COMPARED,
    RECKONED,
    Atom,
    Chosen,
    Given,
    Literal,
    Reckoned,
    Term,
    givens,
    sort_of,
)
from flowengine.analysis.proof.niceness import nice
from flowengine.analysis.proof.operands import Rails
from flowengine.analysis.proof.regions import around
from flowengine.expr import STRING, EnumType, Type
from flowengine.expr.conform import RANGES
from flowengine.expr.typed import Overload

_EACH: Final = 500  # what asking costs, in steps
_MOST_MS: Final = 10_000
"""What one answer may take, however few its steps: z3's are not all of one length."""
_SEED: Final = 0
_COUNTED: Final = ("session", "age")


@dataclass(frozen=True, slots=True)
class _At:
    """A place of a path: how often each variable and each value has changed before it."""

    bits: Mapping[int, int] = field(default_factory=dict)
    values: Mapping[Path, int] = field(default_factory=dict)

    def later(self, bits: Iterable[int], values: Iterable[Path] = ()) -> _At:
        """Give the place at which these have other values."""
        return _At(
            {**self.bits, **{each: self.bits.get(each, 0) + 1 for each in bits}},
            {**self.values, **{each: self.values.get(each, 0) + 1 for each in values}},
        )


class _Value(NamedTuple):
    """What a term is, and where it is that."""

    value: Any
    there: Any


class Solver:
    """Answers questions about some comparisons.

    Attributes:
        atoms: The comparisons.
    """

    def __init__(self, facts: Facts, atoms: Mapping[Fact, Atom], budget: Budget) -> None:
        """Begin with what is left of a budget."""
        self.atoms = atoms
        self._facts = facts
        self._bdd: Bdd = facts.bdd
        self._budget = budget
        self._context = z3.Context()
        self._texts: dict[str, int] = {}
        given = [each for atom in atoms.values() for each in givens(atom)]
        self._types = {each.path: each.type for each in given}
        self._values = {each.path: facts.value_of(each.path) for each in given}

    # ---- questions

    def walked(
        self, door: Door, edges: Iterable[Edge], bad: int
    ) -> tuple[Mapping[Path, Any], ...] | None:
        """Find values for each place of a path; None where there are none.

        Raises:
            EffortError: It takes too much to tell.
        """
        solver, at = self._solver(), _At()
        places = [at]
        solver.add(self._diagram(door.given, at), *self._links(at))
        for edge in edges:
            solver.add(self._diagram(edge.before, at))
            at = self._gained(solver, edge, at.later(edge.changed, self._changed(edge)))
            solver.add(self._diagram(edge.after, at), *self._links(at))
            places.append(at)
        solver.add(self._diagram(bad, at))
        return self._nice(solver, places) if self._can_be(solver) else None

    def lemma(self, facts: Collection[Fact]) -> int:
        """Give which values of facts go together, as a diagram.

        Raises:
            EffortError: It takes too much to tell.
        """
        solver, at = self._solver(), _At()
        solver.add(*self._links(at))
        told_apart = [fact for fact in self._facts.all if fact in facts and fact.variables]
        return self._together(solver, told_apart, at) if self._can_be(solver) else FALSE

    def _together(self, solver: Any, facts: list[Fact], at: _At, model: Any = None) -> int:  # noqa: ANN401 - untyped
        """Give which values go together with what was said.

        Args:
            model: Values that do; else those that were asked for last.
        """
        if not facts:
            return TRUE
        first, rest, result = facts[0], facts[1:], FALSE
        known = solver.model() if model is None else model
        for value in first.values:
            here = self._facts.case(first, value)
            is_known = value is self._decoded(first, known, at)
            solver.push()
            solver.add(self._diagram(here, at))
            if is_known or self._can_be(solver):
                within = self._together(solver, rest, at, known if is_known else None)
                result = self._bdd.either(result, self._bdd.both(here, within))
            solver.pop()
        return result

    def _decoded(self, fact: Fact, model: Any, at: _At) -> Any:  # noqa: ANN401 - untyped
        bits = {v: bool(model.eval(self._bit(v, at), True)) for v in fact.variables}  # noqa: FBT003 - z3's
        return self._facts.decode(fact, bits)

    def _changed(self, edge: Edge) -> Iterator[Path]:
        for path, fact in self._values.items():
            if (edge.request and fact.fresh) or any(map(fact.changed_by, edge.writes)):
                yield path

    def _gained(self, solver: Any, edge: Edge, at: _At) -> _At:  # noqa: ANN401 - untyped
        for gain in edge.gains:
            before, where = self._bit(gain.variable, at), self._diagram(gain.where, at)
            at = at.later((gain.variable,))
            after = self._bit(gain.variable, at)
            solver.add(z3.Implies(before, after), z3.Implies(after, z3.Or(before, where)))
        return at

    # ---- asking

    def _solver(self) -> Any:  # noqa: ANN401 - untyped
        solver = z3.SolverFor("QF_LIA", ctx=self._context)
        solver.set("random_seed", _SEED)
        solver.set("timeout", _MOST_MS)
        return solver

    def _can_be(self, solver: Any) -> bool:  # noqa: ANN401 - untyped
        before = _steps(solver)
        solver.set("rlimit", self._budget.left)
        answer = solver.check()
        self._budget.spend(_EACH + _steps(solver) - before)
        if answer == z3.unknown:
            raise EffortError
        return bool(answer == z3.sat)

    def _nice(self, solver: Any, places: list[_At]) -> tuple[Mapping[Path, Any], ...]:  # noqa: ANN401 - untyped
        """Settle one value after the other, each as simple as those before it let it be.

        What the engine counts is settled first: it may not be just as one likes.
        """
        found: dict[tuple[Path, int], Any] = {}
        every = product(places, self._values.items())
        for at, (path, fact) in sorted(every, key=lambda each: each[1][0][0] not in _COUNTED):
            number = at.values.get(path, 0)
            if (path, number) not in found:
                former = [found[path, each] for each in reversed(range(number))]
                others = [v for (p, _), v in found.items() if self._sort(p) == self._sort(path)]
                others += self._texts if self._sort(path) == STRING else ()
                found[path, number] = self._settled(solver, fact, at, former, others)
        return tuple(
            {path: found[path, at.values.get(path, 0)] for path in self._values} for at in places
        )

    def _sort(self, path: Path) -> Type:
        return sort_of(self._types[path])

    def _settled(
        self,
        solver: Any,  # noqa: ANN401 - untyped
        fact: Fact,
        at: _At,
        former: list[Any],
        others: list[Any],
    ) -> Any:  # noqa: ANN401 - of the fact's type
        variable = self._value(fact.path, at)

        def fits(value: Any) -> bool:  # noqa: ANN401 - of the fact's type
            solver.push()
            solver.add(variable == self._literal(value))
            can = self._can_be(solver)
            if not can:
                solver.pop()
            return can

        def within(size: int) -> bool:
            solver.push()
            solver.add(variable <= size, variable >= -size)
            can = self._can_be(solver)
            solver.pop()
            return can

        return nice(fact, former, others, fits, within)

    # ---- meanings

    def _links(self, at: _At) -> Iterator[Any]:
        """Say at a place what its bits say of its values."""
        for path, fact in self._values.items():
            yield self._of_type(path, self._types[path], at)
            for value in fact.values:
                case = self._diagram(self._facts.case(fact, value), at)
                yield case == self._alike(fact, value, at)
        for fact, atom in self.atoms.items():
            true, false = self._rails(atom, at)
            for value, rail in ((True, true), (False, false)):
                yield self._diagram(self._facts.case(fact, value), at) == rail

    def _of_type(self, path: Path, type_: Type, at: _At) -> Any:  # noqa: ANN401 - untyped
        value = self._value(path, at)
        if type_ in RANGES:
            least, greatest = RANGES[type_]
            return z3.And(value >= least, value <= greatest)
        return self._true(is_so=True)

    def _alike(self, fact: Fact, value: Any, at: _At) -> Any:  # noqa: ANN401 - untyped
        """Say that conditions cannot tell what is there from this value."""
        here = self._value(fact.path, at)
        if sort_of(fact.type) == STRING:
            known = fact.type.values if isinstance(fact.type, EnumType) else fact.literals
            if value in known:
                return here == self._literal(value)
            return self._not(self._or(here == self._literal(each) for each in sorted(known)))
        low, high = around(fact.literals, value)
        if value in fact.literals:
            return here == value
        return z3.And(
            self._true(is_so=True) if low is None else here > low,
            self._true(is_so=True) if high is None else here < high,
        )

    def _rails(self, atom: Atom, at: _At) -> Rails:
        operands = [self._term(each, at) for each in atom.operands]
        there = z3.And(*(each.there for each in operands))
        first, *others = [each.value for each in operands]
        if atom.by is Overload.IN_LIST:
            passes = self._or(first == each for each in others)
        else:
            passes = COMPARED[atom.by](first, *others)
        return Rails(z3.And(there, passes), z3.And(there, self._not(passes)))

    def _term(self, term: Term, at: _At) -> _Value:
        match term:
            case Literal():
                return _Value(self._literal(term.value), self._true(is_so=True))
            case Given():
                return _Value(self._value(term.path, at), self._diagram(term.readable, at))
            case Chosen():
                positive, negative = self._term(term.positive, at), self._term(term.negative, at)
                true, false = (self._diagram(rail, at) for rail in term.by)
                there = z3.Or(z3.And(true, positive.there), z3.And(false, negative.there))
                return _Value(z3.If(true, positive.value, negative.value), there)
            case Reckoned():
                operands = [self._term(each, at) for each in term.operands]
                result = RECKONED[term.by](*(each.value for each in operands))
                fits = z3.And(result >= term.least, result <= term.greatest)
                return _Value(result, z3.And(fits, *(each.there for each in operands)))

    # ---- z3's own

    def _diagram(self, one: int, at: _At) -> Any:  # noqa: ANN401 - untyped
        leaves = (self._true(is_so=False), self._true(is_so=True))
        return self._bdd.folded(
            one, leaves, lambda number, low, high: z3.If(self._bit(number, at), high, low)
        )

    def _bit(self, variable: int, at: _At) -> Any:  # noqa: ANN401 - untyped
        return z3.Bool(f"{variable}@{at.bits.get(variable, 0)}", self._context)

    def _value(self, path: Path, at: _At) -> Any:  # noqa: ANN401 - untyped
        return z3.Int(f"{path}@{at.values.get(path, 0)}", self._context)

    def _literal(self, value: Any) -> Any:  # noqa: ANN401 - untyped
        number = (
            self._texts.setdefault(value, len(self._texts)) if isinstance(value, str) else value
        )
        return z3.IntVal(number, self._context)

    def _true(self, *, is_so: bool) -> Any:  # noqa: ANN401 - untyped
        return z3.BoolVal(is_so, self._context)

    def _not(self, one: Any) -> Any:  # noqa: ANN401 - untyped
        return z3.Not(one, self._context)

    def _or(self, many: Iterable[Any]) -> Any:  # noqa: ANN401 - untyped
        return z3.Or(self._true(is_so=False), *many)


def _steps(solver: Any) -> int:  # noqa: ANN401 - untyped
    counted = {name: value for name, value in solver.statistics()}  # noqa: C416 - not a mapping
    return int(counted.get("rlimit count", 0))
