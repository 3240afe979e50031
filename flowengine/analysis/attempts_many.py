"""So many attempts that a short code can be guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.flow.definition import ChallengeDefinition, OfferDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "attempts-many"

_MOST: Final = 20
_MOST_OF_A_CODE: Final = 10
"""Of a million codes, ten tries hit one in a hundred thousand."""
_TOTP: Final = "SOFTWARE_TOKEN_MFA"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find more than ten tries at a code, and more than twenty at anything."""
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition | OfferDefinition):
            continue
        if not isinstance(node, ChallengeNode) or written.attempts is None:
            continue
        is_code = node.sends or node.kind.facts.name == _TOTP
        most = _MOST_OF_A_CODE if is_code else _MOST
        if written.attempts > most:
            yield Diagnostic(
                NAME,
                f"node '{node.name}' takes {written.attempts} answers in one sign-in",
                program.definition.source,
                written.name.span,
                hint=f"{most} are enough for a person, and few for whoever guesses",
                severity=Severity.WARNING,
            )
