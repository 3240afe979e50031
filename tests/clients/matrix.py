"""Prints which client speaks which challenge: ``python -m tests.clients.matrix``.

The tests of this folder are run, and each that is marked with ``speaks`` fills its cells. The exit
code is 0 where every cell is green or has a reason why it is not, 1 where a test failed or was
skipped or a cell is neither, 2 where the tests could not be run. A dash is what a client does not
speak; the numbers are of the reasons, which follow the tables. In a terminal that is too narrow for
their names the clients have letters, which each table explains.

With ``--of FILE`` no test is run: the results are those of a report that pytest wrote, and a test
that is not in it did not run.
"""

from __future__ import annotations

import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from string import ascii_lowercase
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tests.clients.speaking import NOT_SPOKEN, TABLES, Table, spoken_by

_NARROWEST: Final = 124
"""Columns of a terminal that the tables need, with the clients' names."""
_LONGEST: Final = max(len(row) for table in TABLES for row in table.rows)
_WIDEST_CELL: Final = len("? 10")
_FOLDER: Final = Path(__file__).parent
_IMPORTED: Final = (
    "-Wignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
)
"""What is tested has a plugin of pytest, and was imported here before pytest looked for plugins."""
_GREEN: Final = Text("✓", style="green")
_RED: Final = Text("✗", style="bold red")
_DASH: Final = Text("\N{EN DASH}", style="dim")
_UNKNOWN: Final = Text("?", style="bold yellow")

Cell = tuple[str, str]
"""A row, and a client."""


class Results:
    """A plugin of pytest: what became of the tests that fill each cell."""

    def __init__(self) -> None:
        """Begin with none."""
        self.ran: dict[Cell, set[str]] = defaultdict(set)
        self.failed: set[Cell] = set()
        self.skipped: dict[Cell, str] = {}
        self._cells: dict[str, set[Cell]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that fill a cell."""
        items[:] = [item for item in items if spoken_by(item.iter_markers())]
        self._cells = {item.nodeid: spoken_by(item.iter_markers()) for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Enter what a test, its preparation or its end came to."""
        cells = self._cells.get(report.nodeid, set())
        if report.skipped:
            self.skipped.update(dict.fromkeys(cells, _why(report)))
        elif report.failed:
            self.failed |= cells
        elif report.when == "call":
            for cell in cells:
                self.ran[cell].add(report.nodeid)

    def enter(self, report: Path) -> None:
        """Enter what became of the tests that were collected, as a JUnit report tells it."""
        cases = ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
        told = {(case.get("classname"), case.get("name")): case for case in cases}
        for nodeid, cells in self._cells.items():
            file, _, name = nodeid.partition("::")
            case = told.get((file.removesuffix(".py").replace("/", "."), name))
            if case is None:
                continue
            if (skip := case.find("skipped")) is not None:
                why = f"not run there: {skip.get('message', '')}"
                self.skipped.update(dict.fromkeys(cells, why))
            elif case.find("failure") is not None or case.find("error") is not None:
                self.failed |= cells
            else:
                for cell in cells:
                    self.ran[cell].add(nodeid)


def _why(report: pytest.TestReport) -> str:
    """Give the reason of a skip, which pytest keeps with its place."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"not run here: {told.removeprefix('Skipped: ')}"


def cells_of(table: Table) -> Iterator[Cell]:
    """Give the cells of a table, row by row."""
    for row in table.rows:
        for client in table.columns:
            yield row, client


def drawn(
    table: Table, results: Results, reasons: list[str], *, narrow: bool = False
) -> tuple[RichTable, bool]:
    """Draw a table; with whether all is well.

    Args:
        reasons: Those to which cells refer by number; what this table adds is put behind.
        narrow: Whether clients have letters; ``legend`` explains them.
    """
    drawing = RichTable(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0 if narrow else 1))
    drawing.add_column(table.title, vertical="bottom", no_wrap=True, min_width=_LONGEST)
    for letter, client in zip(ascii_lowercase, table.columns, strict=False):
        drawing.add_column(
            letter if narrow else _heading(client),
            vertical="bottom",
            no_wrap=True,
            justify="center",
            min_width=_WIDEST_CELL,
        )
    well = True
    for row in table.rows:
        cells = [_cell((row, client), results, reasons) for client in table.columns]
        well = well and not {cell.plain[0] for cell in cells} & {_RED.plain, _UNKNOWN.plain}
        drawing.add_row(row, *cells)
    return drawing, well


def legend(table: Table) -> Text:
    """Say which client each letter of a narrow table is."""
    named = zip(ascii_lowercase, table.columns, strict=False)
    return Text(", ".join(f"{letter}={client}" for letter, client in named), style="dim")


def _heading(client: str) -> str:
    """Break a name where it may be."""
    return re.sub("- *| +", lambda found: f"{found[0].strip()}\n", client)


def _cell(cell: Cell, results: Results, reasons: list[str]) -> Text:
    if cell in results.failed:
        return _RED
    if cell in results.skipped:
        return _with_reason(_UNKNOWN, results.skipped[cell], reasons)
    if cell in results.ran:
        return _GREEN
    if cell in NOT_SPOKEN:
        return _with_reason(_DASH, NOT_SPOKEN[cell], reasons)
    return _UNKNOWN


def _with_reason(sign: Text, reason: str, reasons: list[str]) -> Text:
    if reason not in reasons:
        reasons.append(reason)
    return Text(f"{sign.plain} {reasons.index(reason) + 1}", style=sign.style)


def main() -> int:
    """Run the tests, or read what became of them, and print the tables."""
    results = Results()
    match sys.argv[1:]:
        case ["--of", report]:
            code = _collected(results)
            results.enter(Path(report))
        case options:
            code = _pytest(results, "-q", *options)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return 2
    return 0 if _printed(results) and code == pytest.ExitCode.OK else 1


def _pytest(results: Results, *options: str) -> int:
    common = ("-p", "no:cacheprovider", "--no-header", _IMPORTED)
    return pytest.main([str(_FOLDER), *common, *options], plugins=[results])


def _collected(results: Results) -> int:
    """Find the tests that fill a cell, and run none."""
    with redirect_stdout(io.StringIO()):
        return _pytest(results, "-q", "--collect-only")


def _printed(results: Results) -> bool:
    """Print the tables; whether all is well."""
    console, reasons = Console(), list[str]()
    narrow = console.is_terminal and console.width < _NARROWEST
    console.width = console.width if narrow else max(console.width, _NARROWEST)
    well = True
    for table in TABLES:
        drawing, whole = drawn(table, results, reasons, narrow=narrow)
        console.print()
        console.print(drawing)
        if narrow:
            console.print(legend(table))
        well = well and whole
    console.print()
    for number, reason in enumerate(reasons, 1):
        console.print(Text(f"{number:3}  {reason}", style="dim"))
    return well


if __name__ == "__main__":
    sys.exit(main())
