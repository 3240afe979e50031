"""A function that is called by almost the name of one that is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.nearness import nearest
from flowengine.analysis.written import calls
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "function-misspelt"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find calls of undeclared functions beside a declared one of nearly the same name."""
    declared = [each.name.text for each in program.definition.functions]
    for node in program.definition.nodes:
        for call in calls(node):
            name = call.function.text
            near = nearest(name, declared)
            if near is not None:
                yield Diagnostic(
                    NAME,
                    f"'{name}' is not declared under `functions`, and '{near}' is",
                    program.definition.source,
                    call.function.span,
                    hint=f"did you mean '{near}'?",
                    severity=Severity.WARNING,
                )
