"""The work of ``flowengine check``."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from flowengine.cli.checked import Checked, FailLevel, ordered
from flowengine.cli.escaping import shown_path
from flowengine.cli.exits import Exit
from flowengine.cli.formats.choosing import Format, writer
from flowengine.cli.known_good import KnownGood, open_known_good
from flowengine.cli.sources import STDIN, find_files, is_deployment, real
from flowengine.cli.terminal import complain
from flowengine.source import Diagnostic

if TYPE_CHECKING:
    from flowengine.cli.counterexamples import Refutation

_GARBAGE: Final = 50_000
"""So many objects are made before the collector looks: in a short run there is nothing to find,
and looking as often as usual takes a tenth of its time."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How to check.

    Attributes:
        jobs: How many processes may check files; None for one a core.
        cache: Whether files that are known to be clean are passed over.
        explain_proof: Whether to say what proofs rest on; then none is passed over.
        counterexamples: A folder in which refutations are written as scenarios; the same.
    """

    format: Format = Format.TEXT
    fail_level: FailLevel = FailLevel.ERROR
    fix: bool = False
    cache: bool = True
    jobs: int | None = None
    explain_proof: bool = False
    counterexamples: str | None = None


@dataclass(slots=True)
class _Check:
    """What was looked at and found so far.

    Attributes:
        flows: The files that were checked as flows, by real path.
        proofs: What each proof of a flow rests on, by the name under which it was read.
    """

    options: CheckOptions
    found: list[Diagnostic] = field(default_factory=list)
    flows: dict[str, str] = field(default_factory=dict)
    deployments: list[str] = field(default_factory=list)
    streams: int = 0
    proofs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known_good: int = 0
    fixed: int = 0
    refuted: list[Refutation] = field(default_factory=list)
    written: int | None = None

    def result(self) -> Checked:
        """Give what was checked, in order."""
        names = sorted([*self.flows.values(), *self.deployments])
        return Checked(
            ordered(self.found),
            (*names, *["<stdin>"] * self.streams),
            len(self.flows) + self.streams,
            len(self.deployments),
            self.known_good,
            self.fixed,
            self.options.fail_level,
            tuple((name, line) for name in sorted(self.proofs) for line in self.proofs[name]),
            self.written,
        )


def check_paths(paths: Sequence[str], options: CheckOptions) -> int:
    """Check what the paths mean, print it, and give the exit code."""
    gc.set_threshold(_GARBAGE)
    files, told = find_files([path for path in paths if path != STDIN])
    check = _Check(options, told)
    if options.fix:
        _fix(files, check)
    for path in files:
        if is_deployment(path):
            _check_deployment(path, check)
    left = [path for path in files if not is_deployment(path) and real(path) not in check.flows]
    _check_flows([str(path) for path in left], check)
    if STDIN in paths:
        _check_stream(check)
    if options.counterexamples is not None:
        from flowengine.cli.counterexamples import write_scenarios  # noqa: PLC0415 - rarely asked

        check.written = write_scenarios(check.refuted, options.counterexamples)
    checked = check.result()
    writer(options.format)(checked)
    return Exit.FINDINGS if checked.failed else Exit.CLEAN


def _fix(files: Sequence[Path], check: _Check) -> None:
    from flowengine.cli.fixing import fix_file  # noqa: PLC0415 - slow to import

    for path in files:
        try:
            check.fixed += fix_file(path)
        except OSError as error:
            message = f"cannot write {shown_path(path)}: {error.strerror}"
            raise click.UsageError(message) from None


def _check_deployment(path: Path, check: _Check) -> None:
    from flowengine.assembly.checking import check_deployment  # noqa: PLC0415 - slow to import
    from flowengine.cli.counterexamples import KeptProofs  # noqa: PLC0415 - the same

    kept = KeptProofs()
    deployment, found = check_deployment(path, os.environ, kept.player, kept)
    check.refuted += kept.player.refuted
    check.deployments.append(str(path))
    check.found += found
    for program in deployment.flows.values() if deployment is not None else ():
        name = program.definition.source.name
        check.flows[real(name)] = name
    if check.options.explain_proof and deployment is not None:
        from flowengine.analysis.proof.telling import explained  # noqa: PLC0415 - slow to import

        for proof in kept.proofs:
            check.proofs[proof.program.definition.source.name] = tuple(explained(proof))


def _check_flows(paths: Sequence[str], check: _Check) -> None:
    cache = _cache(check.options)
    unknown = [path for path in paths if cache is None or not cache.has(path)]
    check.known_good = len(paths) - len(unknown)
    check.flows |= {real(path): path for path in paths}
    if not unknown:
        return
    from flowengine.cli.progress import bar  # noqa: PLC0415 - slow to import
    from flowengine.cli.workers import check_file, check_files, cores, prove_file  # noqa: PLC0415 - slow to import

    with bar(len(unknown)) as shown:
        one = prove_file if check.options.explain_proof else check_file
        results = check_files(unknown, check.options.jobs or cores(), one)
        for path, result in zip(unknown, results, strict=True):
            check.found += result.found
            check.refuted += result.refuted
            check.proofs[path] = result.proofs
            if cache is not None and result.clean and result.digest is not None:
                cache.add(path, result.digest)
            shown.advance()


def _cache(options: CheckOptions) -> KnownGood | None:
    # Only the text leaves out what was accepted, what proofs rest on, and what is refuted.
    more = options.explain_proof or options.counterexamples is not None
    text = options.format is Format.TEXT and not more
    if not options.cache or not text or os.environ.get("CI"):
        return None
    cache, complaint = open_known_good()
    if complaint is not None:
        complain(complaint)
    return cache


def _check_stream(check: _Check) -> None:
    from flowengine.cli.workers import check_file, prove_file  # noqa: PLC0415 - slow to import

    check.streams = 1
    result = (prove_file if check.options.explain_proof else check_file)(STDIN)
    check.found += result.found
    check.refuted += result.refuted
    check.proofs["<stdin>"] = result.proofs
