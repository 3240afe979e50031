"""An edge of something that went wrong, from which nothing more is asked before a success."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flowengine.analysis.places import goto_place, written_node
from flowengine.flow.definition import (
    CallNodeDefinition,
    ChallengeDefinition,
    EdgeDefinition,
    NodeDefinition,
)
from flowengine.flow.machine import FAILED
from flowengine.flow.program import ChooseNode, EndNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic

NAME: Final = "failure-succeeds"

_FAILURES: Final[Mapping[str, str]] = {
    "wrong": "a wrong answer",
    "exhausted": "the last wrong answer",
    "expired": "an answer that came too late",
    "denied": "a denied answer",
    "unavailable": "a user without the factor",
    FAILED: "a function that failed",
}


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Follow decisions from every edge of a failure, and find the successes."""
    decisions = [
        row for row in program.machine.table if isinstance(program.nodes[row.source], ChooseNode)
    ]
    for row in program.machine.table:
        if row.outcome not in _FAILURES:
            continue
        ends = [n for n in reachable(decisions, row.target) if _succeeds(program, n)]
        if not ends:
            continue
        edge = _edge(written_node(program, row.source), row.outcome)
        yield Diagnostic(
            NAME,
            f"{_FAILURES[row.outcome]} at node '{row.source}' leads to the success '{ends[0]}', "
            "and nothing more is asked",
            program.definition.source,
            goto_place(program, row.source, edge, row.target),
            hint="lead it to `refused`, or to a node that asks for something else",
        )


def _succeeds(program: FlowProgram, name: str) -> bool:
    node = program.nodes.get(name)
    return isinstance(node, EndNode) and node.success


def _edge(node: NodeDefinition, outcome: str) -> EdgeDefinition | None:
    match node:
        case ChallengeDefinition():
            return node.edges.get(outcome)
        case CallNodeDefinition():
            return node.failed
        case _:
            return None
