"""A pending answer that is asked about so often that it becomes a load."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "poll-too-often"

_SOONEST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(minutes=15)
"""The longest life of a Session."""


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find ``poll`` sooner than after a second, or for longer than a Session lives."""
    for node in program.definition.nodes:
        written = node.poll if isinstance(node, ChallengeDefinition) else None
        if written is not None and (written.every < _SOONEST or written.lasting > _LONGEST):
            yield Diagnostic(
                NAME,
                f"an answer is asked about every {written.every.total_seconds():g}s for "
                f"{written.lasting.total_seconds():g}s",
                program.definition.source,
                written.span,
                hint="`every: 2s, for: 2m` is usual; no Session lives longer than 15m",
                severity=Severity.WARNING,
            )
