"""Published bypasses, each as a file that ``check`` refuses, beside its repaired twin.

What is run is the command itself; which rule each file breaks stands in docs/INCIDENTS.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from flowengine.cli.__main__ import run
from tests.analysis.incidents import bad_file, good_file, incidents, names

NAMES: Final = names()
BROKEN: Final = {name: rules for each in incidents() for name, rules in each.pairs.items()}
PROMISES: Final = ("require", "needs", "level", "client-require")
_PROMISED: Final = re.compile(r": (require|needs|level) `.*` (?:of node '\S+' )?(\S+) ")

Check = Callable[[Path], dict[str, Any]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Give the command, with its exit code beside what it prints as JSON."""

    def checked(path: Path) -> dict[str, Any]:
        code = run(["check", "--no-cache", "--jobs", "1", "--format", "json", str(path)])
        return {"code": code, **json.loads(capsys.readouterr().out)}

    return checked


def _of(bad: Path) -> list[Path]:
    """Give a flow; of a deployment, all its files."""
    return [bad] if bad.name.endswith(".flow.yaml") else sorted(bad.parent.iterdir())


def _lines(path: Path) -> set[str]:
    return {line for each in _of(path) for line in each.read_text().splitlines()}


def _required(path: Path) -> list[Any]:
    """Give what a file requires: each flow by its name, and each client of a deployment."""
    found: list[Any] = []
    for each in _of(path):
        written = yaml.safe_load(each.read_text())
        found.append(written.get("require"))
        for pool in written.get("pools", {}).values():
            found += [client.get("require") for client in pool["clients"].values()]
    return found


BY_ALL = ("token-alone", "enrolment-weaker")
"""What no single line is to blame for, but all ways to one."""


@pytest.mark.parametrize("name", NAMES)
def test_a_published_bypass_is_refused_for_what_it_is(name: str, check: Check) -> None:
    checked = check(bad_file(name))
    errors = [each for each in checked["findings"] if each["severity"] == "error"]
    assert checked["code"] == 1
    assert {each["rule"] for each in errors} == BROKEN[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_breaks_a_promise_is_refuted_by_a_path(name: str, check: Check) -> None:
    for each in check(bad_file(name))["findings"]:
        if each["rule"].removesuffix("-not-proved") in PROMISES:
            first, *steps, last = each["notes"]
            assert re.match(r"a sign-in( by [A-Z_]+)? begins at \S+$", first)
            assert all(" -> " in step for step in steps)
            assert " is come to where " in last
        elif each["severity"] == "error" and each["rule"] not in BY_ALL:
            lines = Path(each["file"]).read_text().splitlines()
            assert lines[each["start"]["line"] - 1] not in _lines(good_file(name))


@pytest.mark.parametrize("name", NAMES)
def test_its_repaired_twin_is_proved_and_has_no_finding(
    name: str, check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    good = good_file(name)
    checked = check(good)
    assert [each for each in checked["findings"] if each["suppression"] is None] == []
    assert checked["code"] == 0
    assert run(["check", "--no-cache", "--explain-proof", str(good)]) == 0
    told = _PROMISED.findall(capsys.readouterr().out)
    of_flows = [yaml.safe_load(e.read_text()).get("require", []) for e in _of(good)]
    assert [what for what, _ in told].count("require") == sum(map(len, of_flows)) > 0
    assert {verdict for _, verdict in told} == {"proved"}


@pytest.mark.parametrize("name", NAMES)
def test_a_twin_demands_what_the_bad_one_demands(name: str) -> None:
    bad, good = bad_file(name), good_file(name)
    assert _required(bad) == _required(good)
    assert _lines(bad) != _lines(good)


def test_every_pair_is_whole_and_stands_in_one_row_of_the_table() -> None:
    told = [name for each in incidents() for name in each.pairs]
    assert sorted(told) == NAMES
    ends = (".bad", ".good", ".bad.flow.yaml", ".good.flow.yaml")
    for path in bad_file(NAMES[0]).parent.iterdir():
        assert path.name.endswith(ends), path
        name = re.sub(r"\.(bad|good)(\.flow\.yaml)?$", "", path.name)
        assert bad_file(name).is_file()
        assert good_file(name).is_file()
