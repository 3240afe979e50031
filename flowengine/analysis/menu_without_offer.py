"""A menu as a challenge of its own: nothing stands on it, and it proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.challenges.offers import SELECT_CHALLENGE, SELECT_MFA_TYPE
from flowengine.flow.definition import ChallengeDefinition
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "menu-without-offer"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find menus that no ``offer`` makes."""
    for node in program.definition.nodes:
        if not isinstance(node, ChallengeDefinition):
            continue
        if node.challenge.text in (SELECT_CHALLENGE, SELECT_MFA_TYPE):
            yield Diagnostic(
                NAME,
                f"{node.challenge.text} lets users choose, and node '{node.name.text}' offers "
                "nothing",
                program.definition.source,
                node.challenge.span,
                hint="write `offer: […]` with the nodes to choose among, and `none`",
            )
