"""Values that make a path real: few, small, and the same from place to place where they can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowengine.analysis.proof.arrows import Edge, Gain
from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.facts import Fact, Form, Path
from flowengine.analysis.proof.mixed import diagrams, givens
from flowengine.analysis.proof.reaching import Reached, leading, live, sets_along
from flowengine.analysis.proof.system import System
from flowengine.analysis.proof.verdict import Counterexample, FactValue, Step

Values = dict[int, bool]


def counterexample(
    system: System, reached: Reached, solved: Sequence[Mapping[Path, Any]] = ()
) -> Counterexample:
    """Choose values for a path that was found.

    Args:
        solved: Of each place of the path the values that a solver found, where there is one.
    """
    if reached.door is None:
        raise ValueError("there is no path to choose values for")
    sets = sets_along(system, reached.door, reached.edges, reached.bad)
    places = _places(system, reached, sets)
    known = solved or [dict[Path, Any]() for _ in places]
    seen = [_Seen(system, *each) for each in zip(places, known, strict=True)]
    return Counterexample(
        reached.door.name,
        reached.door.node,
        seen[0].told(),
        tuple(_step(system, *each) for each in zip(reached.edges, seen[1:], strict=True)),
        reached.edges[-1].target if reached.edges else reached.door.node,
        seen[-1].telling((reached.bad,)),
    )


def example(system: System, states: int) -> tuple[FactValue, ...]:
    """Choose values that some states have, of the facts that they depend on."""
    return _Seen(system, _Chooser(system).choose(states, {})).telling((states,))


def _places(system: System, reached: Reached, sets: list[int]) -> list[Values]:
    """Choose the values at each place, from the end backwards."""
    chooser = _Chooser(system)
    values = chooser.choose(system.bdd.both(sets[-1], reached.bad), {})
    places = [values]
    alive = live(system, reached.edges, reached.bad)
    for number in range(len(reached.edges) - 1, -1, -1):
        edge = reached.edges[number]
        bound = alive[number] | edge.changed | system.bdd.support(edge.after)
        hit = chooser.diagram({v: bit for v, bit in values.items() if v in bound})
        values = chooser.choose(leading(system, edge, sets[number], hit), values)
        places.append(values)
    return _carried(system, reached.edges, places[::-1], alive)


def _carried(
    system: System, path: tuple[Edge, ...], places: list[Values], alive: list[frozenset[int]]
) -> list[Values]:
    """Keep what an edge neither reads nor changes as it was: it was chosen for no reason."""
    for number, edge in enumerate(path):
        bound = alive[number] | edge.changed | system.bdd.support(edge.after)
        kept = {v: bit for v, bit in places[number].items() if v not in bound}
        places[number + 1] = {**places[number + 1], **kept}
    return places


class _Chooser:
    """Picks one valuation out of a set."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._bdd: Bdd = system.bdd

    def choose(self, states: int, like: Mapping[int, bool]) -> Values:
        """Pick a valuation: as ``like`` where that can be, else the first value that can."""
        chosen: Values = {}
        for fact in self._system.facts.all:
            states, bits = self._fix(states, fact, like)
            chosen |= bits
        return chosen

    def diagram(self, values: Mapping[int, bool]) -> int:
        """Give the diagram of one valuation."""
        bdd, result = self._bdd, TRUE
        for variable in sorted(values, reverse=True):
            literal = bdd.variable(variable)
            result = bdd.both(literal if values[variable] else bdd.negated(literal), result)
        return result

    def _fix(self, states: int, fact: Fact, like: Mapping[int, bool]) -> tuple[int, Values]:
        facts = self._system.facts
        order = list(fact.values)
        if like:
            kept = facts.decode(fact, like)
            order.sort(key=lambda value: value is not kept)
        for value in order:
            within = self._bdd.both(states, facts.case(fact, value))
            if within != FALSE:
                return within, self._bits(fact, value)
        raise AssertionError("a path that can be walked has values")

    def _bits(self, fact: Fact, value: object) -> Values:
        code = next(i for i, each in enumerate(fact.values) if each is value)
        width = len(fact.variables)
        return {v: bool(code >> (width - 1 - i) & 1) for i, v in enumerate(fact.variables)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """One place of a path.

    Attributes:
        solved: The values that a solver found, by path.
    """

    system: System
    values: Values
    solved: Mapping[Path, Any] = field(default_factory=dict)

    def told(self) -> dict[str, FactValue]:
        """Give every fact's value."""
        return {fact.text: self._value(fact) for fact in self.system.facts.all}

    def telling(self, many: Iterable[int]) -> tuple[FactValue, ...]:
        """Give the values of those facts that diagrams depend on.

        Of a comparison that was solved, of those that it compares.
        """
        waiting, read = self._read(many), set[Fact]()
        while waiting:
            fact = waiting.pop()
            compared = self._compared(fact)
            read |= set() if compared else {fact}
            waiting += compared
        return tuple(self._value(fact) for fact in self.system.facts.all if fact in read)

    def _read(self, many: Iterable[int]) -> list[Fact]:
        read = frozenset().union(*map(self.system.bdd.support, many))
        return [fact for fact in self.system.facts.all if read & set(fact.variables)]

    def _compared(self, fact: Fact) -> list[Fact]:
        atom = self.system.abstraction.atoms.get(fact)
        paths = {each.path for each in givens(atom)} if atom else set()
        if atom is None or not paths <= self.solved.keys():
            return []
        return [*map(self.system.facts.value_of, paths), *self._read(diagrams(atom))]

    def _value(self, fact: Fact) -> FactValue:
        is_solved = fact.form is Form.VALUE and fact.path in self.solved
        return FactValue(
            fact.form,
            fact.text,
            fact.path,
            self.solved[fact.path] if is_solved else self.system.facts.decode(fact, self.values),
            fact.member,
            fact.fresh,
            fact.type,
        )


def _step(system: System, edge: Edge, seen: _Seen) -> Step:
    told = seen.told()
    ledgers = {
        ledger: frozenset(
            each.path[1]
            for each in told.values()
            if each.path[:1] == (ledger,) and each.form is Form.VALUE and each.value is True
        )
        for ledger in ("proved", "enrolled")
    }
    return Step(
        node=edge.source,
        outcome=edge.outcome,
        target=edge.target,
        position=edge.position,
        event=edge.event,
        request=edge.request,
        row=edge.row,
        values=told,
        telling=seen.telling(_guards(system, edge, seen.values)),
        proved=ledgers["proved"],
        enrolled=ledgers["enrolled"],
    )


def _guards(system: System, edge: Edge, values: Values) -> tuple[int, ...]:
    """Give what an arrow depends on: its guard, those before it, and what lets it gain."""
    rows = [e for e in system.edges[edge.source] if e.outcome == edge.outcome]
    read = [e.row.program for e in rows if e.position <= edge.position and e.row.program]
    guards = [system.abstraction.condition(program).true for program in read]
    telling = (g.where for g in edge.gains if g.told and _is_news(system, g, values))
    return (*guards, *telling)


def _is_news(system: System, gain: Gain, values: Values) -> bool:
    """Say whether something was gained that is not always, or was not that is usually."""
    if gain.usual:
        return not system.bdd.value(gain.where, values)
    return system.bdd.value(system.bdd.variable(gain.variable), values)
