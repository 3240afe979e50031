"""A key that a node declares and nobody reads: what the author thinks is checked is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.places import reading
from flowengine.challenges.custom_settings import (
    CustomCall,
    CustomSettings,
    Equality,
    EqualsLiteral,
)
from flowengine.expr import Program
from flowengine.flow.definition import ChallengeDefinition, ResponseRule
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic

NAME: Final = "key-never-read"

_PROTOCOL: Final = frozenset({"USERNAME", "SECRET_HASH", "DEVICE_KEY"})


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Hold the declared keys of each node against what its kind, ``verify`` and edges read."""
    for written in program.definition.nodes:
        node = program.nodes.get(written.name.text)
        if not isinstance(written, ChallengeDefinition) or not isinstance(node, ChallengeNode):
            continue
        read = frozenset(_read(program, node))
        for rule in written.responses:
            if not _is_read(rule, read):
                yield Diagnostic(
                    NAME,
                    f"'{_worded(rule)}' is declared at node '{node.name}', and nothing reads it",
                    program.definition.source,
                    rule.span,
                    hint="remove it, or read it in `verify`",
                )


def _worded(rule: ResponseRule) -> str:
    return f"{rule.key}*" if rule.family else rule.key


def _is_read(rule: ResponseRule, read: frozenset[str]) -> bool:
    if "*" in read or rule.key in _PROTOCOL or _worded(rule) in read:
        return True
    return any(name.endswith(".*") and rule.key.startswith(name[:-1]) for name in read)


def _read(program: FlowProgram, node: ChallengeNode) -> Iterator[str]:
    """Name the keys that are read; ``*`` where the whole answer is."""
    facts = node.kind.facts
    yield from (*facts.required, *facts.optional, *facts.implied)
    for row in program.machine.table:
        if row.source == node.name and row.program is not None:
            yield from _of(row.program)
    settings = node.settings
    match settings.verify if isinstance(settings, CustomSettings) else None:
        case Equality() | EqualsLiteral() as verify:
            yield verify.response
        case CustomCall() as verify:
            for term in verify.arguments.values():
                yield from _of(term) if isinstance(term, Program) else ()
        case _:
            return


def _of(read: Program) -> Iterator[str]:
    for name, _ in reading(read.tree, "responses"):
        yield name.removeprefix("responses.") if "." in name else "*"
