"""A function that a user would wait for longer than anybody waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowengine.analysis.written import calls
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "timeout-long"

_LONGEST: Final = timedelta(seconds=30)


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find a ``timeout`` above thirty seconds."""
    for node in program.definition.nodes:
        for call in calls(node):
            if call.timeout > _LONGEST:
                yield Diagnostic(
                    NAME,
                    f"'{call.function.text}' may take {call.timeout.total_seconds():g}s, and the "
                    "user waits",
                    program.definition.source,
                    call.function.span,
                    hint="clients give up first, and whoever asks often holds the workers; "
                    "five seconds are usual",
                    severity=Severity.WARNING,
                )
