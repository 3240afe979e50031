"""A branch that those before it leave nothing to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import branch_span
from flowengine.source import Diagnostic, Severity

NAME: Final = "branch-shadowed"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each such branch of the flow's own file; a step's are told of its own."""
    for branch in proof.branches:
        row = branch.row
        if branch.shadowed and "/" not in row.source:
            yield Diagnostic(
                NAME,
                "whatever this condition is true of, a branch before it takes",
                proof.program.definition.source,
                branch_span(proof.program, row.source, row.outcome, branch.position),
                hint="move it up, or remove it",
                severity=Severity.ERROR,
            )
