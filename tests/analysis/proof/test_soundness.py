"""The prover beside the pure ``step``, a second reading of the document, and truth tables."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.verdict import Proved, Refuted, Unproven, Verdict
from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.flow.reachability import reachable
from flowengine.source import SourceText
from tests.analysis.proof.claims import hold_claims
from tests.analysis.proof.domains import domains_of, plain
from tests.analysis.proof.drawing import Drawing
from tests.analysis.proof.exploring import SOAK, STEPS, Broken, TooManyStepsError, explore
from tests.analysis.proof.reference import Found, Reference, TooLargeError
from tests.analysis.proof.tables import nearest

PARTS: Final = 20 if SOAK else 3
FLOWS: Final = 250 if SOAK else 8
"""Of each part, as many as are not too large to be explored to the end."""
MIXED_PARTS: Final = 8 if SOAK else 2
MIXED_FLOWS: Final = 50 if SOAK else 4
MIXED_STEPS: Final = 20_000 if SOAK else 3_000
DRAWN: Final = 100
SHARES: Final = {
    "nobody": 0.08,
    "continues": 0.06,
    "step_up": 0.02,
    "after_sign_up": 0.01,
    "makers": 0.25,
}
"""What part of the flows that compile has each feature, at least."""
FOUND: Final = sorted((Path(__file__).parent / "found").glob("*.flow.yaml"))
"""Flows that once had a wrong answer, on one side or another."""


@dataclass(frozen=True, slots=True)
class Flows:
    """A flow, and the one that it may use."""

    text: str
    inner: str = ""
    exact: bool = True
    mixed: bool = False

    def program(self) -> FlowProgram | None:
        """Compile it; None where the compiler refuses it."""
        inner = read_source(SourceText("inner", self.inner))[0] if self.inner else None
        library = Definitions(lambda: [inner] if inner else [])
        return load_source(SourceText("drawn", self.text), library=library)[0]

    def domains(self) -> Mapping[str, Any]:
        """Give the values of what it reads."""
        return domains_of(self.text + self.inner, wide=self.mixed)


def unsolved(program: FlowProgram) -> tuple[Promise, ...]:
    """Give what is said of a flow where there is no z3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "flowengine.analysis.proof.solving", raising=False)
        patch.setitem(sys.modules, "z3", None)
        proof = FlowProof(program)
        return (*proof.require, *proof.needs)


def _agree(proof: FlowProof, promise: Promise, shortest: int | None, flows: Flows) -> str:
    """Hold one verdict against what was found; give what it was."""
    place = f"{promise.condition.text} at {promise.node}\n{flows.text}{flows.inner}"
    match promise.verdict:
        case Proved():
            assert shortest is None, f"proved, and it breaks: {place}"
            return "proved"
        case Refuted(example):
            assert shortest == len(example.steps), f"{shortest} arrows are enough: {place}"
            hold_claims(proof, promise, example)
            return "refuted"
        case Unproven(because):
            assert not flows.exact, f"nothing in it is opaque: {place}"
            assert not flows.mixed or "within one request" in because, f"{because}: {place}"
            return "unproven"


def _compare(flows: Flows, program: FlowProgram, broken: Broken, found: Found) -> Counter[str]:
    """Hold every verdict against both explorations, and these against each other."""
    place = f"{broken}\n{found}\n{flows.text}{flows.inner}"
    assert broken.require == found.require, place
    assert broken.needs == found.needs, place
    proof = FlowProof(program)
    told = held(proof, broken, flows)
    for name in () if flows.mixed else program.doors:
        told += held(FlowProof(program, doors=(name,)), broken, flows)
    told["tables"] += nearest(proof)
    return told


def held(proof: FlowProof, broken: Broken, flows: Flows) -> Counter[str]:
    """Hold what is said of some doors against the ways from them."""
    told = Counter[str]()
    for number, promise in enumerate(proof.require):
        told[_agree(proof, promise, _least(broken.require, proof, number), flows)] += 1
    for promise in proof.needs:
        least = _least(broken.needs, proof, promise.node, promise.condition.text)
        told[_agree(proof, promise, least, flows)] += 1
    return told


def _least(lengths: Mapping[Any, int], proof: FlowProof, *key: object) -> int | None:
    doors = ("", *proof.program.doors) if proof.doors is None else proof.doors
    return min((lengths[door, *key] for door in doors if (door, *key) in lengths), default=None)


def _without(program: FlowProgram) -> Counter[str]:
    """Hold what is said with the solver against what is said without it, where that decides."""
    with_it, told = FlowProof(program), Counter[str]()
    for promise, without in zip((*with_it.require, *with_it.needs), unsolved(program), strict=True):
        told[_same(promise.verdict, without.verdict)] += 1
    return told + Counter(learnt=len(with_it.theory.learnt))


def _same(verdict: Verdict, without: Verdict) -> str:
    match without:
        case Proved():
            assert isinstance(verdict, Proved)
            return "decided"
        case Refuted(example):
            assert isinstance(verdict, Refuted)
            assert len(verdict.by.steps) == len(example.steps)
            return "decided"
        case Unproven(because):
            assert "flowengine[prove]" in because
            return "left open"


def explored(flows: Flows, most: int = STEPS) -> Counter[str]:
    """Explore a flow, and hold what is said of it against what was found; count what was said."""
    program = flows.program()
    if program is None:
        return Counter(refused=1)
    domains = flows.domains()
    try:
        broken = explore(program, domains, most)
        found = Reference([flows.text, flows.inner], plain(domains), 4 * most).run()
    except (TooManyStepsError, TooLargeError):
        return Counter(large=1)
    happened = Counter(broken.happened)
    return Counter(flows=1) + happened + _compare(flows, program, broken, found)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_verdict_is_wrong_and_no_counterexample_could_be_shorter(part: int) -> None:
    told: Counter[str] = Counter()
    for seed in count(part * 1_000_000):
        if told["flows"] >= FLOWS:
            break
        drawn = Drawing(seed)
        told += explored(Flows(drawn.text, drawn.inner, drawn.exact))
    assert min(told["proved"], told["refuted"], told["tables"]) > FLOWS // 4
    if SOAK:
        assert min(told["named"], told["continued"], told["made"]) > FLOWS // 20


@pytest.mark.parametrize("part", range(MIXED_PARTS))
def test_no_comparison_of_facts_is_decided_wrongly(part: int) -> None:
    told: Counter[str] = Counter()
    for seed in count(part * 1_000_000):
        if told["flows"] >= MIXED_FLOWS:
            break
        drawn = Drawing(seed, mixed=True)
        flows = Flows(drawn.text, drawn.inner, exact=False, mixed=True)
        told += explored(flows, MIXED_STEPS)
    assert told["proved"] + told["refuted"] >= 2 * MIXED_FLOWS


def test_without_the_solver_nothing_is_said_that_is_otherwise_with_it() -> None:
    told: Counter[str] = Counter()
    for seed in range(400 if SOAK else 40):
        drawn = Drawing(seed, mixed=True)
        program = Flows(drawn.text, drawn.inner).program()
        told += _without(program) if program else Counter()
    assert min(told["decided"], told["left open"], told["learnt"]) > 3


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_a_flow_that_was_once_answered_wrongly_is_answered_rightly(path: Path) -> None:
    text, _, inner = path.read_text().partition("---\n")
    assert explored(Flows(text, inner, exact=False), 20_000)["flows"] == 1


def _shown(program: FlowProgram) -> dict[str, tuple[str, ...] | None]:
    """Name the features that a flow has, each with the auth flows that show it; None for all."""
    ways = {
        "nobody": [door.name for door in program.doors.values() if not door.names_user],
        "continues": [door.name for door in program.doors.values() if door.continues],
        "step_up": [door.name for door in program.doors.values() if door.step_up],
        "after_sign_up": [door.name for door in program.doors.values() if door.after_sign_up],
    }
    shown = {name: tuple(doors) for name, doors in ways.items() if doors}
    return {**shown, **({"makers": None} if _asks_for_what_is_made(program) else {})}


def _asks_for_what_is_made(program: FlowProgram) -> bool:
    """Say whether some way leads from where a factor is made to where the same is asked for."""
    nodes = [each for each in program.nodes.values() if isinstance(each, ChallengeNode)]
    return any(
        program.makers(evidence) & {*maker.kind.facts.enrols}
        for maker in nodes
        if maker.kind.facts.enrols
        for name in reachable(program.machine.table, maker.name)
        for evidence in getattr(program.nodes.get(name), "evidence", ())
    )


def test_each_feature_is_in_its_share_of_the_flows_and_is_decided_both_ways() -> None:
    told: Counter[str] = Counter()
    for seed in range(1000 if SOAK else DRAWN):
        drawn = Drawing(seed)
        program = Flows(drawn.text, drawn.inner).program()
        if program is None:
            continue
        told["compiled"] += 1
        for name, doors in _shown(program).items():
            told[name] += 1
            if min(told[f"{name} Proved"], told[f"{name} Refuted"]) == 0:
                verdicts = (each.verdict for each in FlowProof(program, doors=doors).require)
                told.update(f"{name} {type(each).__name__}" for each in verdicts)
    for name, share in SHARES.items():
        assert told[name] > share * told["compiled"], told
        assert min(told[f"{name} Proved"], told[f"{name} Refuted"]) > 0, told
