"""Walks that keep less come to the same places as one that keeps everything."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final

import pytest

from flowengine.accounts.evidence import written_attribute
from flowengine.analysis import single_factor
from flowengine.analysis.standing import Memory, Place, TooManyPlacesError
from flowengine.analysis.walking import Walker
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Severity, SourceText
from tests.analysis.proof.drawing import Drawing
from tests.analysis.proof.exploring import STEPS, TooManyStepsError, explore
from tests.analysis.proof.test_soundness import Flows

SEEDS: Final = range(600 if os.environ.get("FLOWENGINE_SOAK") else 60)

FORGETTING: Final = """\
flow: forgetting
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs: {risk: {type: int, default: 0}}
require: [proved.password]
start: first
nodes:
  first:
    choose: [{when: risk < 20, goto: password}, {else: password}]
  password: {challenge: PASSWORD, responses: [PASSWORD], next: second}
  second:
    choose: [{when: user.has.totp, goto: totp}, {else: done}]
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: third}
  third:
    choose: [{when: user.has.totp, goto: done}, {else: password}]
  done: {end: success}
"""

SETTING_UP: Final = """\
flow: setting-up
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: setup, exhausted: refused}
  setup:
    challenge: MFA_SETUP
    responses: []
    next: [{when: enrolled.totp && enrolled.email, goto: anew}, {else: done}]
    exhausted: [{when: enrolled.totp, goto: anew}, {else: mail}]
    unavailable: mail
    denied: mail
  anew: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  mail: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""

NAMING_A_DEVICE: Final = """\
flow: naming-a-device
version: 1
auth_flows: {USER_PASSWORD_AUTH: {parameters: ['PASSWORD?', 'DEVICE_KEY?']}}
require: [proved.password]
start: first
nodes:
  first:
    choose: [{when: device.remembered, goto: done}, {else: password}]
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: [{when: device.remembered, goto: other}, {else: done}]
  other: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success}
"""
NAMING_A_USER: Final = """\
flow: naming-a-user
version: 1
auth_flows: {USER_AUTH: {names_user: false}}
require: [proved.password || proved.passkey]
start: passkey
nodes:
  passkey:
    challenge: WEB_AUTHN
    responses: [CREDENTIAL]
    switch: {key: SWITCH, to: [password]}
    next: done
  password:
    challenge: PASSWORD
    responses: [USERNAME, PASSWORD]
    next: [{when: user.has.password, goto: done}, {else: totp}]
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""


def reached(places: Collection[Place]) -> set[tuple[object, ...]]:
    return {(place.node, place.proved, _made(place.enrolled)) for place in places}


def _made(enrolled: frozenset[str]) -> frozenset[str]:
    """Leave attributes out: no condition reads which were written; a walk takes all, or none."""
    return frozenset(name for name in enrolled if written_attribute(name) is None)


def program(seed: int) -> FlowProgram | None:
    drawing = Drawing(seed)
    return Flows(drawing.text, drawing.inner, drawing.exact).program()


def test_what_is_not_asked_again_makes_no_difference() -> None:
    walked = fewer = 0
    for drawn in filter(None, map(program, SEEDS)):
        for door in drawn.doors:
            try:
                whole = Walker(drawn).places(door)
            except TooManyPlacesError:
                continue
            ahead = Walker(drawn, memory=Memory.AHEAD).places(door)
            assert reached(ahead) == reached(whole), drawn.name
            assert len(ahead) <= len(whole)
            walked += 1
            fewer += len(ahead) < len(whole)
    assert walked > len(SEEDS) // 2
    assert fewer > walked // 5


def test_an_answer_is_forgotten_once_nothing_asks_and_not_before() -> None:
    made, found = load_source(SourceText("forgetting.flow.yaml", FORGETTING))
    assert made is not None, found
    ahead = Walker(made, memory=Memory.AHEAD).places("USER_PASSWORD_AUTH")
    assert sum(place.node == "second" for place in ahead) == 1  # risk is not asked again
    assert [place.way for place in ahead if place.node == "third"] == [
        ("first", "password", "second", "totp")
    ]
    # A user with TOTP does not come back to the password.
    assert not any("third" in place.way and place.node == "password" for place in ahead)


@pytest.mark.parametrize("memory", Memory)
def test_every_walk_finds_the_weakest_way(memory: Memory) -> None:
    made, _ = load_source(SourceText("forgetting.flow.yaml", FORGETTING))
    assert made is not None
    ends = Walker(made, memory=memory).successes("USER_PASSWORD_AUTH")
    assert frozenset({"password"}) in {place.proved for place in ends}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_comes_wherever_a_sign_in_can_come(seed: int) -> None:
    drawing = Drawing(seed)
    holds_all(Flows(drawing.text, drawing.inner), STEPS)


@pytest.mark.parametrize("text", [SETTING_UP, NAMING_A_DEVICE, NAMING_A_USER])
def test_a_walk_takes_what_an_answer_may_make_or_name(text: str) -> None:
    assert holds_all(Flows(text), 20_000) == 1


def holds_all(flows: Flows, most: int) -> int:
    """Hold the walks of a flow against where sign-ins come; give how many were held."""
    drawn, held = flows.program(), 0
    if drawn is None:
        return 0
    try:
        came = explore(drawn, flows.domains(), most).came
    except TooManyStepsError:
        return 0
    for door in drawn.doors.values():
        if door.continues or door.step_up or door.after_sign_up:
            continue  # they begin with what was proved before
        try:
            walked = reached(Walker(drawn).places(door.name))
        except TooManyPlacesError:
            continue
        asked = {(node, proved, _made(made)) for by, node, proved, made in came if by == door.name}
        assert asked <= walked, flows.text
        held += 1
    return held


def hub(number: int) -> str:
    """Write a flow that asks in any order for so many things, and knows what it has."""
    names = [f"e{each}" for each in range(number)]
    asked = "\n".join(
        f"  {name}: {{challenge: CUSTOM_CHALLENGE, responses: [ANSWER], create: {{call: ask}}, "
        f"verify: responses.ANSWER == private.answer, evidence: {name}, next: hub}}"
        for name in names
    )
    branches = "".join(
        f"{{when: vars.next.which == {place}, goto: {name}}}, " for place, name in enumerate(names)
    )
    return f"""\
flow: hub
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {{{", ".join(f"{name}: knowledge" for name in names)}}}
functions: {{pick: {{returns: {{which: int}}}}}}
require: [proved.e0]
start: hub
nodes:
  hub: {{call: pick, save: next, failed: refused, next: [{branches}{{else: done}}]}}
{asked}
  done: {{end: success}}
"""


@pytest.mark.parametrize(
    ("number", "severity"), [(6, Severity.WARNING), (9, Severity.WARNING), (16, Severity.NOTE)]
)
def test_a_walk_that_grows_too_large_ends_and_that_is_told(number: int, severity: Severity) -> None:
    made, found = load_source(SourceText("hub.flow.yaml", hub(number)))
    assert made is not None, found
    assert [each.severity for each in single_factor.check(made)] == [severity]
