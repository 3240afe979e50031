"""Checks many flow files at once, one process for each core, and gives the results in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from flowengine.analysis.checking import check_flow
from flowengine.analysis.proof.telling import explained
from flowengine.cli.counterexamples import KeptProofs, Refutation
from flowengine.cli.reading import library_of, read_source
from flowengine.cli.sources import STDIN
from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import Library
from flowengine.source import Diagnostic

FEW: Final = 16
"""Up to so many files are checked sooner than another process has started."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in one file.

    Attributes:
        digest: SHA-256 of the text that was checked; None where it could not be read.
        alone: Whether no other file was asked for.
        proofs: What each proof rests on, a line each, where that was asked for.
        refuted: What was refuted, and how to play it.
    """

    found: list[Diagnostic] = field(repr=False)
    digest: bytes | None
    alone: bool
    proofs: tuple[str, ...] = ()
    refuted: tuple[Refutation, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is open in the file, whatever becomes of others."""
        return self.alone and all(each.suppression is not None for each in self.found)


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_files(
    paths: Sequence[str], jobs: int, check: Callable[[str], Result]
) -> Iterator[Result]:
    """Check flow files, in as many processes as jobs where there are many of them.

    Args:
        check: How to check one of them: `check_file` or `prove_file`.
    """
    _library.cache_clear()  # files may have changed since this process was last asked
    if jobs == 1 or len(paths) <= FEW:
        yield from map(check, paths)
        return
    from flowengine.cli.processes import spread  # noqa: PLC0415 - slow to import

    yield from spread(check, paths, jobs)


def check_file(path: str) -> Result:
    """Check one flow file, or standard input."""
    return _checked(path, KeptProofs())


def prove_file(path: str) -> Result:
    """Check one flow file, or standard input, and say what its proofs rest on."""
    kept = KeptProofs()
    result = _checked(path, kept)
    lines = (line for proof in kept.proofs for line in explained(proof))
    return (
        result
        if any(each.is_fatal for each in result.found)
        else replace(result, proofs=tuple(lines))
    )


def _checked(path: str, kept: KeptProofs) -> Result:
    source, found = read_source(path)
    if source is None:
        return Result(found, None, alone=True)
    library = _Noting(_library(path if path == STDIN else str(Path(path).parent / "any")))
    _, found = check_flow(source, library, prove=kept)
    digest = sha256(source.text.encode("utf-8", "surrogatepass")).digest()
    refuted = tuple(kept.player.refuted)
    return Result(found, digest, alone=not library.asked, refuted=refuted)


@cache
def _library(neighbour: str) -> Library:
    """Give the flows of a folder, which are read once however many of its flows use them."""
    return library_of(neighbour)


class _Noting:
    """A library that notes whether it was asked for anything."""

    def __init__(self, inner: Library) -> None:
        self._inner = inner
        self.asked = False

    def find(self, name: str) -> FlowDefinition | None:
        """Give a flow as written."""
        self.asked = True
        return self._inner.find(name)

    def names(self) -> Iterable[str]:
        """Name them."""
        self.asked = True
        return self._inner.names()
