"""A sign-in succeeds although a line of ``require`` is not true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import named, path_notes, place_of
from flowengine.analysis.proof.verdict import Refuted
from flowengine.source import Diagnostic

NAME: Final = "require-not-proved"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each line that a path breaks, at the branch that lets it through."""
    for promise in proof.require:
        if isinstance(promise.verdict, Refuted):
            example = promise.verdict.by
            yield Diagnostic(
                NAME,
                f"a sign-in succeeds here without what `require` demands: {named(promise)}",
                proof.program.definition.source,
                place_of(proof.program, example),
                hint=promise.condition.because,
                notes=path_notes(example),
            )
