"""Where a flow finds the other flows that it uses as steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from flowengine.flow.definition import FlowDefinition, FlowNodeDefinition, Name
from flowengine.flow.findings import Findings


class Library(Protocol):
    """Flows by name."""

    def find(self, name: str) -> FlowDefinition | None:
        """Give a flow as written; None where there is none of this name that can be read."""

    def names(self) -> Iterable[str]:
        """Name them, for whoever misspelt one."""


class Definitions:
    """Flows that are read when the first one is asked for."""

    def __init__(self, read: Callable[[], Iterable[FlowDefinition]] = tuple) -> None:
        """Take how they are read. Of two that have the same name, neither is found."""
        self._read = read

    @cached_property
    def _by_name(self) -> Mapping[str, FlowDefinition | None]:
        found: dict[str, FlowDefinition | None] = {}
        for definition in self._read():
            name = definition.name.text
            found[name] = None if name in found else definition
        return found

    def find(self, name: str) -> FlowDefinition | None:
        """Give a flow as written."""
        return self._by_name.get(name)

    def names(self) -> Iterable[str]:
        """Name them."""
        return self._by_name.keys()


NO_FLOWS = Definitions()


def used_flows(
    flow: FlowDefinition, library: Library, findings: Findings
) -> dict[str, FlowDefinition]:
    """Find all flows that a flow uses, and those that they use; none may use itself."""
    found: dict[str, FlowDefinition] = {}
    for node in flow.nodes:
        if isinstance(node, FlowNodeDefinition):
            search = _Search(library, findings, node.flow, found)
            search.follow(node.flow.text, (flow.name.text,))
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """What one node of a flow leads to.

    Attributes:
        place: The other flow's name in the file that is compiled: everything is told there.
    """

    library: Library
    findings: Findings
    place: Name
    found: dict[str, FlowDefinition]

    def follow(self, name: str, above: tuple[str, ...]) -> None:
        if name in above:
            way = " -> ".join((*above[above.index(name) :], name))
            self.findings.error(
                "recursive-flow", f"flow '{name}' uses itself: {way}", self.place.span
            )
            return
        definition = self.library.find(name)
        if definition is None:
            self._missing(name)
            return
        self.found[name] = definition
        for node in definition.nodes:
            if isinstance(node, FlowNodeDefinition):
                self.follow(node.flow.text, (*above, name))

    def _missing(self, name: str) -> None:
        known, span = tuple(self.library.names()), self.place.span
        if name in known:
            message = f"two flows are called '{name}', and which one is meant cannot be told"
            self.findings.error("duplicate-flow", message, span)
        else:
            self.findings.unknown("unknown-flow", "flow", Name(name, span), known)
