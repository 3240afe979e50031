"""What no schema can say of a scenario: that its user, auth flow and inputs are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowengine.documents import did_you_mean
from flowengine.flow.program import FlowProgram
from flowengine.flow.scope import fits
from flowengine.source import Diagnostic
from flowengine.testing.scenarios.definition import Placed

DEFAULT_USER = "alice"
"""Who signs in where a file has no users."""


def check_scenario(placed: Placed, program: FlowProgram) -> Iterator[Diagnostic]:
    """Find names that mean nothing, and values that do not fit."""
    scenario = placed.scenario
    users = scenario.users or {DEFAULT_USER: {}}
    if scenario.user is not None and scenario.user not in users:
        yield _unknown(placed, "user", scenario.user, users)
    if scenario.auth_flow is not None and scenario.auth_flow not in program.doors:
        yield _unknown(placed, "auth_flow", scenario.auth_flow, program.doors)
    yield from _inputs(placed, program)
    for name in scenario.functions:
        if name not in program.functions:
            yield _unknown(placed, "functions", name, program.functions)


def _inputs(placed: Placed, program: FlowProgram) -> Iterator[Diagnostic]:
    given = placed.scenario.inputs
    for name in given:
        if name not in program.inputs:
            yield _unknown(placed, "inputs", name, program.inputs)
    for name, declared in program.inputs.items():
        if name not in given and declared.required:
            message = f"the flow needs the input '{name}'"
            yield _finding(placed, "inputs", "missing-input", message)
        elif name in given and not fits(given[name], declared.type):
            message = f"the input '{name}' is not of its declared type"
            yield _finding(placed, "inputs", "input-type", message)


def _unknown(placed: Placed, fact: str, name: str, known: Iterable[str]) -> Diagnostic:
    words = sorted(set(known))
    hint = did_you_mean(name, words) or (f"there are {', '.join(words)}" if words else None)
    noun = {"inputs": "input", "functions": "function"}.get(fact, fact.replace("_", " "))
    return _finding(
        placed, fact, f"unknown-{noun.replace(' ', '-')}", f"unknown {noun} '{name}'", hint
    )


def _finding(
    placed: Placed, fact: str, rule: str, message: str, hint: str | None = None
) -> Diagnostic:
    return Diagnostic(rule, message, placed.source, placed.place_of(fact), hint)
