"""Decides a path that depends on comparisons of several facts.

A solver says whether the path has values, and which. Where it has none, what it says of the facts
at one place of a path is learnt, and such paths are not found again: at first of the facts that
the path reads, then of more and more that they go together with. What facts of two requests have
to do with each other is not learnt: a path that only that refutes is neither one nor refuted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from flowengine.analysis.proof.budget import Budget, EffortError
from flowengine.analysis.proof.facts import Fact, Path
from flowengine.analysis.proof.mixed import Atom, diagrams, givens, settled
from flowengine.analysis.proof.reaching import Reached, read_along
from flowengine.analysis.proof.system import System

if TYPE_CHECKING:
    from flowengine.analysis.proof.solving import Solver

_GAP = "no values were found for the path, and no reason that holds within one request: {}"
_LIMIT = "the solver came to its limit of {:,} steps, with {}"


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
        learnt: The facts of which is known what goes together.
    """

    system: System
    learnt: set[frozenset[Fact]] = field(default_factory=set)

    def decide(self, reached: Reached, budget: Budget) -> Settled | None:
        """Say whether a path has values; None once something was learnt instead.

        Raises:
            UndecidedError: Neither.
        """
        read = read_along(self.system, reached)
        atoms = self._within(read)
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
            values = solver.walked(reached.door, reached.edges, reached.bad)
            if values is not None:
                return Settled(self._settled(reached, atoms, values), values)
            self._learn(atoms, read, budget, Solver)
        except EffortError:
            raise UndecidedError(_LIMIT.format(budget.effort, _listed(atoms))) from None
        return None

    def _learn(
        self, atoms: Mapping[Fact, Atom], read: Collection[Fact], budget: Budget, make: type[Solver]
    ) -> None:
        """Learn what goes together, of the facts that were read, then of more."""
        more = ((atoms, read), (self._around(atoms, few=True), None), (self._around(atoms), None))
        for group in chain.from_iterable(self._groups(*each) for each in more):
            if group not in self.learnt:
                self.learnt.add(group)
                chosen = {fact: atom for fact, atom in self._every.items() if fact in group}
                self.system.learn(make(self.system.facts, chosen, budget).lemma(group))
                return
        raise UndecidedError(_GAP.format(_listed(atoms)))

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

    def _around(self, atoms: Mapping[Fact, Atom], *, few: bool = False) -> dict[Fact, Atom]:
        """Give the comparisons that have to do with some, directly or by others.

        Args:
            few: Only those that depend on nothing else.
        """
        found, size = dict(atoms), 0
        while len(found) > size:
            size = len(found)
            known = set(found).union(*map(self._beside, found.values()))
            for fact, atom in self._every.items():
                beside = self._beside(atom)
                if beside <= known if few else known & {fact, *beside}:
                    found |= self._within((fact,))
        return found

    def _groups(
        self, atoms: Mapping[Fact, Atom], read: Collection[Fact] | None
    ) -> Iterator[frozenset[Fact]]:
        """Divide comparisons, with what they depend on, into parts that share nothing."""
        groups: list[set[Fact]] = []
        for fact, atom in atoms.items():
            group = {fact, *self._beside(atom)}
            for other in [each for each in groups if each & group]:
                groups.remove(other)
                group |= other
            groups.append(group)
        for group in groups:
            yield frozenset(fact for fact in group if read is None or fact in read or fact in atoms)

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
