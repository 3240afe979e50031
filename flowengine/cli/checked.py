"""What a check looked at and found: what every format of a report is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flowengine.source import Diagnostic, Severity

_RANKS = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class FailLevel(StrEnum):
    """From which severity on a finding makes the check fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at and found.

    Attributes:
        found: Each finding once, by file and place; suppressed ones too.
        files: The names of all that was looked at, deployments and streams too, in order.
        flows: How many of them are flows.
        deployments: How many of them are deployments.
        known_good: How many of the flows were not read again, since they are known to be clean.
        fixed: How many findings were mended, and are not among ``found``.
        proofs: What proofs rest on, line by line, each with the name of its flow's file.
        written: How many counter-examples were written; None where none was to be.
    """

    found: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    flows: int
    deployments: int
    known_good: int = 0
    fixed: int = 0
    fail_level: FailLevel = FailLevel.ERROR
    proofs: tuple[tuple[str, str], ...] = ()
    written: int | None = None

    @property
    def open(self) -> tuple[Diagnostic, ...]:
        """The findings that nobody accepted."""
        return tuple(each for each in self.found if each.suppression is None)

    @property
    def suppressed(self) -> int:
        """How many findings the authors accepted."""
        return len(self.found) - len(self.open)

    @property
    def failed(self) -> bool:
        """Whether some finding is at the fail level or above it."""
        return any(self.fails(each) for each in self.found)

    def fails(self, finding: Diagnostic) -> bool:
        """Say whether a finding makes the check fail."""
        if self.fail_level is FailLevel.NEVER or finding.suppression is not None:
            return False
        return _RANKS[finding.severity] >= _RANKS[Severity(self.fail_level.value)]


def ordered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Give each finding once, by file and place."""
    unique = {(e.source.name, e.span.start, e.span.end, e.rule, e.message): e for e in found}
    return tuple(unique[key] for key in sorted(unique))
