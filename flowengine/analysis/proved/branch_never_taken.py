"""A branch whose condition is never true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import branch_span
from flowengine.source import Diagnostic, Severity

NAME: Final = "branch-never-taken"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each such branch of the flow's own file; a step's are told of its own."""
    for branch in proof.branches:
        row = branch.row
        if branch.never and "/" not in row.source:
            yield Diagnostic(
                NAME,
                "this condition is never true, so its branch is never taken",
                proof.program.definition.source,
                branch_span(proof.program, row.source, row.outcome, branch.position),
                hint="remove the branch, or mend its condition",
                severity=Severity.ERROR,
            )
