"""Auth flows of one client that ask for more and for less: whoever signs in chooses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Final

from flowengine.analysis.standing import Place
from flowengine.analysis.strength import successes, weaker, worded
from flowengine.deployment.definition import ClientDefinition, Deployment
from flowengine.flow.definition import Name
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.source import Diagnostic, Severity

NAME: Final = "strength-differs"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Compare the auth flows of each client; those of one flow are that flow's own finding."""
    for pool in deployment.definition.pools:
        for client in pool.clients:
            yield from _client(deployment, client)


def _client(deployment: Deployment, client: ClientDefinition) -> Iterator[Diagnostic]:
    told: set[Name] = set()
    for mine, other in permutations(client.auth_flows, 2):
        if mine[1].text == other[1].text or mine[0] in told:
            continue
        (auth_flow, flow), (other_flow, another) = mine, other
        programs = deployment.flows[flow.text], deployment.flows[another.text]
        ways = successes(programs[0], auth_flow.text), successes(programs[1], other_flow.text)
        if not ways[0] or not ways[1]:
            continue
        pair = weaker((programs[0], ways[0]), (programs[1], ways[1]))
        if pair is None:
            continue
        told.add(auth_flow)
        yield Diagnostic(
            NAME,
            f"client '{client.name.text}' {_does(programs[0], pair[0])} by "
            f"{worded(pair[0].proved)} with {auth_flow.text}, where {other_flow.text} takes "
            f"{worded(pair[1].proved)}",
            deployment.definition.source,
            auth_flow.span,
            hint="add a `require` to the client, or let both auth flows ask for the same",
            severity=Severity.WARNING,
        )


def _does(program: FlowProgram, place: Place) -> str:
    node = program.nodes[place.node]
    return "signs in" if isinstance(node, EndNode) and node.grants else "recovers"
