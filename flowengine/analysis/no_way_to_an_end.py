"""Nodes and flows that only ever refuse: a loop without a way out, no success to come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.starts import starts
from flowengine.documents.wording import listed
from flowengine.flow.definition import Name
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.flow.reachability import leading_to, reachable
from flowengine.source import Diagnostic

NAME: Final = "no-way-to-an-end"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find nodes that lead to no end, and starts that lead to no success.

    What follows from a finding is not reported beside it: of nodes that are stuck because of
    the next one, only the last, or the loop that they end in.
    """
    stuck = list(_stuck(program))
    yield from stuck
    if not stuck:
        yield from _without_success(program)


def _stuck(program: FlowProgram) -> Iterator[Diagnostic]:
    table = program.machine.table
    ends = [name for name, node in program.nodes.items() if isinstance(node, EndNode)]
    lost = reachable(table, *starts(program)) & (program.nodes.keys() - leading_to(table, ends))
    told: set[str] = set()
    for node in program.definition.nodes:
        name = node.name.text
        if name not in lost or name in told:
            continue
        ahead = reachable(table, name) & program.nodes.keys()
        if any(name not in reachable(table, other) for other in ahead):
            continue  # one that lies ahead is stuck by itself, and is told
        told |= ahead
        yield _finding(program, node.name, _order(program, ahead))


def _order(program: FlowProgram, names: frozenset[str]) -> list[str]:
    return [node.name.text for node in program.definition.nodes if node.name.text in names]


def _finding(program: FlowProgram, place: Name, loop: list[str]) -> Diagnostic:
    if len(loop) > 1:
        nodes = listed(f"'{name}'" for name in loop)
        message = f"nodes {nodes} lead to each other and never to an end"
        hint = "lead an edge of one of them to an `end` node"
    else:
        message = f"node '{place.text}' has no way to an end: all that can follow is a refusal"
        hint = "lead an edge to an `end` node; to refuse, lead to `refused` instead of to this node"
    return Diagnostic(NAME, message, program.definition.source, place.span, hint)


def _without_success(program: FlowProgram) -> Iterator[Diagnostic]:
    table = program.machine.table
    successes = [
        n for n, node in program.nodes.items() if isinstance(node, EndNode) and node.success
    ]
    good = leading_to(table, successes)
    for place in starts(program).values():
        if place.text not in good:
            message = f"no sign-in that starts at '{place.text}' can succeed"
            hint = "lead an edge to a node with `end: success`"
            if not successes:
                hint = "the flow has no success; add a node: `done: {end: success}`"
            yield Diagnostic(NAME, message, program.definition.source, place.span, hint)
