"""What a proof refutes is played on the real engine, and only what is so is borne out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from flowengine.analysis.proof.claims import Claim
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Counterexample, Proved, Refuted, Unproven, Verdict
from flowengine.flow.compiler import compile_condition
from flowengine.flow.loading import beside, load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from flowengine.testing import run_scenario
from flowengine.testing.replaying import Replay, replay
from tests.analysis.incidents import bad_file, good_file, incidents
from tests.analysis.judging import SHIPPED
from tests.analysis.proof.drawing import Drawing

NAMES: Final = sorted(
    name
    for each in incidents()
    for name, rules in each.pairs.items()
    if rules & {"require-not-proved", "needs-not-proved", "level-not-proved"}
)
"""The pairs that are flows, of which the bad one breaks a promise."""
DRAWN: Final = 2000 if os.environ.get("FLOWENGINE_SOAK") else 40


def load(path: Path) -> FlowProgram:
    program, found = load_source(SourceText(path.name, path.read_text()), library=beside(path))
    assert program is not None, found
    return program


class Noting:
    """Plays, and notes what was played last."""

    def __init__(self) -> None:
        self.played: list[tuple[Counterexample, Claim, Replay]] = []

    def __call__(self, program: FlowProgram, example: Counterexample, claim: Claim) -> str | None:
        done = replay(program, example, claim)
        self.played.append((example, claim, done))
        return done.otherwise


def verdicts(program: FlowProgram, noting: Noting | None = None) -> list[Verdict]:
    proof = FlowProof(program, replayer=noting)
    return [each.verdict for each in (*proof.require, *proof.needs, *proof.levels)]


@pytest.mark.parametrize("name", NAMES)
def test_a_published_bypass_is_gone_by_the_engine_and_refused_at_its_end(name: str) -> None:
    program, noting = load(bad_file(name)), Noting()
    found = verdicts(program, noting)
    assert [each for each in found if isinstance(each, Unproven)] == []
    assert sum(isinstance(each, Refuted) for each in found) == sum(
        done.otherwise is None for _, _, done in noting.played
    )
    for _, _, done in noting.played:
        if done.otherwise is None:
            assert done.scenario is not None
            assert run_scenario(done.scenario, program=program).passed


@pytest.mark.parametrize("name", NAMES)
def test_on_its_repaired_twin_the_engine_does_not_bear_it_out(name: str) -> None:
    noting, good = Noting(), load(good_file(name))
    verdicts(load(bad_file(name)), noting)
    assert noting.played
    for example, claim, _ in noting.played:
        if good.nodes.keys() >= {example.start, *(step.node for step in example.steps)}:
            assert replay(good, example, claim).otherwise is not None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.partition(".")[0])
def test_every_evidence_that_a_shipped_flow_can_prove_is_proved_by_the_engine_too(
    path: Path,
) -> None:
    program, refuted = load(path), 0
    claims = ["false", *(f"!proved.{name}" for name in program.evidence)]
    claims += ["!enrolled.totp", "!enrolled.email"]
    doors: list[tuple[str, ...] | None] = [(name,) for name in program.doors]
    for door in doors or [None]:
        for text in claims:
            condition = compile_condition(program, text)
            proof = FlowProof(program, doors=door, added=(condition,), replayer=Noting())
            verdict = proof.at_success(condition)
            assert not isinstance(verdict, Unproven), (door, text, verdict.because)
            refuted += isinstance(verdict, Refuted)
    assert refuted


@pytest.mark.parametrize("mixed", [False, True])
def test_what_random_flows_refute_is_borne_out_but_where_the_engine_never_goes(
    *, mixed: bool
) -> None:
    borne_out = left = 0
    for seed in range(1, DRAWN):
        drawn = Drawing(seed, mixed=mixed)
        program, _ = load_source(SourceText("drawn", drawn.text))
        if program is None:
            continue
        noting = Noting()
        for pure, played in zip(verdicts(program), verdicts(program, noting), strict=True):
            assert isinstance(pure, Proved) == isinstance(played, Proved), seed
            borne_out += isinstance(played, Refuted)
            left += isinstance(pure, Refuted) and isinstance(played, Unproven)
        for _, _, done in noting.played:
            if done.otherwise is None:
                assert done.scenario is not None
                assert run_scenario(done.scenario, program=program).passed, seed
    assert borne_out > DRAWN * 3 // 4
    assert left < borne_out // 3  # of what the proof lets happen, the engine never does some
