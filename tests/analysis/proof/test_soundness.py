"""The prover beside an exhaustive exploration by the pure ``step``."""

from __future__ import annotations

from collections import Counter
from itertools import chain, count
from typing import Final

from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.verdict import Proved, Refuted, Unproven
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests.analysis.proof.drawing import Drawing
from tests.analysis.proof.exploring import SOAK, TooManyStepsError, explore

FLOWS: Final = 5000 if SOAK else 40
FOUND: Final = (2457, 4951)
"""Seeds of flows that once had a wrong answer, on this side or the other."""


def _agree(promise: Promise, shortest: int | None, drawn: Drawing, seed: int) -> str:
    """Hold one verdict against what was found; give what it was."""
    place = f"seed {seed}: {promise.condition.text}\n{drawn.text}\n{promise.verdict}"
    match promise.verdict:
        case Proved():
            assert shortest is None, f"proved, and it breaks: {place}"
            return "proved"
        case Refuted(example):
            assert shortest == len(example.steps), f"{shortest} arrows are enough: {place}"
            return "refuted"
        case Unproven():
            assert not drawn.exact, f"nothing in it is opaque: {place}"
            return "unproven"


def test_no_verdict_is_wrong_and_no_counterexample_could_be_shorter() -> None:
    told: Counter[str] = Counter()
    for seed in chain(FOUND, count(1)):
        if told["flows"] >= FLOWS:
            break
        drawn = Drawing(seed)
        program, _ = load_source(SourceText("drawn", drawn.text))
        if program is None:
            told["refused"] += 1
            continue
        try:
            broken = explore(program, drawn.text)
        except TooManyStepsError:
            told["large"] += 1
            continue
        told["flows"] += 1
        proof = FlowProof(program)
        for number, promise in enumerate(proof.require):
            told[_agree(promise, broken.require.get(number), drawn, seed)] += 1
        for promise in proof.needs:
            told[_agree(promise, broken.needs.get(promise.node or ""), drawn, seed)] += 1
    assert min(told["proved"], told["refuted"]) > FLOWS // 4
