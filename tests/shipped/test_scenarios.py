"""The scenarios of the flows that ship, and of the examples: all pass, and cover their flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.testing import coverage_of, run_scenarios
from tests.cli.commanding import ROOT

FILES = sorted([*(ROOT / "flows").glob("*.flow.yaml"), *(ROOT / "examples").rglob("*.flow.yaml")])


@pytest.mark.parametrize("flow", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_flow_has_scenarios_that_pass_and_cover_it(flow: Path) -> None:
    results = run_scenarios(flow.with_name(flow.name.replace(".flow.", ".flowtest.")))
    failed = [(each.name, each.failure.message) for each in results if each.failure]
    assert failed == []
    (covered,) = coverage_of(results)
    assert {name: count.percent for name, count in covered.counts.items()} == {
        "nodes": 100,
        "edges": 100,
        "guard outcomes": 100,
    }


@pytest.mark.parametrize("flow", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_flow_has_a_success_and_a_refusal(flow: Path) -> None:
    text = flow.with_name(flow.name.replace(".flow.", ".flowtest.")).read_text()
    assert "outcome: {success" in text
    assert "refused" in text
