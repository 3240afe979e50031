"""Lets pytest collect ``*.flowtest.yaml``: each scenario is a test, told as the command tells it.

pytest finds it by its entry point as soon as flowengine is installed, and does without it under
``-p no:flowengine.pytest_plugin``.
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any, Final

import pytest

# Nothing of flowengine is imported before there is a file of scenarios: every run loads this.
_SUFFIX: Final = ".flowtest.yaml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of scenarios; every other file is somebody else's."""
    if not file_path.name.endswith(_SUFFIX):
        return None
    collected: pytest.Collector = ScenariosFile.from_parent(parent, path=file_path)
    return collected


class ScenariosFile(pytest.File):
    """A ``*.flowtest.yaml``."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Give its scenarios.

        Raises:
            CollectError: It cannot be played; the text is what the command prints.
        """
        from flowengine.cli.report import report  # noqa: PLC0415 - as above
        from flowengine.cli.scenario_report import plain_text  # noqa: PLC0415 - as above
        from flowengine.testing.scenarios import read_file  # noqa: PLC0415 - as above

        file, found = read_file(_shown(self.path))
        if file is None:
            raise self.CollectError(plain_text(report(found)))
        for placed in file.scenarios:
            name = placed.scenario.name
            yield ScenarioItem.from_parent(self, name=name, placed=placed, program=file.program)


class ScenarioFailedError(Exception):
    """A scenario that came out otherwise; the text is what the command prints."""


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, placed: Any, program: Any, **more: Any) -> None:  # noqa: ANN401 - pytest's way of making nodes
        """Keep what is played."""
        super().__init__(**more)
        self._placed = placed
        self._program = program

    def runtest(self) -> None:
        """Play it.

        Raises:
            ScenarioFailedError: It came out otherwise.
        """
        from flowengine.cli.scenario_report import (  # noqa: PLC0415 - as above
            failure_lines,
            plain_text,
        )
        from flowengine.testing.scenarios import play  # noqa: PLC0415 - as above

        result = play(self._placed, self._program)
        if not result.passed:
            raise ScenarioFailedError(plain_text(failure_lines(result, named=False)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - pytest's signature
        """Tell a failure without a traceback, which would be all ours."""
        if isinstance(excinfo.value, ScenarioFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[PathLike[str], int, str]:
        """Say where it stands."""
        line = self._placed.source.position(self._placed.name.start).line
        return self.path, line - 1, self.name


def _shown(path: Path) -> Path:
    """Give a path as it is read best: from here, where it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
