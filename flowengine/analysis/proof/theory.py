"""Decides a path that depends on comparisons of several facts.

A solver says whether the path has values, and which. Where it has none, what it says of the facts
at one place of a path is learnt, and such paths are not found again: at first of the few facts
that rule it out, then also of what they compare, and of how that which outlasts a request compares.
What else facts of two requests have to do with each other is not learnt: a path that only that
refutes is neither one nor refuted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flowengine.analysis.proof.bdd import FALSE
from flowengine.analysis.proof.budget import Budget, EffortError
from flowengine.analysis.proof.facts import Fact, Path
from flowengine.analysis.proof.mixed import Atom, diagrams, givens, settled
from flowengine.analysis.proof.reaching import Reached, diagrams_along, read_along
from flowengine.analysis.proof.system import System

if TYPE_CHECKING:
    from flowengine.analysis.proof.solving import Solver

_FEW = 5
"""Values of a fact that are all told apart, whatever a path reads of them."""
_GAP = "no values were found for the path, and no reason that holds within one request: {}"
_LIMIT = "the solver came to its limit, {:,} steps or ten seconds for one answer, with {}"


class UndecidedError(Exception):
    """Nobody can tell whether a path is one; says why."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A path that has values, as far as anybody can see.

    Attributes:
        reached: The path, on which no other values of the facts are left.
        values: Of each of its places, what stands at the paths that comparisons read.
        unseen: Comparisons that a solver could see into, but there is none.
    """

    reached: Reached
    values: tuple[Mapping[Path, Any], ...] = ()
    unseen: frozenset[Fact] = frozenset()


@dataclass(slots=True)
class Theory:
    """What is known of the comparisons of one flow.

    Attributes:
        learnt: The facts of which is known which classes of their values go together.
    """

    system: System
    learnt: set[frozenset[tuple[Fact, tuple[int, ...]]]] = field(default_factory=set)

    def decide(self, reached: Reached, budget: Budget) -> Settled | None:
        """Say whether a path has values; None once something was learnt instead.

        Raises:
            UndecidedError: Neither.
        """
        atoms = self._within(read_along(self.system, reached))
        if reached.door is None or not atoms:
            return Settled(reached)
        try:
            from flowengine.analysis.proof.solving import (  # noqa: PLC0415 - slow, and an extra
                Solver,
            )
        except ModuleNotFoundError as error:
            if error.name != "z3":
                raise
            return Settled(reached, unseen=frozenset(atoms))
        try:
            solver = Solver(self.system.facts, atoms, budget)
            found = solver.walked(reached.door, reached.edges, reached.bad)
            if isinstance(found, tuple):
                return Settled(self._settled(reached, atoms, found), found)
            self._learn(found.facts, reached, budget, Solver)
        except EffortError:
            raise UndecidedError(_LIMIT.format(budget.effort, _listed(atoms))) from None
        return None

    def _learn(
        self, clash: frozenset[Fact], reached: Reached, budget: Budget, make: type[Solver]
    ) -> None:
        """Learn what goes together, of the facts that rule a path out, then of a few more."""
        for facts in (clash, self._around(clash)):
            classes = {f: self._classes(f, reached) for f in self.system.facts.all if f in facts}
            key = frozenset(classes.items())
            if key not in self.learnt:
                self.learnt.add(key)
                chosen = {fact: atom for fact, atom in self._every.items() if fact in facts}
                self.system.learn(make(self.system.facts, chosen, budget).lemma(classes))
                return
        raise UndecidedError(_GAP.format(_listed(each for each in self._every if each in clash)))

    def _classes(self, fact: Fact, reached: Reached) -> tuple[int, ...]:
        """Give the classes of a fact's values, each a diagram, that a path tells apart.

        Of a fact with few values each is a class.
        """
        bdd, found = self.system.bdd, dict[tuple[int, ...], int]()
        read = [d for d in diagrams_along(reached) if bdd.support(d) & set(fact.variables)]
        for number, value in enumerate(fact.values):
            case = self.system.facts.case(fact, value)
            seen = [bdd.exists(bdd.both(each, case), fact.variables) for each in read]
            key = (number,) if len(fact.values) <= _FEW else tuple(seen)
            found[key] = bdd.either(found.get(key, FALSE), case)
        return tuple(found.values())

    # ---- which facts

    @property
    def _every(self) -> Mapping[Fact, Atom]:
        return self.system.abstraction.atoms

    def _within(self, facts: Iterable[Fact]) -> dict[Fact, Atom]:
        """Give the comparisons among facts, and those that they choose by."""
        found: dict[Fact, Atom] = {}
        waiting = [fact for fact in self._every if fact in set(facts)]
        while waiting:
            fact = waiting.pop()
            if fact in self._every and fact not in found:
                found[fact] = self._every[fact]
                waiting += self._beside(found[fact])
        return {fact: atom for fact, atom in self._every.items() if fact in found}

    def _beside(self, atom: Atom) -> set[Fact]:
        """Give the facts that a comparison depends on."""
        facts, bdd = self.system.facts, self.system.bdd
        read = set().union(*map(bdd.support, diagrams(atom)))
        return {
            *(facts.value_of(each.path) for each in givens(atom)),
            *(fact for fact in facts.all if read & set(fact.variables)),
        }

    def _around(self, facts: frozenset[Fact]) -> frozenset[Fact]:
        """Give facts, what they compare, and the comparisons of that which outlast a request."""
        known = facts.union(*map(self._beside, self._within(facts).values()))
        kept = self.system.abstraction.kept
        return known.union(each for each in kept if self._beside(self._every[each]) <= known)

    # ---- values

    def _settled(
        self, reached: Reached, atoms: Mapping[Fact, Atom], values: tuple[Mapping[Path, Any], ...]
    ) -> Reached:
        """Leave of a path only what has these values."""
        both = self.system.bdd.both
        if reached.door is None:
            return reached
        first, *others = [self._having(atoms, each) for each in values]
        door = replace(reached.door, given=both(reached.door.given, first))
        edges = tuple(
            replace(edge, after=both(edge.after, having))
            for edge, having in zip(reached.edges, others, strict=True)
        )
        return replace(reached, door=door, edges=edges)

    def _having(self, atoms: Mapping[Fact, Atom], values: Mapping[Path, Any]) -> int:
        facts, bdd = self.system.facts, self.system.bdd
        having = bdd.all_of(facts.like(path, value) for path, value in values.items())
        for fact, atom in atoms.items():
            rails = settled(bdd, atom, values)
            for value, rail in ((True, rails.true), (False, rails.false)):
                having = bdd.both(having, bdd.same(facts.case(fact, value), rail))
        return having


def _listed(facts: Iterable[Fact]) -> str:
    return ", ".join(f"`{fact.text}`" for fact in facts)
