"""What the branches of each edge leave to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from flowengine.analysis.proof.bdd import FALSE, TRUE
from flowengine.analysis.proof.facts import is_saved
from flowengine.analysis.proof.system import System
from flowengine.analysis.proof.verdict import FactValue
from flowengine.analysis.proof.witness import example
from flowengine.flow.machine import Row
from flowengine.flow.program import FlowProgram


@dataclass(frozen=True, slots=True)
class Branch:
    """One guarded branch.

    Attributes:
        never: Its condition is true of nothing.
        shadowed: Whatever it is true of, a branch before it takes.
        may_fail: Of something that comes to it, it has no value.
    """

    row: Row
    position: int
    never: bool
    shadowed: bool
    may_fail: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two guarded branches of one edge that are both true of something.

    Attributes:
        first: The one that is taken.
        values: What both are true of.
    """

    first: Row
    second: Row
    values: tuple[FactValue, ...]


def branches(program: FlowProgram, system: System) -> Iterator[Branch]:
    """Look at every guarded branch of the flow's own file and of its steps."""
    bdd = system.bdd
    saved = bdd.all_of(
        system.facts.case(fact, value=True) for fact in system.facts.all if is_saved(fact)
    )  # the compiler sees to it that nothing reads a variable that is not set
    for rows in _edges(program):
        prefix = TRUE
        for position, row in enumerate(rows):
            if row.program is None:
                continue
            true, false = system.abstraction.condition(row.program)
            never = true == FALSE
            shadowed = not never and bdd.both(prefix, true) == FALSE
            neither = bdd.both(bdd.negated(true), bdd.negated(false))
            failing = bdd.all_of((prefix, neither, saved))
            yield Branch(row, position, never, shadowed, failing != FALSE)
            prefix = bdd.both(prefix, false)


def overlaps(program: FlowProgram, system: System) -> Iterator[Overlap]:
    """Find pairs of branches whose order matters: what comes to both, the first one takes."""
    bdd = system.bdd
    for rows in _edges(program):
        prefix, before = TRUE, list[tuple[Row, int]]()
        for row in rows:
            if row.program is None:
                continue
            true, false = system.abstraction.condition(row.program)
            for first, open_ in before:
                both = bdd.both(open_, true)
                if both != FALSE and first.target != row.target:
                    yield Overlap(first, row, example(system, both))
            before.append((row, bdd.both(prefix, true)))
            prefix = bdd.both(prefix, false)


def _edges(program: FlowProgram) -> Iterator[list[Row]]:
    edges: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in program.machine.table:
        edges[row.source, row.outcome].append(row)
    yield from edges.values()
