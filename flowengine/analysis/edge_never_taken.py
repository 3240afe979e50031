"""An edge for an outcome that its node cannot have: it would be read and never followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.challenges.custom_settings import CustomCall, CustomSettings
from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "edge-never-taken"

_COMPARES_NOTHING: Final = frozenset({"PASSWORD_SRP", "DEVICE_SRP_AUTH"})
_NEVER_DENIES: Final = frozenset({"SMS_MFA", "SMS_OTP", "EMAIL_OTP", *_COMPARES_NOTHING})


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


def _reason(node: ChallengeNode, outcome: str) -> str | None:
    kind, settings = node.kind.facts.name, node.settings
    if outcome == "expired" and node.expires is None and node.poll is None:
        return "the node has no `expires`, and no `poll` that could last too long"
    if outcome in ("wrong", "exhausted") and kind in _COMPARES_NOTHING:
        return f"{kind} compares nothing"
    if outcome != "denied":
        return None
    if kind in _NEVER_DENIES:
        return f"{kind} denies no answer"
    if isinstance(settings, CustomSettings) and not isinstance(settings.verify, CustomCall):
        return "a `verify` that compares denies no answer"
    return None
