"""Whether values can be found for comparisons of several facts: by z3, of the extra ``prove``.

Whoever imports this has z3. Everything is exact: integers without bounds, and an error beyond
those of their type; strings as numbers, of which those of the literals are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    diagrams,
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


Values = tuple[Mapping[Path, Any], ...]
"""Of each place of a path what stands at each path of a record."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Why a path has no values.

    Attributes:
        facts: Few facts whose meanings rule it out, together with what it says of them.
    """

    facts: frozenset[Fact]


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
        self._meant = (*self._values.values(), *atoms)

    # ---- questions

    def walked(self, door: Door, edges: Iterable[Edge], bad: int) -> Values | Clash:
        """Find values for each place of a path, or what rules them out.

        Raises:
            EffortError: It takes too much to tell.
        """
        solver, at = self._solver(), _At()
        places = [at]
        solver.add(self._diagram(door.given, at), *self._given(at))
        for edge in edges:
            solver.add(self._diagram(edge.before, at))
            at = self._gained(solver, edge, at.later(edge.changed, self._changed(edge)))
            solver.add(self._diagram(edge.after, at), *self._given(at))
            places.append(at)
        solver.add(self._diagram(bad, at))
        flags = {fact: z3.Bool(f"means {n}", self._context) for n, fact in enumerate(self._meant)}
        for fact, at in self._anew(places):
            solver.add(*(z3.Implies(flags[fact], said) for said in self._meaning(fact, at)))
        if not self._can_be(solver, *flags.values()):
            return self._clash(solver, flags)
        solver.add(*flags.values())
        return self._nice(solver, places)

    def _clash(self, solver: Any, flags: Mapping[Fact, Any]) -> Clash:  # noqa: ANN401 - untyped
        """Leave out of what z3 names as a reason whatever it does without."""
        named = {str(each) for each in solver.unsat_core()}
        facts = [fact for fact, flag in flags.items() if str(flag) in named]
        for fact in tuple(facts):
            fewer = [each for each in facts if each is not fact]
            if not self._can_be(solver, *(flags[each] for each in fewer)):
                facts = fewer
        return Clash(frozenset(facts))

    def _anew(self, places: Iterable[_At]) -> Iterator[tuple[Fact, _At]]:
        """Give each fact at those places at which its meaning is not that of a place before."""
        seen = set()
        for fact in self._meant:
            atom = self.atoms.get(fact)
            paths = [each.path for each in givens(atom)] if atom else [fact.path]
            variables = set(fact.variables)
            if atom is not None:
                variables.update(*map(self._bdd.support, diagrams(atom)))
            for at in places:
                bits = tuple(at.bits.get(each, 0) for each in sorted(variables))
                key = (fact, bits, tuple(at.values.get(each, 0) for each in paths))
                if key not in seen:
                    seen.add(key)
                    yield fact, at

    def lemma(self, classes: Mapping[Fact, tuple[int, ...]]) -> int:
        """Give which classes of values go together, as a diagram.

        Args:
            classes: Of each fact diagrams, just one of which is true.

        Raises:
            EffortError: It takes too much to tell.
        """
        solver, at = self._solver(), _At()
        solver.add(*self._given(at))
        for fact in self._meant:
            solver.add(*self._meaning(fact, at))
        return self._together(solver, list(classes.values()), at) if self._can_be(solver) else FALSE

    def _together(
        self,
        solver: Any,  # noqa: ANN401 - untyped
        classes: list[tuple[int, ...]],
        at: _At,
        model: Any = None,  # noqa: ANN401 - untyped
    ) -> int:
        """Give which classes go together with what was said.

        Args:
            model: Values that do; else those that were asked for last.
        """
        if not classes:
            return TRUE
        first, rest, result = classes[0], classes[1:], FALSE
        known = solver.model() if model is None else model
        for here in first:
            bits = {v: bool(known.eval(self._bit(v, at), True)) for v in self._bdd.support(here)}  # noqa: FBT003 - z3's
            is_known = self._bdd.value(here, bits)
            solver.push()
            solver.add(self._diagram(here, at))
            if is_known or self._can_be(solver):
                within = self._together(solver, rest, at, known if is_known else None)
                result = self._bdd.either(result, self._bdd.both(here, within))
            solver.pop()
        return result

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

    def _can_be(self, solver: Any, *assumed: Any) -> bool:  # noqa: ANN401 - untyped
        before = _steps(solver)
        solver.set("rlimit", self._budget.left)
        answer = solver.check(*assumed)
        self._budget.spend(_EACH + _steps(solver) - before)
        if answer == z3.unknown:
            raise EffortError
        return bool(answer == z3.sat)

    def _nice(self, solver: Any, places: list[_At]) -> Values:  # noqa: ANN401 - untyped
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

    def _given(self, at: _At) -> Iterator[Any]:
        """Say what values there are at all."""
        for path, type_ in self._types.items():
            if type_ in RANGES:
                value, (least, greatest) = self._value(path, at), RANGES[type_]
                yield z3.And(value >= least, value <= greatest)

    def _meaning(self, fact: Fact, at: _At) -> Iterator[Any]:
        """Say what the bits of a fact say of values at a place."""
        if fact in self.atoms:
            true, false = self._rails(self.atoms[fact], at)
            for value, rail in ((True, true), (False, false)):
                yield self._diagram(self._facts.case(fact, value), at) == rail
        else:
            for value in fact.values:
                case = self._diagram(self._facts.case(fact, value), at)
                yield case == self._alike(fact, value, at)

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
