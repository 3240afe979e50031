"""A code that is good for longer than a person needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "code-lives-long"

_LONGEST: Final = timedelta(minutes=10)
"""NIST SP 800-63B, section 3.1.3.2: a code sent out of band is good for ten minutes at most."""


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find an ``expires`` above ten minutes."""
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition) or not isinstance(node, ChallengeNode):
            continue
        if node.expires is not None and node.expires > _LONGEST:
            yield Diagnostic(
                NAME,
                f"what node '{node.name}' sends is good for {node.expires.total_seconds():g}s",
                program.definition.source,
                written.name.span,
                hint="ten minutes at most (NIST SP 800-63B); `expires: 3m` is usual",
                severity=Severity.WARNING,
            )
