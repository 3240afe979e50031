"""A line of ``require`` that is true whatever happens: it demands nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from flowengine.analysis.answers import NOTHING, ways
from flowengine.analysis.formulas import formula
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "require-tautology"

_MOST_WAYS: Final = 4096


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find lines that no facts and no ledger make false."""
    for written, condition in zip(program.definition.require, program.require, strict=True):
        found = islice(
            ways(formula(condition.program.tree), NOTHING, lambda answers: answers.ask),
            _MOST_WAYS,
        )
        values = [said for said, _ in found]
        if all(values) and len(values) < _MOST_WAYS:
            yield Diagnostic(
                NAME,
                "this line of `require` is always true, so it demands nothing",
                program.definition.source,
                written.that.span(0, len(written.that.text)),
                hint="name what must have been proved, such as `proved.password`",
            )
