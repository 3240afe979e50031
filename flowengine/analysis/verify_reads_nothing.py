"""A ``verify`` that is told neither what was asked nor who is asked: it can only guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.strength import kinds
from flowengine.challenges.custom_settings import CustomCall, CustomSettings
from flowengine.expr import Program
from flowengine.flow.definition import CallDefinition, ChallengeDefinition
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "verify-reads-nothing"

_BINDS: Final = frozenset({"private", "user"})


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find functions that prove something without being given ``private`` or ``user``."""
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition) or not isinstance(node, ChallengeNode):
            continue
        if not isinstance(written.verify, CallDefinition) or not kinds(program, node.evidence):
            continue
        settings = node.settings
        if isinstance(settings, CustomSettings) and not _reads(settings):
            yield Diagnostic(
                NAME,
                f"'{written.verify.function.text}' proves {node.evidence[0]}, and is told neither "
                "`private` nor anything of `user`",
                program.definition.source,
                written.verify.function.span,
                hint="give it what the answer is held against: `with: {private: private, …}`",
            )


def _reads(settings: CustomSettings) -> bool:
    verify = settings.verify
    if not isinstance(verify, CustomCall):
        return True
    terms = [term for term in verify.arguments.values() if isinstance(term, Program)]
    return any(term.roots & _BINDS for term in terms)
