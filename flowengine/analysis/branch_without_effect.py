"""Branches that all lead to the same node: a condition that decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.written import edges
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "branch-without-effect"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find edges of several branches with one target."""
    for node in program.definition.nodes:
        for edge in edges(node):
            targets = {branch.goto.text for branch in edge.branches}
            if len(edge.branches) > 1 and len(targets) == 1:
                target = edge.branches[0].goto.text
                yield Diagnostic(
                    NAME,
                    f"every branch leads to '{target}', so the conditions decide nothing",
                    program.definition.source,
                    edge.span,
                    hint=f"write the target alone, or mend the one that should lead elsewhere "
                    f"than to '{target}'",
                    severity=Severity.WARNING,
                )
