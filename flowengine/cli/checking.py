"""The work of ``flowengine check``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowengine.analysis.checking import check_flow
from flowengine.assembly.checking import check_deployment
from flowengine.cli.exits import Exit
from flowengine.cli.report import Piece, summary
from flowengine.cli.sources import STDIN, find_files, is_deployment, library_of, read_source, real
from flowengine.cli.terminal import console, print_line, print_report
from flowengine.source import Diagnostic


@dataclass(slots=True)
class _Checked:
    """What was looked at and found.

    Attributes:
        flows: The files that were checked as flows, by real path.
    """

    found: list[Diagnostic] = field(default_factory=list)
    flows: set[str] = field(default_factory=set)
    streams: int = 0
    deployments: int = 0


def check_paths(paths: Sequence[str]) -> int:
    """Check what the paths mean, print it, and give the exit code."""
    files = find_files([path for path in paths if path != STDIN])
    checked = _Checked()
    for path in files:
        if is_deployment(path):
            _check_deployment(path, checked)
    for path in files:
        if not is_deployment(path) and real(path) not in checked.flows:
            checked.flows.add(real(path))
            _check_flow(str(path), checked)
    if STDIN in paths:
        checked.streams = 1
        _check_flow(STDIN, checked)
    return _print(checked)


def _check_deployment(path: Path, checked: _Checked) -> None:
    deployment, found = check_deployment(path, os.environ)
    checked.deployments += 1
    checked.found += found
    programs = deployment.flows.values() if deployment is not None else ()
    checked.flows |= {real(program.definition.source.name) for program in programs}


def _check_flow(path: str, checked: _Checked) -> None:
    source, found = read_source(path)
    if source is not None:
        found = check_flow(source, library_of(path))[1]
    checked.found += found


def _print(checked: _Checked) -> int:
    unique = {(e.source.name, e.span, e.rule, e.message): e for e in checked.found}
    found = sorted(unique.values(), key=Diagnostic.sort_key)
    told = [each for each in found if each.suppression is None]
    to = console()
    print_report(told, to)
    text = summary(told, len(checked.flows) + checked.streams, checked.deployments)
    if len(told) < len(found):
        text += f" ({len(found) - len(told)} accepted)"
    failed = any(each.is_fatal for each in told)
    print_line([Piece(text, "bold red" if failed else "bold green")], to)
    return Exit.FINDINGS if failed else Exit.CLEAN
