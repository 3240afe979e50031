"""The matrix of clients has no hole, and says nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module  # noqa: TID251 - the files of tests are read as they are found
from pathlib import Path

import pytest
from rich.console import Console

from flowengine import resources
from tests.clients.matrix import Results, cells_of, drawn, legend
from tests.clients.speaking import AUTH_FLOWS, NOT_SPOKEN, TABLES, Table, spoken_by

FOLDER = Path(__file__).parent
CELLS = {cell for table in TABLES for cell in cells_of(table)}
REASONS = NOT_SPOKEN.keys()


def marked() -> set[tuple[str, str]]:
    """Give the cells that the tests of this folder fill, read from their marks."""
    return {cell for path in sorted(FOLDER.glob("test_*.py")) for cell in cells_in(path)}


def cells_in(path: Path) -> Iterator[tuple[str, str]]:
    module = import_module(f"tests.clients.{path.stem}")
    where = vars(module).get("pytestmark")
    ways = [()]
    if isinstance(where, pytest.MarkDecorator) and where.args[0] == "where":
        ways = [each.marks for each in where.args[1]]
    for name, test in vars(module).items():
        if name.startswith("test_"):
            for way in ways:
                yield from spoken_by((*getattr(test, "pytestmark", []), *way))


def test_every_cell_is_tested_or_has_a_reason_why_it_is_not() -> None:
    assert CELLS - marked() - REASONS == set()


def test_every_auth_flow_that_a_deployment_can_name_is_a_row() -> None:
    schema = json.loads(resources.grammar("deployment.schema.json"))
    pool = schema["properties"]["pools"]["additionalProperties"]["properties"]
    client = pool["clients"]["additionalProperties"]["properties"]
    assert set(client["auth_flows"]["propertyNames"]["enum"]) <= set(AUTH_FLOWS)


def test_no_cell_is_both() -> None:
    assert marked() & REASONS == set()


def test_marks_and_reasons_name_cells_that_there_are() -> None:
    assert marked() | REASONS <= CELLS


def test_a_hole_a_failure_and_a_skip_are_seen() -> None:
    table = Table("Some", ("SMS_MFA",), ("boto3", "amplify"))
    results, reasons = Results(), list[str]()
    results.ran["SMS_MFA", "boto3"].add("a test")
    assert not drawn(table, results, reasons)[1]
    results.ran["SMS_MFA", "amplify"].add("another")
    assert drawn(table, results, reasons)[1]
    results.skipped["SMS_MFA", "amplify"] = "not run here"
    assert not drawn(table, results, reasons)[1]
    assert reasons == ["not run here"]
    results.skipped.clear()
    results.failed.add(("SMS_MFA", "boto3"))
    assert not drawn(table, results, reasons)[1]


@pytest.mark.parametrize(("columns", "narrow"), [(80, True), (124, False)])
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.title)
def test_a_table_fits_into_its_terminal(table: Table, columns: int, *, narrow: bool) -> None:
    results, reasons = Results(), [str(number) for number in range(9)]
    results.skipped = dict.fromkeys(cells_of(table), "not run here")
    console = Console(width=500, color_system=None)
    with console.capture() as captured:
        console.print(drawn(table, results, reasons, narrow=narrow)[0])
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= columns
    assert sum("? 10" in line for line in lines) == len(table.rows)
    assert lines[-1].count("? 10") == len(table.columns)
    assert legend(table).plain.count(", ") == len(table.columns) - 1


def test_what_did_not_run_is_not_green_nor_in_what_a_report_tells(tmp_path: Path) -> None:
    report = str(tmp_path / "junit.xml")
    ran = printed("--ignore-glob=*/test_[a-u]*.py", f"--junitxml={report}")
    told = printed("--of", report)
    assert (ran.returncode, told.returncode) == (1, 1), ran.stderr + told.stderr
    lines = told.stdout.splitlines()
    assert lines[0] == ""
    assert lines == ran.stdout.splitlines()[-len(lines) :]
    (line,) = [line for line in lines if "access token" in line]
    assert line.count("✓") == 3
    (line,) = [line for line in lines if "SMS_MFA" in line]
    assert "?" in line


def test_a_report_of_failures_and_skips_is_read_as_they_are_seen(tmp_path: Path) -> None:
    report, cell = tmp_path / "junit.xml", ("id token", "PyJWT")
    case = '<testcase classname="tests.clients.test_any" name="test_it[a/b.py]">{}</testcase>'
    seen = []
    for outcome in ("", "<failure/>", "<error/>", '<skipped message="no browser"/>'):
        results = Results()
        results._cells = {"tests/clients/test_any.py::test_it[a/b.py]": {cell}}
        report.write_text(f"<testsuites><testsuite>{case.format(outcome)}</testsuite></testsuites>")
        results.enter(report)
        seen.append((bool(results.ran), results.failed, results.skipped))
    assert seen == [
        (True, set(), {}),
        (False, {cell}, {}),
        (False, {cell}, {}),
        (False, set(), {cell: "not run there: no browser"}),
    ]


def printed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "tests.clients.matrix", *arguments)
    root = FOLDER.parents[1]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
