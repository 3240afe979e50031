"""Finds and compiles the flows that a deployment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeAlias

from flowengine import documents
from flowengine.deployment.findings import Findings
from flowengine.flow.definition import Name
from flowengine.flow.library import Library
from flowengine.flow.loading import FlowFiles
from flowengine.flow.naming import SUFFIX
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.source import Diagnostic, SourceText

FlowCheck: TypeAlias = Callable[[SourceText, Library], tuple[FlowProgram | None, list[Diagnostic]]]
"""Compiles a flow's text, given the flows that it may use, and says what is wrong with it."""


def flow_files(folder: Path) -> Iterator[Path]:
    """Find the flow files of a folder and its folders, hidden ones left out, in order."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIX):
                yield Path(here) / name


def load_flows(
    written: tuple[Name, ...],
    folder: Path,
    check: FlowCheck,
    channels: Collection[str],
    findings: Findings,
) -> dict[str, FlowProgram] | None:
    """Compile all flows by name; None where one of them is not there or has an error.

    Args:
        channels: Those that the deployment delivers codes by.
    """
    programs: dict[str, FlowProgram] = {}
    files = list(_paths(written, folder, findings))
    good = not findings.found
    library = FlowFiles(path for path, _ in files)
    for path, place in files:
        program = _load(path, check, library, findings)
        if program is None:
            good = False
        elif program.name in programs:
            first = programs[program.name].definition.source.name
            message = f"two flows are called '{program.name}': {first} and {path}"
            findings.error("duplicate-flow", message, place.span)
        else:
            programs[program.name] = program
            _check_channels(program, place, channels, findings)
    return programs if good else None


def _check_channels(
    program: FlowProgram, place: Name, channels: Collection[str], findings: Findings
) -> None:
    """Refuse a flow that sends codes by a channel that nothing delivers."""
    for node in program.nodes.values():
        if not isinstance(node, ChallengeNode) or node.deliver is None:
            continue
        channel = node.deliver.channel.value
        if channel not in channels:
            findings.error(
                "channel-not-delivered",
                f"node '{node.name}' of flow '{program.name}' sends codes by {channel}, and no "
                "delivery has this channel",
                place.span,
                hint=f"say where they go: `delivery: {{{channel}: outbox:outbox.jsonl}}`",
            )


def _paths(
    written: tuple[Name, ...], folder: Path, findings: Findings
) -> Iterator[tuple[Path, Name]]:
    # Questions are asked through os.path, which answers where pathlib raises: of a name that is
    # too long, and of links that lead to each other.
    seen: set[str] = set()
    for place in written:
        path = folder / place.text
        found = list(flow_files(path)) if os.path.isdir(path) else [path]  # noqa: PTH112
        if not os.path.exists(path):  # noqa: PTH110
            message = f"there is no file or folder '{place.text}' beside this file"
            findings.error("flow-not-found", message, place.span)
            continue
        if not found:
            message = f"the folder '{place.text}' has no *{SUFFIX}"
            findings.error("flow-not-found", message, place.span)
        for each in found:
            real = os.path.realpath(each)
            if real not in seen:
                seen.add(real)
                yield each, place


def _load(path: Path, check: FlowCheck, library: Library, findings: Findings) -> FlowProgram | None:
    source, unreadable = documents.read(path)
    if source is None:
        findings.found.extend(unreadable)
        return None
    program, found = check(source, library)
    findings.found.extend(found)
    return program
