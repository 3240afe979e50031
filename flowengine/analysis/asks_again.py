"""A right answer that leads back to its own challenge: the user proves it again, and for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.flow.custom_compiler import CUSTOM
from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "asks-again"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find nodes whose ``next`` is themselves; a custom challenge may have several rounds."""
    for node in program.definition.nodes:
        if not isinstance(node, ChallengeDefinition) or node.challenge.text == CUSTOM:
            continue
        for branch in node.edges["next"].branches if "next" in node.edges else ():
            if branch.goto.text == node.name.text:
                yield Diagnostic(
                    NAME,
                    f"a right answer to node '{node.name.text}' leads back to it",
                    program.definition.source,
                    branch.goto.span,
                    hint="lead it to what comes after",
                )
