"""Codes that can be asked for so often that they flood a mailbox, or are one's to guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "resend-too-often"

_MOST: Final = 5
_SOONEST: Final = timedelta(seconds=10)


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find ``resend`` above five times, or sooner than after ten seconds."""
    for node in program.definition.nodes:
        written = node.resend if isinstance(node, ChallengeDefinition) else None
        if written is not None and (written.times > _MOST or written.every < _SOONEST):
            yield Diagnostic(
                NAME,
                f"'{written.key.text}' sends {written.times} more codes, one every "
                f"{written.every.total_seconds():g}s",
                program.definition.source,
                written.key.span,
                hint="`times: 2, every: 30s` is usual: each is paid for, and annoys its owner",
                severity=Severity.WARNING,
            )
