"""A line of ``require`` that was neither proved nor refuted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import named, path_notes
from flowengine.analysis.proof.verdict import Unproven
from flowengine.source import Diagnostic

NAME: Final = "require-unproven"

_OPAQUE: Final = "demand the evidence in the branch itself, beside what cannot be seen into"
_PLAYED: Final = "lead this path elsewhere, so that nothing depends on how it is refused"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each line about which nothing is known for certain, and why."""
    for promise in proof.require:
        verdict = promise.verdict
        if isinstance(verdict, Unproven):
            written = promise.condition.program.place(promise.condition.program.tree.span)
            yield Diagnostic(
                NAME,
                f"cannot prove {named(promise)}: {verdict.because}",
                proof.program.definition.source,
                written,
                hint=_PLAYED if verdict.played else _OPAQUE,
                notes=path_notes(verdict.by) if verdict.by else (),
            )
