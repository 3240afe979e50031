"""What no schema can say of a scenario: that its user, auth flow and inputs are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from flowengine.documents import did_you_mean
from flowengine.flow.program import DoorProgram, FlowProgram
from flowengine.source import Diagnostic
from flowengine.testing.scenarios.definition import BACKEND, Placed

_NOUNS: Final = MappingProxyType(
    {"inputs": "input", "functions": "function", "earlier": "evidence"}
)
DEFAULT_USER = "alice"
"""Who signs in where a file has no users."""


def check_scenario(placed: Placed, program: FlowProgram) -> Iterator[Diagnostic]:
    """Find names that mean nothing, and values that do not fit."""
    scenario = placed.scenario
    users = scenario.users or {DEFAULT_USER: {}}
    if scenario.user is not None and scenario.user not in users:
        yield _unknown(placed, "user", scenario.user, users)
    yield from _answering(placed, users)
    name = scenario.auth_flow or next(iter(program.doors), "")
    if scenario.auth_flow not in (None, BACKEND) and name not in program.doors:
        yield _unknown(placed, "auth_flow", name, program.doors)
    else:
        yield from _continued(placed, program.doors.get(name))
    for evidence in scenario.earlier:
        if evidence not in program.evidence:
            yield _unknown(placed, "earlier", evidence, program.evidence)
    yield from _inputs(placed, program)
    for name in scenario.functions:
        if name not in program.functions:
            yield _unknown(placed, "functions", name, program.functions)


def _answering(placed: Placed, users: Mapping[str, object]) -> Iterator[Diagnostic]:
    for step, place in zip(placed.scenario.steps, placed.steps, strict=True):
        said = step.what if step.does == "answer" and isinstance(step.what, Mapping) else {}
        if "user" in said and said["user"] not in users:
            found = _unknown(placed, "user", said["user"], users)
            yield replace(found, span=place)


def _continued(placed: Placed, door: DoorProgram | None) -> Iterator[Diagnostic]:
    """Find what goes on from something that nothing goes on from here."""
    scenario = placed.scenario
    continues = door is not None and door.token_start is not None
    signed_up = door is not None and door.after_sign_up is not None
    nameless = "a backend" if scenario.auth_flow == BACKEND else "a flow without an auth flow"
    called = nameless if door is None else door.name
    unread = {
        "earlier": bool(scenario.earlier) and not (continues or door is None),
        "token": scenario.token is not None and not continues,
        "after_sign_up": scenario.after_sign_up is not None and not signed_up,
    }
    for fact in (name for name, is_unread in unread.items() if is_unread):
        before = "sign-up" if fact == "after_sign_up" else "earlier sign-in"
        message = f"{called} goes on from no {before}"
        yield _finding(placed, fact, "nothing-continued", message)


def _inputs(placed: Placed, program: FlowProgram) -> Iterator[Diagnostic]:
    given = placed.scenario.inputs
    for name in given:
        if name not in program.inputs:
            yield _unknown(placed, "inputs", name, program.inputs)
    for name, declared in program.inputs.items():
        if name not in given and declared.required:
            message = f"the flow needs the input '{name}'"
            yield _finding(placed, "inputs", "missing-input", message)
        elif name in given and not declared.takes(given[name]):
            message = f"the input '{name}' is not of its declared type"
            yield _finding(placed, "inputs", "input-type", message)


def _unknown(placed: Placed, fact: str, name: str, known: Iterable[str]) -> Diagnostic:
    words = sorted(set(known))
    hint = did_you_mean(name, words) or (f"there are {', '.join(words)}" if words else None)
    noun = _NOUNS.get(fact, fact.replace("_", " "))
    return _finding(
        placed, fact, f"unknown-{noun.replace(' ', '-')}", f"unknown {noun} '{name}'", hint
    )


def _finding(
    placed: Placed, fact: str, rule: str, message: str, hint: str | None = None
) -> Diagnostic:
    return Diagnostic(rule, message, placed.source, placed.place_of(fact), hint)
