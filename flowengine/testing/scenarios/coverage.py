"""What scenarios covered of a flow: nodes, edges, and how guards came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flowengine.flow.machine import Row
from flowengine.flow.mermaid import mermaid
from flowengine.flow.picture import Marks, is_drawn
from flowengine.flow.program import FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.testing.scenarios.recording import GuardOutcome, Seen
from flowengine.testing.scenarios.results import ScenarioResult


@dataclass(frozen=True, slots=True)
class Count:
    """How many of how many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """In per cent; of nothing everything is covered."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    def __add__(self, other: Count) -> Count:
        """Count both."""
        return Count(self.covered + other.covered, self.total + other.total)


@dataclass(frozen=True, slots=True)
class FlowCoverage:
    """What was covered of one flow.

    Edges are those that ``flowengine graph`` draws: what every challenge has besides, the ways in
    which it asks again or refuses, is not counted. Each guard of such an edge counts twice, for
    true and for false.

    Attributes:
        rows: The edges, by their place in the machine's table.
    """

    program: FlowProgram
    seen: Seen = field(repr=False)
    rows: tuple[tuple[int, Row], ...] = field(repr=False)
    reached: tuple[str, ...] = field(repr=False)

    @property
    def is_played(self) -> bool:
        """Whether any sign-in came to it."""
        return bool(self.seen.nodes)

    @property
    def missed_nodes(self) -> tuple[str, ...]:
        """The nodes that no sign-in came to."""
        return tuple(name for name in self.reached if name not in self.seen.nodes)

    @property
    def missed_edges(self) -> tuple[Row, ...]:
        """The edges that no sign-in took."""
        return tuple(row for place, row in self.rows if place not in self.seen.rows)

    @property
    def missed_guards(self) -> tuple[tuple[Row, GuardOutcome], ...]:
        """The guards that never came out true, or never false."""
        return tuple(
            (row, outcome)
            for place, row in self.rows
            if row.guard is not None
            for outcome in (GuardOutcome.TRUE, GuardOutcome.FALSE)
            if (place, outcome) not in self.seen.guards
        )

    @property
    def failed_guards(self) -> tuple[Row, ...]:
        """The guards that had no value in some sign-in."""
        return tuple(
            row for place, row in self.rows if (place, GuardOutcome.ERROR) in self.seen.guards
        )

    @property
    def counts(self) -> dict[str, Count]:
        """The figures: nodes, edges, and outcomes of guards."""
        guards = 2 * sum(row.guard is not None for _, row in self.rows)
        return {
            "nodes": _less(len(self.reached), self.missed_nodes),
            "edges": _less(len(self.rows), self.missed_edges),
            "guard outcomes": _less(guards, self.missed_guards),
        }

    @property
    def total(self) -> Count:
        """All three together."""
        return sum(self.counts.values(), Count(0, 0))

    def mermaid(self) -> str:
        """Draw the flow, with what was not covered marked."""
        return mermaid(self.program, missed=Marks(frozenset(self.missed_nodes), self.missed_edges))

    def to_plain(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "flow": self.program.name,
            **{
                name.replace(" ", "_"): {"covered": count.covered, "total": count.total}
                for name, count in self.counts.items()
            },
            "missed": {
                "nodes": list(self.missed_nodes),
                "edges": [_plain(row) for row in self.missed_edges],
                "guard_outcomes": [
                    {**_plain(row), "never": outcome.value} for row, outcome in self.missed_guards
                ],
            },
            "guards_without_value": [_plain(row) for row in self.failed_guards],
        }


def coverage_of(
    results: Iterable[ScenarioResult], unplayed: Iterable[FlowProgram] = ()
) -> tuple[FlowCoverage, ...]:
    """Add up what scenarios covered, flow by flow, in the order in which flows came up.

    Args:
        unplayed: Flows that no scenario is of; nothing of them is covered.
    """
    programs: dict[tuple[str, str], tuple[FlowProgram, Seen]] = {}
    for result in results:
        key = (result.program.definition.source.name, result.program.digest)
        programs.setdefault(key, (result.program, Seen()))[1].add(result.seen)
    played = [_covered(program, seen) for program, seen in programs.values()]
    return (*played, *(_covered(program, Seen()) for program in unplayed))


def _covered(program: FlowProgram, seen: Seen) -> FlowCoverage:
    table = program.machine.table
    starts = (program.start, *(start for door in program.doors.values() for start in door.starts))
    reached = reachable((row for row in table if is_drawn(program, row)), *starts)
    rows = tuple(
        (place, row)
        for place, row in enumerate(table)
        if row.source in reached and is_drawn(program, row)
    )
    nodes = tuple(name for name in program.nodes if name in reached)
    return FlowCoverage(program, seen, rows, nodes)


def _less(total: int, missed: tuple[object, ...]) -> Count:
    return Count(total - len(missed), total)


def _plain(row: Row) -> dict[str, str | None]:
    return {"from": row.source, "outcome": row.outcome, "to": row.target, "when": row.text}
