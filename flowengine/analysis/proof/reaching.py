"""Which states sign-ins can come to, as far as it takes to decide one question.

Lazy abstraction (Henzinger, Jhala, Majumdar, Sutre, POPL 2002): only some facts are tracked, the
others may be anything. What cannot be come to then can never be. A path that exists only in the
abstraction is refuted by facts that are tracked from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flowengine.analysis.proof.arrows import Door, Edge, Gain
from flowengine.analysis.proof.bdd import FALSE, Bdd
from flowengine.analysis.proof.facts import Fact
from flowengine.analysis.proof.system import System


@dataclass(frozen=True, slots=True)
class Reached:
    """What a question came to.

    Attributes:
        tracked: The facts that the answer rests on.
        door: Where the path begins; None where there is none.
        edges: The shortest path to what is bad.
        bad: What is bad where it ends.
        states: How many pairs of a node and a set of valuations were looked at.
    """

    tracked: tuple[Fact, ...]
    states: int
    door: Door | None = None
    edges: tuple[Edge, ...] = ()
    bad: int = FALSE


def explore(system: System, bad: Mapping[str, int], also: Iterable[Fact] = ()) -> Reached:
    """Say whether a sign-in can come to a bad state, and by which shortest path.

    Args:
        bad: Where each node is bad when it is come to, before its ``needs`` are held against.
        also: Facts that are tracked from the start.

    Raises:
        OverBudgetError: It would take more than the diagrams may have.
    """
    variables = {v: fact for fact in system.facts.all for v in fact.variables}
    tracked = {variables[v] for each in bad.values() for v in system.bdd.support(each)} | set(also)
    while True:
        view = _View(system, tracked)
        reached = view.fixpoint()
        states = len(reached)
        if not any(system.bdd.both(reached.get(n, FALSE), view.over(b)) for n, b in bad.items()):
            return Reached(_ordered(system, tracked), states)
        door, path, node = view.shortest(bad)
        if concrete(system, door, path, bad[node]):
            return Reached(_ordered(system, tracked), states, door, path, bad[node])
        tracked |= _refuting(system, tracked, door, path, bad[node])


def concrete(system: System, door: Door, path: Iterable[Edge], bad: int) -> bool:
    """Say whether a path exists with all facts."""
    return _View(system, set(system.facts.all)).along(door, tuple(path), bad)


def _ordered(system: System, tracked: set[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in system.facts.all if fact in tracked)


def _refuting(
    system: System, tracked: set[Fact], door: Door, path: tuple[Edge, ...], bad: int
) -> set[Fact]:
    """Find few facts that refute a path; without any of those found it would stand."""
    read = _read(system, _diagrams(door, path, bad))
    needed = [fact for fact in system.facts.all if fact in read - tracked]
    size = max(len(needed) // 2, 1)
    while size:
        start = 0
        while start < len(needed):
            fewer = needed[:start] + needed[start + size :]
            if _View(system, tracked | set(fewer)).along(door, path, bad):
                start += size
            else:
                needed = fewer
        size //= 2
    return set(needed)


def read_along(system: System, reached: Reached) -> frozenset[Fact]:
    """Give the facts that a path depends on."""
    return _read(system, diagrams_along(reached))


def diagrams_along(reached: Reached) -> tuple[int, ...]:
    """Give what a path says of the facts, from place to place."""
    if reached.door is None:
        return ()
    return tuple(dict.fromkeys(_diagrams(reached.door, reached.edges, reached.bad)))


def _read(system: System, diagrams: Iterable[int]) -> frozenset[Fact]:
    variables = {v: fact for fact in system.facts.all for v in fact.variables}
    return frozenset(variables[v] for d in diagrams for v in system.bdd.support(d))


def _diagrams(door: Door, path: tuple[Edge, ...], bad: int) -> Iterable[int]:
    yield door.given
    yield bad
    for edge in path:
        yield edge.before
        yield edge.after
        yield from (gain.where for gain in edge.gains)


@dataclass(slots=True)
class _View:
    """A system of which only some facts are seen."""

    system: System
    tracked: set[Fact]
    _hidden: frozenset[int] = frozenset()
    _seen: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen = {v for fact in self.tracked for v in fact.variables}
        every = {v for fact in self.system.facts.all for v in fact.variables}
        self._hidden = frozenset(every - seen)

    @property
    def bdd(self) -> Bdd:
        return self.system.bdd

    def over(self, diagram: int) -> int:
        """Give a diagram over the tracked facts only: true where the others can make it so."""
        found = self._seen.get(diagram)
        if found is None:
            hidden = self._hidden & self.bdd.support(diagram)
            found = self._seen[diagram] = self.bdd.exists(diagram, hidden)
        return found

    def image(self, edge: Edge, states: int) -> int:
        """Give the states that an edge leads to."""
        bdd = self.bdd
        states = bdd.both(states, self.over(edge.before))
        states = bdd.exists(states, edge.changed - self._hidden)
        for gain in edge.gains:
            states = self._gained(states, gain)
        return bdd.both(states, self.over(edge.after))

    def _gained(self, states: int, gain: Gain) -> int:
        if gain.variable in self._hidden:
            return states
        bdd = self.bdd
        with_it = bdd.exists(bdd.both(states, self.over(gain.where)), (gain.variable,))
        return bdd.either(states, bdd.both(with_it, bdd.variable(gain.variable)))

    def fixpoint(self) -> dict[str, int]:
        """Give all states that can be come to, by node."""
        bdd, reached, waiting = self.bdd, dict[str, int](), dict[str, int]()
        for door in self.system.doors:
            waiting[door.node] = bdd.either(waiting.get(door.node, FALSE), self.over(door.given))
        while waiting:
            node, states = waiting.popitem()
            before = reached.get(node, FALSE)
            new = bdd.both(states, bdd.negated(before))
            if new == FALSE:
                continue
            reached[node] = bdd.either(before, new)
            for edge in self.system.edges[node]:
                image = self.image(edge, new)
                if image != FALSE:
                    waiting[edge.target] = bdd.either(waiting.get(edge.target, FALSE), image)
        return reached

    def shortest(self, bad: Mapping[str, int]) -> tuple[Door, tuple[Edge, ...], str]:
        """Find a shortest path to a bad state; there must be one."""
        bdd, layers = self.bdd, [self._beginnings()]
        seen: dict[str, int] = {}
        while True:
            for node, states in layers[-1].items():
                hit = bdd.both(states, self.over(bad.get(node, FALSE)))
                if hit != FALSE:
                    door, path = self._back(layers, node, hit)
                    return door, path, node
            following: dict[str, int] = {}
            for node, states in layers[-1].items():
                seen[node] = bdd.either(seen.get(node, FALSE), states)
            for node, states in layers[-1].items():
                for edge in self.system.edges[node]:
                    image = self.image(edge, states)
                    new = bdd.both(image, bdd.negated(seen.get(edge.target, FALSE)))
                    if new != FALSE:
                        following[edge.target] = bdd.either(following.get(edge.target, FALSE), new)
            layers.append(following)

    def _beginnings(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for door in self.system.doors:
            found[door.node] = self.bdd.either(found.get(door.node, FALSE), self.over(door.given))
        return found

    def _back(
        self, layers: list[dict[str, int]], node: str, hit: int
    ) -> tuple[Door, tuple[Edge, ...]]:
        path: list[Edge] = []
        for layer in reversed(layers[:-1]):
            edge, node, hit = self._before(layer, node, hit)
            path.append(edge)
        door = next(
            each
            for each in self.system.doors
            if each.node == node and self.bdd.both(hit, self.over(each.given)) != FALSE
        )
        return door, tuple(reversed(path))

    def _before(self, layer: dict[str, int], node: str, hit: int) -> tuple[Edge, str, int]:
        for source, states in layer.items():
            for edge in self.system.edges[source]:
                if edge.target != node:
                    continue
                if self.bdd.both(self.image(edge, states), hit) != FALSE:
                    return edge, source, self.leading(edge, states, hit)
        raise AssertionError("every layer is the image of the one before")

    def leading(self, edge: Edge, states: int, hit: int) -> int:
        """Give the states among some from which an edge can lead to a hit."""
        bdd = self.bdd
        back = bdd.both(hit, self.over(edge.after))
        for gain in reversed(edge.gains):
            if gain.variable not in self._hidden:
                variable = bdd.variable(gain.variable)
                gained = bdd.exists(bdd.both(back, variable), (gain.variable,))
                back = bdd.either(back, bdd.both(gained, self.over(gain.where)))
        back = bdd.exists(back, edge.changed - self._hidden)
        return bdd.all_of((back, self.over(edge.before), states))

    def along(self, door: Door, path: tuple[Edge, ...], bad: int) -> bool:
        """Say whether a path can be walked and ends badly."""
        alive = live(self.system, path, bad)
        states = self.over(door.given)
        for edge, needed in zip(path, alive, strict=False):
            states = self.image(edge, self.kept(states, needed))
            if states == FALSE:
                return False
        return self.bdd.both(states, self.over(bad)) != FALSE

    def kept(self, states: int, needed: frozenset[int]) -> int:
        """Forget all variables but those that are still needed."""
        return self.bdd.exists(states, self.bdd.support(states) - needed)


def live(system: System, path: tuple[Edge, ...], bad: int) -> list[frozenset[int]]:
    """Give for each place of a path the variables whose values can still matter."""
    support = system.bdd.support
    alive = [support(bad)]
    for edge in reversed(path):
        read = alive[-1] | support(edge.after)
        read = read.union(*(support(gain.where) for gain in edge.gains))
        alive.append((read - edge.changed) | support(edge.before))
    return alive[::-1]


def sets_along(system: System, door: Door, path: tuple[Edge, ...], bad: int) -> list[int]:
    """Give the states at each place of a path that the path can have come there with.

    Of the place before, only what can still matter is known of each.
    """
    view = _View(system, set(system.facts.all))
    states = [view.over(door.given)]
    for edge, needed in zip(path, live(system, path, bad), strict=False):
        states.append(view.image(edge, view.kept(states[-1], needed)))
    return states


def leading(system: System, edge: Edge, states: int, hit: int) -> int:
    """Give the states among some from which an edge can lead to a hit."""
    return _View(system, set(system.facts.all)).leading(edge, states, hit)
