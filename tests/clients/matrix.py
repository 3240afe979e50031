"""Prints which client speaks which challenge: ``python -m tests.clients.matrix``.

The tests of this folder are run, and each that is marked with ``speaks`` fills its cells. The exit
code is 0 where every cell is green or has a reason why it is not, 1 where a test failed or a cell
is neither, 2 where the tests could not be run. A dash is the client's doing, ``!`` is the server's.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tests.clients.speaking import LACKING, NOT_SPOKEN, TABLES, Table, spoken_by

_NARROWEST: Final = 110
"""Columns that the tables need; a narrower terminal wraps them."""
_FOLDER: Final = Path(__file__).parent
_GREEN: Final = Text("✓", style="green")
_RED: Final = Text("✗", style="bold red")
_DASH: Final = "\N{EN DASH}"
_UNKNOWN: Final = Text("?", style="bold yellow")

Cell = tuple[str, str]
"""A row, and a client."""


class Results:
    """A plugin of pytest: what became of the tests that fill each cell."""

    def __init__(self) -> None:
        """Begin with none."""
        self.ran: dict[Cell, set[str]] = defaultdict(set)
        self.failed: set[Cell] = set()
        self._cells: dict[str, set[Cell]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that fill a cell."""
        items[:] = [item for item in items if spoken_by(item.iter_markers())]
        self._cells = {item.nodeid: spoken_by(item.iter_markers()) for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Enter what a test, its preparation or its end came to."""
        cells = self._cells.get(report.nodeid, set())
        for cell in cells:
            if report.when == "call" and report.passed:
                self.ran[cell].add(report.nodeid)
        if not report.passed:
            self.failed |= cells


def cells_of(table: Table) -> Iterator[Cell]:
    """Give the cells of a table, row by row."""
    for row in table.rows:
        for client in table.columns:
            yield row, client


def drawn(table: Table, results: Results) -> tuple[RichTable, list[str], bool]:
    """Draw a table; with the reasons its cells refer to by number, and whether all is well."""
    drawing = RichTable(title=table.title, title_justify="left")
    drawing.add_column("", no_wrap=True)
    for client in table.columns:
        drawing.add_column(client, justify="center", no_wrap=True)
    reasons: list[str] = []
    well = True
    for row in table.rows:
        cells = [_cell((row, client), results, reasons) for client in table.columns]
        well = well and _RED not in cells and _UNKNOWN not in cells
        drawing.add_row(row, *cells)
    return drawing, reasons, well


def _cell(cell: Cell, results: Results, reasons: list[str]) -> Text:
    if cell in results.failed:
        return _RED
    if cell in results.ran:
        return _GREEN
    reason = LACKING.get(cell) or NOT_SPOKEN.get(cell)
    if reason is None:
        return _UNKNOWN
    if reason not in reasons:
        reasons.append(reason)
    sign, style = ("!", "bold red") if cell in LACKING else (_DASH, "dim")
    return Text(f"{sign} {reasons.index(reason) + 1}", style=style)


def main() -> int:
    """Run the tests and print the tables."""
    results = Results()
    options = ["-q", "-p", "no:cacheprovider", "--no-header", *sys.argv[1:]]
    code = pytest.main([str(_FOLDER), *options], plugins=[results])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return 2
    console = Console()
    console.width = max(console.width, _NARROWEST)
    well = code == pytest.ExitCode.OK
    for table in TABLES:
        drawing, reasons, whole = drawn(table, results)
        console.print()
        console.print(drawing)
        for number, reason in enumerate(reasons, 1):
            console.print(Text(f"{number}: {reason}", style="dim"))
        well = well and whole
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
