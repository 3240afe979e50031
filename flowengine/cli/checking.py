"""The work of ``flowengine check``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowengine.analysis.checking import check_flow
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.telling import explained
from flowengine.assembly.checking import check_deployment
from flowengine.cli.escaping import escaped
from flowengine.cli.exits import Exit
from flowengine.cli.report import Piece, summary
from flowengine.cli.sources import STDIN, find_files, is_deployment, library_of, read_source, real
from flowengine.cli.terminal import console, print_line, print_report
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, Severity


@dataclass(slots=True)
class _Checked:
    """What was looked at and found.

    Attributes:
        flows: The files that were checked as flows, by real path.
        programs: What they compiled to, by the name under which they were read.
    """

    found: list[Diagnostic] = field(default_factory=list)
    flows: set[str] = field(default_factory=set)
    programs: dict[str, FlowProgram] = field(default_factory=dict)
    streams: int = 0
    deployments: int = 0


def check_paths(paths: Sequence[str], *, explain: bool = False) -> int:
    """Check what the paths mean, print it, and give the exit code.

    Args:
        explain: Whether to say what each proof rests on.
    """
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
    if explain:
        _explain(checked)
    return _print(checked)


def _check_deployment(path: Path, checked: _Checked) -> None:
    deployment, found = check_deployment(path, os.environ)
    checked.deployments += 1
    checked.found += found
    programs = deployment.flows.values() if deployment is not None else ()
    for program in programs:
        name = program.definition.source.name
        checked.flows.add(real(name))
        checked.programs[name] = program


def _check_flow(path: str, checked: _Checked) -> None:
    source, found = read_source(path)
    if source is not None:
        program, found = check_flow(source, library_of(path))
        if program is not None:
            checked.programs[path] = program
    checked.found += found


def _explain(checked: _Checked) -> None:
    """Say of each flow without an error what its proofs rest on."""
    to = console()
    for name, program in sorted(checked.programs.items()):
        for line in explained(FlowProof(program)):
            print_line([Piece(f"{escaped(name)}: ", "bold"), Piece(escaped(line))], to)


def _print(checked: _Checked) -> int:
    unique = {(e.source.name, e.span, e.rule, e.message): e for e in checked.found}
    found = sorted(unique.values(), key=Diagnostic.sort_key)
    to = console()
    print_report(found, to)
    text = summary(found, len(checked.flows) + checked.streams, checked.deployments)
    failed = any(each.severity is Severity.ERROR for each in found)
    print_line([Piece(text, "bold red" if failed else "bold green")], to)
    return Exit.FINDINGS if failed else Exit.CLEAN
