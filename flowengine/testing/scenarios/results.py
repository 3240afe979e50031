"""What came of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowengine.flow.machine import Decision
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic
from flowengine.testing.scenarios.recording import Seen


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a scenario went another way than its author wrote.

    Attributes:
        finding: At the step: what was expected, and what came.
        trail: How each branch was decided so far.
        unmet: The conditions of ``require`` that did not hold.
    """

    finding: Diagnostic
    trail: tuple[Decision, ...] = ()
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario that was played.

    Attributes:
        file: The name of its source.
        line: Where its name stands, from 1.
        failure: None where everything came as it was written.
        seen: What it covered of ``program``.
    """

    name: str
    file: str
    line: int
    program: FlowProgram = field(repr=False)
    failure: Failure | None
    seen: Seen = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether everything came as it was written."""
        return self.failure is None
