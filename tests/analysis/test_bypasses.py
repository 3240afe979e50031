"""Published bypasses, each as a flow that check refuses with a path, beside its repaired twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted, Verdict
from flowengine.flow.loading import load_source
from flowengine.source import SourceText

FOLDER = Path(__file__).parent / "bypasses"
NAMES = sorted(path.name.removesuffix(".bad.flow.yaml") for path in FOLDER.glob("*.bad.flow.yaml"))


def verdicts(name: str) -> list[Verdict]:
    path = FOLDER / name
    program, found = load_source(SourceText(name, path.read_text()))
    assert program is not None, found
    proof = FlowProof(program)
    return [each.verdict for each in (*proof.require, *proof.needs, *proof.levels)]


@pytest.mark.parametrize("name", NAMES)
def test_a_published_bypass_is_refuted_by_its_path(name: str) -> None:
    refuted = [each for each in verdicts(f"{name}.bad.flow.yaml") if isinstance(each, Refuted)]
    assert refuted
    for each in refuted:
        assert each.by.steps or each.by.start == each.by.end


@pytest.mark.parametrize("name", NAMES)
def test_its_repaired_twin_is_proved(name: str) -> None:
    found = verdicts(f"{name}.good.flow.yaml")
    assert found
    assert [each for each in found if not isinstance(each, Proved)] == []


def test_every_pair_is_whole() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{name}.{kind}.flow.yaml" for name in NAMES for kind in ("bad", "good")
    }
