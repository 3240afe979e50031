"""A key with the name of a secret that is not marked as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flowengine.flow.custom_compiler import CUSTOM
from flowengine.flow.definition import ChallengeDefinition, FlowDefinition, ResponseRule
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "sensitive-unmarked"

_SECRET: Final = re.compile(
    r"(?:^|_)(?:PASS(?:WORD|WD|CODE|PHRASE)?|SECRET|PIN|CODE|TOKEN|OTP|CREDENTIALS?)(?:_|$)"
)


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find such keys of custom challenges and of ClientMetadata."""
    for rule in _own(program.definition):
        if not rule.sensitive and _SECRET.search(rule.key.upper()):
            yield Diagnostic(
                NAME,
                f"'{rule.key}' has the name of a secret and is not marked as one",
                program.definition.source,
                rule.span,
                hint=f"write `{rule.key}: {{sensitive: true}}`",
                severity=Severity.WARNING,
            )


def _own(flow: FlowDefinition) -> Iterator[ResponseRule]:
    """Give the keys that the flow's author named; those of built-in kinds are known."""
    yield from flow.metadata
    for node in flow.nodes:
        if isinstance(node, ChallengeDefinition) and node.challenge.text == CUSTOM:
            yield from node.responses
