"""A ``require`` that holds for somebody who has proved nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.answers import NOTHING, Answers, Ask, ways
from flowengine.analysis.formulas import All, Atom, Gained, formula, reads
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "require-vacuous"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find facts under which every line is true while the ledger is empty."""
    if not program.require or not program.doors:
        return
    whole = All(tuple(formula(condition.program.tree) for condition in program.require))
    if any(said for said, _ in ways(whole, NOTHING, _nothing_proved)):
        first = program.definition.require[0].that
        yield Diagnostic(
            NAME,
            "every line of `require` can be true although nothing was proved",
            program.definition.source,
            first.span(0, len(first.text)),
            hint="add a line that names evidence without a way around it, such as "
            "`proved.password || proved.passkey`",
        )


def _nothing_proved(answers: Answers) -> Ask:
    def ask(atom: Atom) -> bool | None:
        if isinstance(atom, Gained) or any(name.startswith("age.") for name in reads(atom)):
            return False  # the age of what was never proved is no number
        return answers.ask(atom)

    return ask
