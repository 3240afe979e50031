"""A success can be come to although its ``level`` is not true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import named, path_notes, place_of
from flowengine.analysis.proof.verdict import Proved
from flowengine.source import Diagnostic

NAME: Final = "level-not-proved"


def check(proof: FlowProof) -> Iterator[Diagnostic]:
    """Tell each success that a path comes to without its level, at the branch that leads there."""
    for promise in proof.levels:
        verdict = promise.verdict
        if isinstance(verdict, Proved):
            continue
        example = verdict.by
        because = getattr(verdict, "because", None)
        said = "cannot prove" if because else "a sign-in comes here without"
        yield Diagnostic(
            NAME,
            f"{said} the level of '{promise.node}': {named(promise)}"
            + (f": {because}" if because else ""),
            proof.program.definition.source,
            place_of(proof.program, example) if example else proof.program.definition.start.span,
            hint="such a sign-in is refused; lead it to a success of a lower level",
            notes=path_notes(example) if example else (),
        )
