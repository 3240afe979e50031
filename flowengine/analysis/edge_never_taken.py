"""An edge for an outcome that its node cannot have: it would be read and never followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "edge-never-taken"

_REASONS: Final = {
    "wrong": "{kind} compares nothing",
    "exhausted": "{kind} compares nothing",
    "denied": "{kind} denies no answer",
    "unavailable": "{kind} can be asked of everybody",
}
"""Why a kind does not have an outcome, which it says itself."""


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold the edges that authors wrote against what the kinds of their nodes can answer."""
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition) or not isinstance(node, ChallengeNode):
            continue
        for outcome, edge in written.edges.items():
            reason = _reason(node, outcome)
            if reason is not None:
                yield Diagnostic(
                    NAME,
                    f"the edge '{outcome}' of node '{node.name}' is never taken: {reason}",
                    program.definition.source,
                    edge.span,
                    hint="remove it: whoever reads it takes it for a way that there is",
                )


def _reason(node: ChallengeNode, key: str) -> str | None:
    kind = node.kind.facts
    if key == "next" or node.gives(key):
        return None
    if key == "expired":
        return "the node has no `expires`, and no `poll` that could last too long"
    if key in kind.never:
        return _REASONS.get(key, "{kind} never has it").format(kind=kind.name)
    if key == "wrong":
        return "the only attempt is the last one, which is `exhausted`"
    return "a `verify` that compares denies no answer"
