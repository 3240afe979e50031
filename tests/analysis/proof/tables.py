"""The system of a flow decided by truth tables: no diagrams, nothing lazy.

A set of states is an integer with one bit for each valuation of all variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from flowengine.analysis.proof.arrows import Edge, Gain
from flowengine.analysis.proof.bdd import FALSE
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.reaching import explore
from flowengine.analysis.proof.system import System
from flowengine.flow.program import EndNode

MOST: Final = 10
"""Variables past which the tables are too long."""


def nearest(proof: FlowProof) -> int:
    """Hold every question about a flow's ends against the tables; give how many there were."""
    system = proof.system
    if sum(len(fact.variables) for fact in system.facts.all) > MOST:
        return 0
    ends = [n for n, e in proof.program.nodes.items() if isinstance(e, EndNode) and e.success]
    tables = Tables(system)
    for condition in proof.program.require:
        wrong = system.bdd.negated(system.condition(condition).true)
        bad = {name: system.bdd.both(wrong, system.needs[name]) for name in ends}
        reached = explore(system, bad)
        length = None if reached.door is None else len(reached.edges)
        assert tables.distance(bad) == length, proof.program.definition.source.text
    return len(proof.program.require)


class Tables:
    """One system."""

    def __init__(self, system: System) -> None:
        """Write a table for each of its variables."""
        self._system = system
        self._known: dict[int, int] = {}
        count = sum(len(fact.variables) for fact in system.facts.all)
        self._size = 1 << count
        self._all = (1 << self._size) - 1
        self._variables = [self._variable(number) for number in range(count)]

    def _variable(self, number: int) -> int:
        period = 1 << number
        block = ((1 << period) - 1) << period
        table = 0
        for start in range(0, self._size, 2 * period):
            table |= block << start
        return table

    def distance(self, bad: Mapping[str, int]) -> int | None:
        """Give the least number of edges to a bad state; None where there is no way."""
        layer: dict[str, int] = {}
        for door in self._system.doors:
            layer[door.node] = layer.get(door.node, 0) | self.table(door.given)
        seen: dict[str, int] = {}
        length = 0
        while layer:
            if any(states & self.table(bad.get(node, FALSE)) for node, states in layer.items()):
                return length
            for node, states in layer.items():
                seen[node] = seen.get(node, 0) | states
            layer = self._following(layer, seen)
            length += 1
        return None

    def _following(self, layer: Mapping[str, int], seen: Mapping[str, int]) -> dict[str, int]:
        following: dict[str, int] = {}
        for node, states in layer.items():
            for edge in self._system.edges[node]:
                new = self._image(edge, states) & ~seen.get(edge.target, 0)
                if new:
                    following[edge.target] = following.get(edge.target, 0) | new
        return following

    def _image(self, edge: Edge, states: int) -> int:
        states = self._any(states & self.table(edge.before), edge.changed)
        for gain in edge.gains:
            states |= self._gained(states, gain)
        return states & self.table(edge.after)

    def _gained(self, states: int, gain: Gain) -> int:
        return (
            self._any(states & self.table(gain.where), [gain.variable])
            & (self._variables[gain.variable])
        )

    def _any(self, states: int, variables: Iterable[int]) -> int:
        for number in variables:
            true, period = self._variables[number], 1 << number
            states |= (states & true) >> period | (states & ~true) << period
        return states & self._all

    def table(self, diagram: int) -> int:
        """Give the valuations of which a diagram is true, asking it about each."""
        found = self._known.get(diagram)
        if found is None:
            found = self._known[diagram] = sum(
                1 << code for code in range(self._size) if self._true(diagram, code)
            )
        return found

    def _true(self, diagram: int, code: int) -> bool:
        return self._system.bdd.value(
            diagram, {number: bool(code >> number & 1) for number in range(len(self._variables))}
        )
