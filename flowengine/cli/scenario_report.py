"""Prints what came of scenarios: what failed with the way that led there, and a line a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from flowengine.cli.escaping import escaped
from flowengine.cli.report import WIDTH, Piece, report
from flowengine.flow.machine import Decision
from flowengine.testing.scenarios import ScenarioResult

_MARGIN = "  "


def failure_lines(
    result: ScenarioResult, width: int = WIDTH, *, named: bool = True
) -> Iterator[list[Piece]]:
    """Give a failure as ``check`` gives a finding, then the way that led there.

    Args:
        named: Whether the scenario's name is told; nothing else tells it.
    """
    if result.failure is None:
        return
    lines = list(report([result.failure], width))[:-1]
    yield lines[0]
    if named:
        yield [Piece(f"{_MARGIN}in scenario: ", "dim"), Piece(escaped(result.name))]
    yield from lines[1:]
    yield from _way(result)


def file_lines(results: Sequence[ScenarioResult], *, verbose: bool) -> Iterator[list[Piece]]:
    """Give a line for each file, and one for each scenario where that was asked for."""
    files = [(file, list(found)) for file, found in groupby(results, key=lambda r: r.file)]
    column = max((len(escaped(file)) for file, _ in files), default=0)
    for file, found in files:
        failed = sum(not result.passed for result in found)
        counts = [Piece(f"{len(found) - failed} passed", "green" if failed == 0 else "")]
        if failed:
            counts += [Piece(", "), Piece(f"{failed} failed", "bold red")]
        yield [Piece(escaped(file).ljust(column + 2), "bold"), *counts]
        if verbose:
            yield from map(_scenario, found)


def summary(results: Sequence[ScenarioResult], broken: int) -> Piece:
    """Count everything: ``2 of 30 scenarios failed``."""
    failed = sum(not result.passed for result in results)
    noun = "scenario" if len(results) == 1 else "scenarios"
    text = (
        f"{failed} of {len(results)} {noun} failed" if failed else f"{len(results)} {noun} passed"
    )
    if broken:
        text += f", {broken} file{'' if broken == 1 else 's'} could not be played"
    return Piece(text, "bold red" if failed or broken else "bold green")


def plain_text(lines: Iterable[Sequence[Piece]]) -> str:
    """Give lines as text without styles."""
    return "\n".join("".join(piece.text for piece in line) for line in lines)


def _scenario(result: ScenarioResult) -> list[Piece]:
    mark = Piece("ok      ", "green") if result.passed else Piece("failed  ", "bold red")
    return [Piece(_MARGIN), mark, Piece(escaped(result.name))]


def _way(result: ScenarioResult) -> Iterator[list[Piece]]:
    if result.trail:
        yield [Piece(f"{_MARGIN}the way there:", "dim")]
    for decision in result.trail:
        yield [Piece(f"{_MARGIN * 2}{step_text(decision)}"), Piece(_why(decision), "dim")]
    for condition in result.unmet:
        yield [Piece(f"{_MARGIN * 2}require is not met: {escaped(condition)}", "yellow")]


def step_text(decision: Decision) -> str:
    """Give a decision as ``node (outcome) -> target``."""
    outcome = "" if decision.outcome == "decide" else f" ({decision.outcome})"
    return escaped(f"{decision.node}{outcome} -> {decision.target or 'refused'}")


def _why(decision: Decision) -> str:
    if decision.text is None:
        return "  else" if decision.outcome == "decide" else ""
    if decision.target is None and not decision.failed:
        return f"  since {escaped(decision.text)} does not hold"
    value = "has no value" if decision.failed else "is true"
    return f"  since {escaped(decision.text)} {value}"
