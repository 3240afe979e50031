"""Sign-ins that are played against the real engine: ``*.flowtest.yaml``, or values made in code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowengine.errors import InvalidDocumentError
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from flowengine.testing.scenarios.coverage import Count, FlowCoverage, coverage_of
from flowengine.testing.scenarios.definition import BACKEND, SUFFIX, Scenario, Step
from flowengine.testing.scenarios.making import Way, scenario_of
from flowengine.testing.scenarios.moves import Move, UnwritableError
from flowengine.testing.scenarios.people import MAILBOX
from flowengine.testing.scenarios.playing import play
from flowengine.testing.scenarios.reader import ScenarioFile, read_file, read_text
from flowengine.testing.scenarios.recording import GuardOutcome
from flowengine.testing.scenarios.results import ScenarioResult

__all__ = [
    "BACKEND",
    "MAILBOX",
    "SUFFIX",
    "Count",
    "FlowCoverage",
    "GuardOutcome",
    "Move",
    "Scenario",
    "ScenarioFile",
    "ScenarioResult",
    "Step",
    "UnwritableError",
    "Way",
    "coverage_of",
    "find_scenario_files",
    "play",
    "read_file",
    "run_scenario",
    "run_scenarios",
    "scenario_of",
]


def run_scenarios(path: str | Path) -> list[ScenarioResult]:
    """Play the scenarios of a file, or of all ``*.flowtest.yaml`` below a folder.

    Raises:
        InvalidDocumentError: A file or its flow cannot be used; ``diagnostics`` say why and where.
    """
    given = Path(path)
    files = find_scenario_files(given) if given.is_dir() else iter((given,))
    return [result for file in files for result in _run_file(file)]


def run_scenario(
    scenario: Scenario, *, program: FlowProgram | None = None, folder: str | Path = "."
) -> ScenarioResult:
    """Play a scenario that was made in code, as it would be written.

    Args:
        program: Its flow, where the caller has compiled it.
        folder: Else, where its flow is looked for.

    Raises:
        InvalidDocumentError: It cannot be written as a file that could be played.
    """
    source = SourceText(f"{scenario.flow}{SUFFIX}", scenario.to_yaml())
    file, found = read_text(source, Path(folder), program)
    if file is None:
        raise InvalidDocumentError(found)
    return play(file.scenarios[0], file.program)


def find_scenario_files(folder: Path, suffix: str = SUFFIX) -> Iterator[Path]:
    """Find the files of scenarios below a folder, in order; what is hidden is left out.

    Args:
        suffix: How their names end; flows are found in the same way.
    """
    for path in sorted(folder.rglob(f"*{suffix}")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _run_file(path: Path) -> list[ScenarioResult]:
    file, found = read_file(path)
    if file is None:
        raise InvalidDocumentError(found)
    return [play(each, file.program) for each in file.scenarios]
