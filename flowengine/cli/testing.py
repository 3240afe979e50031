"""The work of ``flowengine test``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import click

from flowengine.cli.coverage_report import (
    coverage_json,
    coverage_lines,
    coverage_mermaid,
    total_of,
)
from flowengine.cli.exits import Exit
from flowengine.cli.report import WIDTH, Piece
from flowengine.cli.scenario_files import junit, results_json
from flowengine.cli.scenario_report import failure_lines, file_lines, summary
from flowengine.cli.sources import is_folder, is_there, real
from flowengine.cli.terminal import console, print_line, print_report
from flowengine.errors import InvalidDocumentError
from flowengine.flow.loading import load_flow
from flowengine.flow.naming import SUFFIX as FLOW_SUFFIX
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic
from flowengine.testing.scenarios import (
    SUFFIX,
    FlowCoverage,
    ScenarioResult,
    coverage_of,
    find_scenario_files,
    play,
    read_file,
)

_POLL_S = 0.5
_State: TypeAlias = dict[Path, tuple[int, int]]
"""When each file was changed, in nanoseconds, and its size in bytes."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command, as they were written."""

    verbose: bool
    form: str
    junit: str | None
    coverage: str | None
    fail_under: float | None
    watch: bool

    @property
    def counts(self) -> bool:
        """Whether anybody wants to know what is covered."""
        asked = (self.coverage, self.fail_under)
        return self.form == "json" or any(each is not None for each in asked)


@dataclass(slots=True)
class _Run:
    """What came of all files."""

    results: list[ScenarioResult] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    broken: int = 0
    covered: tuple[FlowCoverage, ...] = ()


def test_paths(paths: Sequence[str], options: Options) -> int:
    """Play what the paths mean, print it, and give the exit code."""
    files = find_files(paths)
    before = _state(files)  # a change while they are played is a change
    code = _test_once(paths, files, options)
    if not options.watch:
        return code
    for files in _changes(paths, before):  # until Ctrl-C
        click.echo()
        code = _test_once(paths, files, options)
    return code


def find_files(paths: Sequence[str]) -> list[Path]:
    """Give the files that paths mean, each once, in order.

    Raises:
        UsageError: A path is not there, or a folder has no scenarios.
    """
    found: dict[str, Path] = {}
    for written in paths:
        path, shown = Path(written), click.format_filename(written)
        if not is_there(path):
            raise click.UsageError(f"there is no file or folder {shown}")
        files = list(find_scenario_files(path)) if is_folder(path) else [path]
        if not files:
            raise click.UsageError(f"no *{SUFFIX} in {shown}")
        for file in files:
            found.setdefault(real(file), file)
    return list(found.values())


def _changes(paths: Sequence[str], before: _State) -> Iterator[list[Path]]:
    """Give the files again whenever one of them, or a flow beside them, is another one."""
    while True:
        time.sleep(_POLL_S)
        try:
            files = find_files(paths)
        except click.UsageError:
            continue  # an editor may be between removing a file and writing it
        now = _state(files)
        if now != before:
            before = now
            yield files


def _state(files: Sequence[Path]) -> _State:
    folders = dict.fromkeys(file.parent for file in files)
    flows = [flow for folder in folders for flow in folder.glob(f"*{FLOW_SUFFIX}")]
    state = {}
    for path in (*files, *flows):
        try:
            found = path.stat()
        except OSError:
            continue
        state[path] = (found.st_mtime_ns, found.st_size)
    return state


def _test_once(paths: Sequence[str], files: Sequence[Path], options: Options) -> int:
    run = _Run()
    for path in files:
        file, found = read_file(path)
        run.findings += found
        if file is None:
            run.broken += 1
        else:
            run.results += [play(each, file.program) for each in file.scenarios]
    unplayed = _unplayed(paths, run) if options.counts else ()
    run.covered = coverage_of(run.results, unplayed)
    if options.junit is not None:
        _write(options.junit, junit(run.results, run.findings))
    _print(run, options)
    failed = run.broken or any(not result.passed for result in run.results)
    return Exit.FINDINGS if failed or _too_little(run, options) else Exit.CLEAN


def _unplayed(paths: Sequence[str], run: _Run) -> list[FlowProgram]:
    """Compile the flows of folders that no scenario is of; what cannot be is told."""
    played = {real(result.program.definition.source.name) for result in run.results}
    folders = (Path(written) for written in paths if is_folder(written))
    flows = (flow for folder in folders for flow in find_scenario_files(folder, FLOW_SUFFIX))
    found = []
    for path in {real(flow): flow for flow in flows if real(flow) not in played}.values():
        try:
            found.append(load_flow(path))
        except InvalidDocumentError as error:
            untold = [each for each in error.diagnostics if each not in run.findings]
            run.findings += untold
            run.broken += bool(untold)
    return found


def _print(run: _Run, options: Options) -> None:
    if options.form == "json":
        click.echo(results_json(run.results, run.findings, run.covered))
        return
    apart = options.coverage in ("json", "mermaid")
    to = console(sys.stderr if apart else None)
    if run.results:
        for line in (*file_lines(run.results, verbose=options.verbose), []):
            print_line(line, to)
    print_report(run.findings, to)
    width = to.width if to.is_terminal else WIDTH
    for result in run.results:
        if not result.passed:
            for line in (*failure_lines(result, width), []):
                print_line(line, to)
    if options.coverage == "text":
        for line in coverage_lines(run.covered):
            print_line(line, to)
        print_line([], to)
    print_line([summary(run.results, run.broken)], to)
    if _too_little(run, options):
        percent = total_of(run.covered).percent
        text = f"{percent:.1f} % is covered, less than {options.fail_under:g} %"
        print_line([Piece(text, "bold red")], to)
    if options.coverage == "json":
        click.echo(coverage_json(run.covered))
    elif options.coverage == "mermaid":
        click.echo(coverage_mermaid(run.covered))


def _too_little(run: _Run, options: Options) -> bool:
    wanted = options.fail_under
    return wanted is not None and total_of(run.covered).percent < wanted


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        name = click.format_filename(path)
        raise click.UsageError(f"cannot write {name}: {error.strerror}") from None
