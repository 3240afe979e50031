"""``flowengine test``: what passes, what fails, what was covered; for people and for machines."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from tests.cli.commanding import COMMAND, FLOWS, Here, surroundings

FLOW: Final = (FLOWS / "password-totp.flow.yaml").read_text()
SCENARIOS: Final = """\
flow: password-totp
users: {ada: {}, bob: {has: [totp]}}
scenarios:
  one passes:
    user: ada
    steps: [{answer: right}]
    outcome: success
  one fails:
    user: bob
    steps:
      - answer: right
      - expect: SMS_MFA
    outcome: success
"""
FAILURE: Final = """\
login.flowtest.yaml:12:9: error: expected challenge SMS_MFA, got SOFTWARE_TOKEN_MFA [scenario]
  in scenario: one fails
 12 |       - expect: SMS_MFA
    |         ^^^^^^^^^^^^^^^
  the way there:
    password (proved) -> totp  since user.has.totp is true
"""


@pytest.fixture
def failing(here: Here) -> Here:
    here.write("login.flow.yaml", FLOW)
    here.write("login.flowtest.yaml", SCENARIOS)
    return here


@pytest.fixture
def passing(failing: Here) -> Here:
    failing.write("login.flowtest.yaml", SCENARIOS[: SCENARIOS.index("  one fails")])
    return failing


def test_what_fails_is_shown_where_it_stands(failing: Here) -> None:
    assert failing("test") == 1
    assert failing.out == (
        f"login.flowtest.yaml  1 passed, 1 failed\n\n{FAILURE}\n1 of 2 scenarios failed\n"
    )


def test_what_passes_is_a_line_a_file_or_one_a_scenario(passing: Here) -> None:
    assert passing("test", "login.flowtest.yaml") == 0
    assert passing.out == "login.flowtest.yaml  1 passed\n\n1 scenario passed\n"
    assert passing("test", "-v", ".") == 0
    assert "\n  ok      one passes\n" in passing.out


def test_a_file_that_cannot_be_played_is_told_and_the_others_are_played(passing: Here) -> None:
    passing.write("other.flowtest.yaml", "flow: password-totp\nscenarios: {it: {outcome: fine}}\n")
    assert passing("test") == 1
    assert "other.flowtest.yaml:2:27: error: expected one of success" in passing.out
    assert passing.out.endswith("1 scenario passed, 1 file could not be played\n")


def test_a_flow_that_does_not_compile_is_told_in_its_own_file(passing: Here) -> None:
    passing.write("login.flow.yaml", FLOW.replace("goto: totp", "goto: topt"))
    assert passing("test") == 1
    assert re.search(r"^login\.flow\.yaml:\d+:\d+: error: ", passing.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nowhere"], "there is no file or folder nowhere"), (["."], "no *.flowtest.yaml in .")],
)
def test_nothing_to_play_is_a_matter_of_usage(here: Here, words: list[str], said: str) -> None:
    assert here("test", *words) == 2
    assert said in here.err


def test_coverage_says_what_was_never_come_to(passing: Here) -> None:
    assert passing("test", "--coverage", "text") == 0
    told = passing.out.split("\n\n")[1].splitlines()
    assert [re.sub(r" +", " ", line) for line in told] == [
        "coverage nodes edges guard outcomes",
        "password-totp 2/3 66 % 1/3 33 % 1/2 50 %",
        " never came to totp",
        " never took password (proved) -> totp",
        " never took totp (proved) -> done",
        " never true: user.has.totp, at password",
        "total 4/8 50 %",
    ]


@pytest.mark.parametrize(("percent", "code"), [("50", 0), ("50.1", 1), ("100", 1)])
def test_too_little_coverage_fails(passing: Here, percent: str, code: int) -> None:
    assert passing("test", "--fail-under", percent) == code
    assert ("50.0 % is covered, less than" in passing.out) is bool(code)


@pytest.fixture
def half(passing: Here) -> Here:
    """One flow that is covered, and one that no scenario is of."""
    steps = "SOFTWARE_TOKEN_MFA\n      - answer: right"
    passing.write("login.flowtest.yaml", SCENARIOS.replace("SMS_MFA", steps))
    assert passing("test", "--fail-under", "100") == 0
    passing.write("sub/other.flow.yaml", FLOW.replace("flow: password-totp", "flow: other"))
    return passing


def test_a_flow_that_no_scenario_is_of_counts_as_uncovered(half: Here) -> None:
    assert half("test", "--fail-under", "50") == 0
    assert half("test", "--fail-under", "50.1") == 1
    assert half.out.endswith("50.0 % is covered, less than 50.1 %\n")


@pytest.mark.parametrize("option", ["--coverage", "--format"])
def test_programs_are_told_of_a_flow_that_no_scenario_is_of(half: Here, option: str) -> None:
    assert half("test", option, "json") == 0
    told = json.loads(half.out)
    flows = told.get("coverage", told)["flows"]
    assert [(each["flow"], each["nodes"]["covered"]) for each in flows] == [
        ("password-totp", 3),
        ("other", 0),
    ]


def test_a_flow_that_no_scenario_is_of_is_told_in_one_line(passing: Here) -> None:
    passing.write("other.flow.yaml", FLOW.replace("flow: password-totp", "flow: other"))
    assert passing("test", ".", "login.flowtest.yaml", "--coverage", "text") == 0
    told = [line for line in passing.out.splitlines() if "other" in line or "no scenario" in line]
    assert [re.sub(r" +", " ", line) for line in told] == [
        "other 0/3 0 % 0/3 0 % 0/2 0 %",
        " no scenario comes to this flow",
    ]
    assert passing("test", "login.flowtest.yaml", "--coverage", "text") == 0
    assert "other" not in passing.out


def test_an_unplayed_flow_that_does_not_compile_is_no_green_run(passing: Here) -> None:
    other = FLOW.replace("flow: password-totp", "flow: other").replace("goto: totp", "goto: topt")
    passing.write("other.flow.yaml", other)
    assert passing("test") == 0
    assert passing("test", "--fail-under", "1") == 1
    assert re.search(r"^other\.flow\.yaml:\d+:\d+: error: ", passing.out, re.MULTILINE)
    assert "1 file could not be played" in passing.out


def test_coverage_for_programs_stands_alone_on_standard_output(passing: Here) -> None:
    assert passing("test", "--coverage", "json") == 0
    told = json.loads(passing.out)
    assert told["total"] == {"covered": 4, "total": 8}
    assert told["flows"][0]["missed"]["nodes"] == ["totp"]
    guard = {"from": "password", "outcome": "proved", "to": "totp", "when": "user.has.totp"}
    assert told["flows"][0]["missed"]["guard_outcomes"] == [{**guard, "never": "true"}]
    assert "1 scenario passed" in passing.err


def test_the_drawing_marks_what_was_missed(passing: Here) -> None:
    assert passing("test", "--coverage", "mermaid") == 0
    assert passing.out.startswith("stateDiagram-v2\n")
    assert "n_password --> n_totp : user.has.totp (not taken)" in passing.out
    assert "n_password --> n_done : else\n" in passing.out
    assert "class n_totp missed" in passing.out


def test_results_for_programs(failing: Here) -> None:
    assert failing("test", "--format", "json") == 1
    told = json.loads(failing.out)
    assert (told["passed"], told["failed"]) == (1, 1)
    failure = told["scenarios"][1]["failure"]
    assert (failure["line"], failure["column"]) == (12, 9)
    assert failure["message"] == "expected challenge SMS_MFA, got SOFTWARE_TOKEN_MFA"
    assert failure["trail"] == ["password (proved) -> totp"]


def test_junit_has_a_case_for_each_scenario_and_each_finding(failing: Here) -> None:
    failing.write("x.flowtest.yaml", "flow: nothing\nscenarios: {it: {outcome: success}}\n")
    assert failing("test", "--junit", "report.xml") == 1
    root = ET.parse(failing.folder / "report.xml").getroot()  # noqa: S314 - our own
    cases = [(case.get("name"), [part.tag for part in case]) for case in root.iter("testcase")]
    assert cases == [
        ("one passes", []),
        ("one fails", ["failure"]),
        ("unknown-flow", ["error"]),
    ]
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert "password (proved) -> totp" in failure.text


def test_junit_that_cannot_be_written_is_a_matter_of_usage(passing: Here) -> None:
    assert passing("test", "--junit", "no/where.xml") == 2


def test_what_a_file_says_does_not_reach_the_terminal_raw(passing: Here) -> None:
    text = SCENARIOS.replace("one fails", '"one\\u202efails"')
    passing.write("login.flowtest.yaml", text)
    assert passing("test", "-v", "--junit", "r.xml") == 1
    assert "one\\u202efails" in passing.out
    assert "\u202e" not in passing.out + (passing.folder / "r.xml").read_text()


def test_watching_plays_again_when_a_file_changes(passing: Here) -> None:
    process = subprocess.Popen(
        (*COMMAND, "test", "--watch"), cwd=passing.folder, text=True, stdout=subprocess.PIPE,
        env=surroundings(PYTHONUNBUFFERED="1"), start_new_session=True,
    )  # fmt: skip
    alarm = threading.Timer(30, process.kill)  # then what is read ends, and the test fails
    alarm.start()
    with process:
        assert _read_until(process, "scenario") == "1 scenario passed\n"
        passing.write("login.flowtest.yaml", SCENARIOS)
        assert _read_until(process, "scenarios failed") == "1 of 2 scenarios failed\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(10) == 1
    alarm.cancel()


def _read_until(process: subprocess.Popen[str], ending: str) -> str:
    assert process.stdout is not None
    found = (line for line in process.stdout if ending in line and line[0].isdigit())
    return next(found, "")
