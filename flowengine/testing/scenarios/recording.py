"""A machine that notes which arrows it took, and how each guard came out on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from flowengine.flow.machine import Decision, FlowMachine, Row, Walk
from flowengine.flow.program import FlowProgram


class GuardOutcome(StrEnum):
    """How a guard came out."""

    TRUE = "true"
    FALSE = "false"
    ERROR = "error"


@dataclass(slots=True)
class Seen:
    """What was seen of one flow, over any number of sign-ins.

    Attributes:
        nodes: Those that a sign-in came to.
        rows: The arrows that were taken, by their place in the table.
        guards: How guards came out, by the place of their arrow.
    """

    nodes: set[str] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    guards: set[tuple[int, GuardOutcome]] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        """Take over what another one saw."""
        self.nodes |= other.nodes
        self.rows |= other.rows
        self.guards |= other.guards


class RecordingMachine(FlowMachine):
    """The machine of a program, with a note of every event."""

    def __init__(self, machine: FlowMachine) -> None:
        """Build the same machine again."""
        super().__init__(machine.states, machine.table)
        self.seen = Seen()
        self.trail: list[Decision] = []

    def fire(self, walk: Walk, outcome: str) -> bool:
        """Take the arrow of an outcome, and note it."""
        node = walk.state
        moved = super().fire(walk, outcome)
        self._note(node, outcome, walk.trail[-1])
        return moved

    def _note(self, node: str, outcome: str, decision: Decision) -> None:
        self.trail.append(decision)
        self.seen.nodes.add(node)
        for place, row in enumerate(self.table):
            if (row.source, row.outcome) != (node, outcome):
                continue
            taken = not decision.failed and (row.target, row.text) == (
                decision.target,
                decision.text,
            )
            failed = decision.failed and row.text == decision.text
            self._note_guard(place, row, taken=taken, failed=failed)
            if taken:
                self.seen.rows.add(place)
                self.seen.nodes.add(row.target)
            if taken or failed:
                return

    def _note_guard(self, place: int, row: Row, *, taken: bool, failed: bool) -> None:
        if row.guard is None:
            return
        outcome = GuardOutcome.TRUE if taken else GuardOutcome.FALSE
        self.seen.guards.add((place, GuardOutcome.ERROR if failed else outcome))


def recorded(program: FlowProgram) -> tuple[FlowProgram, RecordingMachine]:
    """Give a program that runs in the same way, and the machine that notes how."""
    machine = RecordingMachine(program.machine)
    return replace(program, machine=machine), machine
