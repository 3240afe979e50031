"""Gives the parts of a flow that its author wrote, whatever node they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowengine.flow.definition import (
    CallDefinition,
    CallNodeDefinition,
    ChallengeDefinition,
    ChooseDefinition,
    EdgeDefinition,
    FlowDefinition,
    FlowNodeDefinition,
    Literal,
    NodeDefinition,
    OfferDefinition,
)
from flowengine.source import Excerpt


def calls(node: NodeDefinition) -> Iterator[CallDefinition]:
    """Give the calls of a node."""
    match node:
        case CallNodeDefinition():
            yield node.call
        case ChallengeDefinition():
            yield from (c for c in (node.create, node.verify) if isinstance(c, CallDefinition))
        case _:
            return


def edges(node: NodeDefinition) -> Iterator[EdgeDefinition]:
    """Give the edges of a node."""
    match node:
        case ChallengeDefinition():
            yield from node.edges.values()
        case OfferDefinition():
            yield node.none
        case ChooseDefinition():
            yield node.edge
        case CallNodeDefinition():
            yield from (node.next, node.failed)
        case FlowNodeDefinition():
            yield from (edge for edge in (node.next, node.failed) if edge is not None)
        case _:
            return


def expressions(flow: FlowDefinition) -> Iterator[Excerpt]:
    """Give all expressions of a flow."""
    yield from (excerpt for _, excerpt in flow.define)
    yield from (line.that for line in flow.require)
    for node in flow.nodes:
        yield from _of_node(node)


def _of_node(node: NodeDefinition) -> Iterator[Excerpt]:
    if node.needs is not None:
        yield node.needs
    for edge in edges(node):
        yield from (branch.when for branch in edge.branches if branch.when is not None)
    for call in calls(node):
        yield from _excerpts(call.arguments.values())
    match node:
        case ChallengeDefinition():
            yield from _excerpts((node.verify, *node.parameters.values()))
        case OfferDefinition():
            yield from _excerpts((node.prefer,))
        case FlowNodeDefinition():
            yield from _excerpts(node.arguments.values())
        case _:
            return


def _excerpts(written: Iterable[Excerpt | CallDefinition | Literal | None]) -> Iterator[Excerpt]:
    yield from (each for each in written if isinstance(each, Excerpt))
