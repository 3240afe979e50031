"""From a ``*.flowtest.yaml`` to scenarios with their places, and the flow that they test."""

from __future__ import annotations

from collections.abc import Mapping as Plain
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from flowengine import documents
from flowengine.documents import Entry, Mapping, Node, Scalar, Sequence, plain, schemas
from flowengine.flow.loading import beside, load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, SourceText, Span
from flowengine.testing.scenarios.checks import check_scenario
from flowengine.testing.scenarios.definition import BEGINNING, Placed, Scenario, Step, read_instant

SCHEMA: Final = "scenario.schema.json"
_NOTHING: Plain[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """What a file says.

    Attributes:
        program: The flow that is tested, compiled.
        folder: Where the flow's own file stands; its parts are found there.
    """

    source: SourceText
    program: FlowProgram
    scenarios: tuple[Placed, ...]


def read_file(path: Path) -> tuple[ScenarioFile | None, list[Diagnostic]]:
    """Read a file and compile its flow; None where there is an error, with all that is wrong."""
    source, found = documents.read(path)
    return read_text(source, path.parent) if source is not None else (None, found)


def read_text(
    source: SourceText, folder: Path, program: FlowProgram | None = None
) -> tuple[ScenarioFile | None, list[Diagnostic]]:
    """Read scenarios.

    Args:
        folder: Where their flow is looked for.
        program: The flow, where the caller has compiled it.
    """
    document, found = documents.load_checked(source, schemas.load(SCHEMA))
    if document is None or found:
        return None, found
    root = cast("Mapping", document.root)
    source = document.source
    if program is None:
        program, found = _program(root, source, folder)
    if program is None:
        return None, found
    clock, found = _clock(root, source)
    placed = tuple(_placed(entry, root, source, clock) for entry in _entries(root.get("scenarios")))
    found += [finding for each in placed for finding in check_scenario(each, program)]
    return (None if found else ScenarioFile(source, program, placed)), found


def _program(
    root: Mapping, source: SourceText, folder: Path
) -> tuple[FlowProgram | None, list[Diagnostic]]:
    node = cast("Scalar", root.get("flow"))
    if node.text.endswith((".yaml", ".yml")):
        path = folder / node.text
        text, found = documents.read(path)
        if text is None:
            message = f"the flow's file cannot be used: {found[0].message}"
            return None, [Diagnostic("unknown-flow", message, source, node.span)]
        return load_source(text, library=beside(path))
    library = beside(folder / "any")
    definition = library.find(node.text)
    if definition is None:
        known = sorted(library.names())
        hint = documents.did_you_mean(node.text, known) or (
            f"there are {', '.join(known)}" if known else "write the path of its file"
        )
        message = f"no flow '{node.text}' that can be read stands in this file's folder"
        return None, [Diagnostic("unknown-flow", message, source, node.span, hint)]
    return load_source(definition.source, library=library)


def _clock(root: Mapping, source: SourceText) -> tuple[datetime, list[Diagnostic]]:
    node = root.get("clock")
    if not isinstance(node, Scalar):
        return BEGINNING, []
    try:
        return read_instant(node.text), []
    except ValueError:
        message = f"there is no instant {node.text}"
        return BEGINNING, [Diagnostic("no-such-instant", message, source, node.span)]


def _placed(entry: Entry, root: Mapping, source: SourceText, clock: datetime) -> Placed:
    own = cast("Mapping", entry.value)
    steps = own.get("steps")
    items = steps.items if isinstance(steps, Sequence) else ()
    outcome = own.get("outcome")
    return Placed(
        scenario=_scenario(entry.key.text, own, root, clock),
        source=source,
        name=entry.key.span,
        outcome=outcome.span if outcome is not None else entry.key.span,
        steps=tuple(_place(item) for item in items),
        facts={each.key.text: each.value.span for each in own.entries},
    )


def _scenario(name: str, own: Mapping, root: Mapping, clock: datetime) -> Scenario:
    said, around = _plain(own), _plain(root)
    steps = [next(iter(step.items())) for step in said.get("steps", ())]
    return Scenario(
        name=name,
        flow=around["flow"],
        outcome=said["outcome"],
        steps=tuple(Step(does, what) for does, what in steps),
        users=around.get("users", _NOTHING),
        user=said.get("user"),
        auth_flow=said.get("auth_flow"),
        parameters=said.get("parameters", _NOTHING),
        inputs=said.get("inputs", _NOTHING),
        device=said.get("device"),
        earlier=said.get("earlier", _NOTHING),
        token=said.get("token"),
        after_sign_up=said.get("after_sign_up"),
        request=said.get("request", _NOTHING),
        pool={**around.get("pool", _NOTHING), **said.get("pool", _NOTHING)},
        client=around.get("client", _NOTHING),
        functions={**around.get("functions", _NOTHING), **said.get("functions", _NOTHING)},
        clock=clock,
        summary=said.get("summary"),
    )


def _place(step: Node) -> Span:
    """Give a step from its key on, without what leads it in a list."""
    entry = _entries(step)[0]
    return Span(entry.key.span.start, entry.value.span.end)


def _plain(node: Mapping) -> dict[str, Any]:
    return cast("dict[str, Any]", plain(node))


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()
