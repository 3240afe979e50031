"""What the branches of each edge leave to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from flowengine.analysis.proof.bdd import FALSE, TRUE
from flowengine.analysis.proof.system import System, is_saved
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


def branches(program: FlowProgram, system: System) -> Iterator[Branch]:
    """Look at every guarded branch of the flow's own file and of its steps."""
    bdd = system.bdd
    saved = bdd.all_of(
        system.facts.case(fact, value=True) for fact in system.facts.all if is_saved(fact)
    )  # the compiler sees to it that nothing reads a variable that is not set
    edges: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in program.machine.table:
        edges[row.source, row.outcome].append(row)
    for rows in edges.values():
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
