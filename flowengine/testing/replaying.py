"""Plays counter-examples on the real engine: what does not come as claimed is no refutation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from flowengine.analysis.proof.claims import Claim
from flowengine.analysis.proof.verdict import Counterexample
from flowengine.errors import InvalidDocumentError
from flowengine.flow.machine import Decision
from flowengine.flow.program import FlowProgram
from flowengine.flow.targets import AGAIN
from flowengine.testing.counterexamples import way_of
from flowengine.testing.scenarios import (
    Scenario,
    ScenarioResult,
    UnwritableError,
    run_scenario,
    scenario_of,
)
from flowengine.testing.scenarios.stage import NEEDS

_ELSEWHERE: Final = "the engine does not go the path that was found"
_OF_FLOWS: Final = "require-not-proved"
_OF_CLIENTS: Final = ("client-require-not-proved", "mfa-not-proved")


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a counter-example.

    Attributes:
        scenario: What ``flowengine test`` plays; None where no scenario tells it.
        otherwise: What stands against the claim, in words; None where the engine bears it out.
    """

    scenario: Scenario | None = field(repr=False)
    otherwise: str | None


def replay(program: FlowProgram, example: Counterexample, claim: Claim) -> Replay:
    """Play a counter-example as ``flowengine test`` would, and hold it against its claim."""
    try:
        way = way_of(program, example, claim.known)
        scenario = scenario_of(program, claim.rule, way, summary=_summary(claim, example))
        scenario = _demanded(scenario, claim)
        alone = _alone(program, example, claim)
        otherwise = _otherwise(run_scenario(scenario, program=alone), example, claim)
        if otherwise == _ELSEWHERE:
            otherwise = f"{otherwise}: {_ended(scenario, alone)}"
    except UnwritableError as error:
        return Replay(None, f"the path that was found cannot be played on the engine: {error}")
    except InvalidDocumentError as error:
        said = error.diagnostics[0].message if error.diagnostics else str(error)
        return Replay(None, f"the path that was found cannot be played on the engine: {said}")
    return Replay(scenario, otherwise)


def _summary(claim: Claim, example: Counterexample) -> str:
    text = " ".join(claim.condition.text.split())
    if claim.entered:
        return f"A sign-in comes to {example.end}, and what it needs is not true: {text}"[:1024]
    said = "Everything is answered, and the engine refuses at"
    return f"{said} {example.end}, since this is not true: {text}"[:1024]


def _demanded(scenario: Scenario, claim: Claim) -> Scenario:
    """Have the client demand what is its own, and not the flow's."""
    if claim.rule not in _OF_CLIENTS:
        return scenario
    return replace(scenario, client={**scenario.client, "require": [claim.condition.text]})


def _alone(program: FlowProgram, example: Counterexample, claim: Claim) -> FlowProgram:
    """Have the engine demand nothing at the end but what is claimed not to hold there."""
    nodes = program.nodes
    if claim.entered:
        nodes = {**nodes, example.end: replace(nodes[example.end], needs=(claim.condition,))}
    require = (claim.condition,) if claim.rule == _OF_FLOWS else ()
    return replace(program, nodes=MappingProxyType(nodes), require=require)


def _otherwise(result: ScenarioResult, example: Counterexample, claim: Claim) -> str | None:
    if result.failure is not None:
        return f"{_ELSEWHERE}: {result.failure.message}"
    left = [(step.node, step.outcome, step.target) for step in example.steps]
    for each in result.trail:
        arrow = (each.node, each.outcome, each.target)
        if left and arrow == left[0]:
            left.pop(0)
        elif not _stays(each):
            instead = f", not {_worded(left[0])}" if left else ""
            return f"{_ELSEWHERE}: it takes {_worded(arrow)}{instead}"
    return _ELSEWHERE if left or not _is_borne_out(result, example, claim) else None


def _ended(scenario: Scenario, program: FlowProgram) -> str:
    """Tell how a sign-in was refused that is refused elsewhere, or for another reason."""
    failure = run_scenario(replace(scenario, outcome="success"), program=program).failure
    return failure.message.replace("expected success, got", "it is") if failure else "it succeeds"


def _stays(decision: Decision) -> bool:
    """Say whether a sign-in stays or is refused: no counter-example tells that of wrong answers."""
    asked_anew = decision.outcome == "wrong" and decision.target == decision.node
    return asked_anew or decision.target in (None, AGAIN)


def _worded(arrow: tuple[str, str, str | None]) -> str:
    return f"{arrow[0]} ({arrow[1]}) -> {arrow[2]}"


def _is_borne_out(result: ScenarioResult, example: Counterexample, claim: Claim) -> bool:
    if not claim.entered:
        return result.unmet == (claim.condition.text,)
    last = result.trail[-1] if result.trail else None
    return last is not None and (last.node, last.outcome, last.text) == (
        example.end,
        NEEDS,
        claim.condition.text,
    )
