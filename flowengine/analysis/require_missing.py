"""A flow that signs users in and does not say what must be proved for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "require-missing"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Demand ``require`` of every flow that an auth flow starts."""
    if program.require or not program.doors:
        return
    yield Diagnostic(
        NAME,
        f"flow '{program.name}' signs users in and has no `require`",
        program.definition.source,
        program.definition.name.span,
        hint=f"say what every success must have proved: `require: [{_example(program)}]`",
    )


def _example(program: FlowProgram) -> str:
    """Name evidence that this flow can give."""
    nodes = [node for node in program.nodes.values() if isinstance(node, ChallengeNode)]
    evidence = [name for node in nodes for name in node.evidence]
    return f"proved.{evidence[0]}" if evidence else "proved.password"
