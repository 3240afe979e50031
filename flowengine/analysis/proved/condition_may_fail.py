"""A condition that may have no value: then the sign-in is refused, and nothing else is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import branch_span
from flowengine.source import Diagnostic, Severity

NAME: Final = "condition-may-fail"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each such branch of the flow's own file; a step's are told of its own."""
    for branch in proof.branches:
        row = branch.row
        if branch.may_fail and "/" not in row.source:
            yield Diagnostic(
                NAME,
                "this condition has no value where what it reads is absent: the sign-in is then "
                "refused, and no later branch is tried",
                proof.program.definition.source,
                branch_span(proof.program, row.source, row.outcome, branch.position),
                hint="ask for it first: `has(…) && …`",
                severity=Severity.NOTE,
            )
