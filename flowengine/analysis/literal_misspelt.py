"""A text that is compared and is almost the name of a challenge: never equal, never a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flowengine.analysis.nearness import nearest
from flowengine.analysis.written import expressions
from flowengine.challenges.catalog import CHALLENGE_NAMES
from flowengine.expr import parse
from flowengine.expr.definitions import parts
from flowengine.expr.tree import Literal, Node
from flowengine.flow.program import FlowProgram
from flowengine.flow.scope import AUTH_FLOW_NAMES
from flowengine.source import Diagnostic, Severity, Span

NAME: Final = "literal-misspelt"

_WORDS: Final = (*CHALLENGE_NAMES, *AUTH_FLOW_NAMES)
_LIKE_ONE: Final = re.compile(r"[A-Z][A-Z0-9_]+")
"""Words in small letters mean other things: ``password`` may be a key of ClientMetadata."""


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find texts in expressions that differ by a letter or two from Cognito's own words."""
    for written in expressions(program.definition):
        for text, span in _literals(parse(written)):
            near = nearest(text, _WORDS) if _LIKE_ONE.fullmatch(text) else None
            if near is not None:
                yield Diagnostic(
                    NAME,
                    f'"{text}" is no challenge and no auth flow, and is never equal to one',
                    program.definition.source,
                    written.span(span.start, span.end),
                    hint=f"did you mean {near}?",
                    severity=Severity.WARNING,
                )


def _literals(tree: Node) -> Iterator[tuple[str, Span]]:
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        yield tree.value, tree.span
    for part in parts(tree):
        yield from _literals(part)
