"""Scenarios that are made in code: written, read again, and played."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine import documents
from flowengine.errors import InvalidDocumentError
from flowengine.flow.loading import load_flow
from flowengine.source import SourceText
from flowengine.testing import Scenario, Step, coverage_of, run_scenario, run_scenarios
from flowengine.testing.scenarios.reader import read_text
from tests.testing.scenes import FLOWS

FULL = Scenario(
    name="a counter-example: all that one can say",
    flow="password",
    summary="Everything",
    users={"ada": {"has": ["totp"], "groups": ["on", "1e3"], "attributes": {"zoneinfo": "0o7"}}},
    user="ada",
    auth_flow="USER_PASSWORD_AUTH",
    device="confirmed",
    request={"ip": "203.0.113.7", "metadata": {"k": "null"}, "context": {"ip": "10.0.0.1"}},
    pool={"mfa": "optional", "device_challenge": False},
    client={"session_validity": "5m"},
    steps=(
        Step("expect", {"challenge": "SOFTWARE_TOKEN_MFA", "node": "after/second-factor/totp"}),
        Step("answer", "wrong"),
        Step("wait", "4m"),
        Step("answer", {"totp": "now"}),
    ),
    outcome={"success": {"evidence": ["password", "totp"]}},
)
CHARACTERS = st.characters(exclude_categories=["Cs"])
KEYS = st.from_regex("[a-z]{1,5}", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(CHARACTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def test_what_is_written_reads_back_as_the_same_scenario() -> None:
    file, found = read_text(SourceText("x.flowtest.yaml", FULL.to_yaml()), FLOWS)
    assert file is not None, [each.message for each in found]
    assert file.scenarios[0].scenario == FULL


def test_a_scenario_of_code_is_played() -> None:
    assert run_scenario(FULL, folder=FLOWS).passed
    program = load_flow(FLOWS / "password.flow.yaml")
    (covered,) = coverage_of([run_scenario(FULL, program=program)])
    assert covered.program.name == "password"
    assert "plain-password" not in covered.missed_nodes


def test_a_scenario_that_cannot_be_written_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidDocumentError, match="5:14: expected a duration"):
        run_scenario(Scenario("it", "password", "success", (Step("wait", "soon"),)), folder=FLOWS)


def test_a_file_that_cannot_be_played_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.flowtest.yaml"
    path.write_text("flow: x\n")
    with pytest.raises(InvalidDocumentError, match="scenarios"):
        run_scenarios(path)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_whatever_is_written_reads_back(value: dict[str, object]) -> None:
    document, found = documents.load(SourceText("x", documents.write(value)))
    assert document is not None, [each.message for each in found]
    assert documents.plain(document.root) == value


def test_secrets_are_in_no_repr() -> None:
    scenario = Scenario("it", "f", "success", (Step("answer", {"password": "Hunter2!"}),),
                        users={"ada": {"password": "Hunter2!"}})  # fmt: skip
    assert "Hunter2!" not in repr(scenario)
