"""Each rule over proofs has a page, a bad flow, its near-miss, and what is said of the bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.analysis.checking import check_source
from flowengine.analysis.proved.rules import PROOF_RULES
from flowengine.cli.report import report
from flowengine.source import Diagnostic, SourceText

ROOT = Path(__file__).parents[3]
NAMES = [rule.NAME for rule in PROOF_RULES]


def found(rule: str, which: str) -> list[Diagnostic]:
    name = f"{which}.flow.yaml"
    text = (ROOT / "tests" / "golden" / "rules" / rule / name).read_text()
    return [e for e in check_source(SourceText(name, text)) if e.rule in NAMES]


@pytest.mark.parametrize("rule", NAMES)
def test_a_bad_flow_is_told_and_its_near_miss_is_not(rule: str) -> None:
    bad = found(rule, "bad")
    assert [each.rule for each in bad] == [rule]
    lines = ["".join(piece.text for piece in line) for line in report(bad)]
    expected = ROOT / "tests" / "golden" / "rules" / rule / "expected.txt"
    assert "\n".join(lines) == expected.read_text()
    assert found(rule, "good") == []


@pytest.mark.parametrize("rule", NAMES)
def test_a_page_says_what_the_rule_finds_and_how_bad_it_is(rule: str) -> None:
    page = (ROOT / "docs" / "rules" / f"{rule}.md").read_text()
    assert page.startswith(f"# {rule}\n")
    (severity,) = {each.severity.value for each in found(rule, "bad")}
    assert f", {severity}.*" in page
