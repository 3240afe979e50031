"""pytest collects scenarios, and tells a failure as the command does."""

from __future__ import annotations

import pytest

from tests.cli.test_scenarios import FAILURE, FLOW, SCENARIOS

pytest_plugins = ["pytester"]
PLUGIN = ("-p", "flowengine.pytest_plugin", "-p", "no:cacheprovider")


def test_each_scenario_is_a_test(pytester: pytest.Pytester) -> None:
    (pytester.path / "login.flow.yaml").write_text(FLOW)
    (pytester.path / "login.flowtest.yaml").write_text(SCENARIOS)
    result = pytester.runpytest_subprocess(*PLUGIN, "-v")
    result.assert_outcomes(passed=1, failed=1)
    told = FAILURE.replace("  in scenario: one fails\n", "")
    assert told.strip() in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    one = pytester.runpytest_subprocess(*PLUGIN, "login.flowtest.yaml::one passes")
    one.assert_outcomes(passed=1)


def test_a_file_that_cannot_be_played_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    (pytester.path / "x.flowtest.yaml").write_text("flow: x\nscenarios: {it: {outcome: fine}}\n")
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(errors=1)
    assert "x.flowtest.yaml:2:27: error: expected one of success" in result.stdout.str()


def test_other_files_are_left_to_others(pytester: pytest.Pytester) -> None:
    (pytester.path / "login.flow.yaml").write_text(FLOW)
    assert pytester.runpytest_subprocess(*PLUGIN).ret == pytest.ExitCode.NO_TESTS_COLLECTED
