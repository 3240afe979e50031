"""What came of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowengine.flow.machine import Decision
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic
from flowengine.testing.scenarios.recording import Seen


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario that was played.

    Attributes:
        file: The name of its source.
        line: Where its name stands, from 1.
        failure: At the step that came out otherwise, what was expected and what came; None where
            everything came as it was written.
        trail: How each branch was decided, to the end or to the failure.
        unmet: The conditions of ``require`` that did not hold at an end that would have been
            a success; the engine refuses there.
        seen: What it covered of ``program``.
    """

    name: str
    file: str
    line: int
    program: FlowProgram = field(repr=False)
    failure: Diagnostic | None
    trail: tuple[Decision, ...]
    unmet: tuple[str, ...]
    seen: Seen = field(repr=False)

    @property
    def passed(self) -> bool:
        """Whether everything came as it was written."""
        return self.failure is None
