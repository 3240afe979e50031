"""A way through a flow becomes a scenario: every sign-in of the flows that ship, walked again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowengine.challenges.custom_settings import CustomSettings
from flowengine.challenges.offers import Offer
from flowengine.flow.durations import parse_duration
from flowengine.flow.machine import Decision
from flowengine.flow.program import CallNode, ChallengeNode
from flowengine.testing import Move, Scenario, ScenarioResult, Way, run_scenario, scenario_of
from flowengine.testing.scenarios import ScenarioFile, find_scenario_files, play, read_file
from flowengine.testing.scenarios.definition import Placed
from flowengine.testing.scenarios.stage import Stage
from tests.testing.scenes import FLOWS

FILES = sorted(find_scenario_files(FLOWS))
EVERY = 1 if os.environ.get("FLOWENGINE_SOAK") else 6
"""Of how many scenarios one is walked again."""


def walked(file: ScenarioFile) -> Iterator[tuple[Placed, ScenarioResult]]:
    """Play the scenarios that do nothing but answer, and sign somebody in."""
    for placed in file.scenarios[::EVERY]:
        scenario = placed.scenario
        plain = {step.does for step in scenario.steps} <= {"expect", "answer", "sent"}
        if plain and (scenario.outcome == "success" or "success" in scenario.outcome):
            yield placed, play(placed, file.program)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.partition(".")[0])
def test_what_was_walked_is_walked_again_from_facts_and_moves_alone(path: Path) -> None:
    file, _ = read_file(path)
    assert file is not None
    count = 0
    for placed, result in walked(file):
        made = scenario_of(file.program, "again", way_of(placed.scenario, result))
        again = run_scenario(made, folder=FLOWS)
        assert again.failure is None, (placed.scenario.name, again.failure.message)
        assert again.trail == result.trail
        count += 1
    assert count


def way_of(scenario: Scenario, result: ScenarioResult) -> Way:
    """Tell what was walked as a proof would: facts, and what happened at which node."""
    answers = [step.what for step in scenario.steps if step.does == "answer"]
    users = [said["user"] for said in answers if isinstance(said, Mapping) and "user" in said]
    stage = Stage(result.program, replace(scenario, user=(users or [scenario.user])[-1]))
    assert stage.person.account is not None
    return Way(
        moves=tuple(_moves(scenario, result, answers)),
        outcome="success",
        auth_flow=scenario.auth_flow,
        facts={
            "user": stage.person.account.facts().bindings(),
            "pool": {**stage.pool.bindings(), **scenario.pool},
            "client": stage.client.bindings(),
            "device": {
                "claimed": scenario.device is not None,
                "remembered": scenario.device == "remembered",
            },
            "auth_flow": {
                "parameters": {k: v for k, v in scenario.parameters.items() if k != "PASSWORD"}
            },
            "request": scenario.request,
            **scenario.inputs,
        },
        earlier={name: parse_duration(ago) for name, ago in scenario.earlier.items()},
        after_sign_up=scenario.after_sign_up,
    )


def _moves(scenario: Scenario, result: ScenarioResult, answers: list[Any]) -> Iterator[Move]:
    canned = {
        name: iter(what if isinstance(what, list) else [what] * 9)
        for name, what in scenario.functions.items()
    }
    left = list(answers)
    for decision in result.trail:
        node = result.program.nodes[decision.node]
        if isinstance(node, CallNode):
            yield Move(
                node.name, decision.outcome, returned=next(canned[node.call.function])["returns"]
            )
        elif isinstance(node, ChallengeNode):
            yield _move(node, decision, left, canned)


def _move(
    node: ChallengeNode, decision: Decision, left: list[Any], canned: Mapping[str, Iterator[Any]]
) -> Move:
    said = left[0] if left and isinstance(left[0], Mapping) else {}
    asked = not isinstance(node.settings, Offer) or "choose" in said
    keys = ("passkey", "device_key", "email", "attributes")
    answer = {key: said[key] for key in keys if key in said and decision.outcome == "proved"}
    if asked and decision.outcome != "unavailable" and left:
        left.pop(0)
        if "email" in answer:
            left.pop(0)
    settings = node.settings
    if isinstance(settings, CustomSettings) and settings.create is not None:
        made = next(canned[settings.create.function])["returns"]
        return Move(node.name, decision.outcome, returned=made)
    return Move(node.name, decision.outcome, asked=asked, answer=answer or None)
