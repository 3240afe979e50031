"""A node that no sign-in can come to: a misspelt target, or a factor that is never asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.analysis.starts import starts
from flowengine.flow.program import FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import Diagnostic

NAME: Final = "unreachable-node"


def check(program: FlowProgram) -> Iterator[Diagnostic]:
    """Find nodes that no path of edges comes to, whatever the conditions on it say."""
    found = reachable(program.machine.table, *starts(program))
    for node in program.definition.nodes:
        if node.name.text not in found:
            yield Diagnostic(
                NAME,
                f"no sign-in can come to node '{node.name.text}'",
                program.definition.source,
                node.name.span,
                hint=f"lead an edge to it (`next: {node.name.text}`), or remove it",
            )
