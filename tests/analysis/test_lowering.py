"""What conditions are rewritten to, before they are reasoned about, means the same."""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded one makes test data

import pytest

from flowengine.analysis.lowering import lowered
from flowengine.expr.optional_nodes import OptionalElement, OptionalField, OrElse
from flowengine.expr.typed import Bind
from tests.analysis.constructs import ATOMS, ENVIRONMENT, condition, facts, nodes, outcome
from tests.expr.generator import Generator

_ROUNDS = 20_000 if os.environ.get("FLOWENGINE_SOAK") else 400
_VALUATIONS = 4


def _hold(text: str, chance: random.Random) -> None:
    program, _ = ENVIRONMENT.check(text)
    if program is None:
        return
    other = lowered(program.tree)
    for _ in range(_VALUATIONS):
        bound = facts(chance)
        assert outcome(other, bound) == outcome(program.tree, bound), (text, bound)


@pytest.mark.parametrize("text", ATOMS)
def test_an_atom_means_the_same(text: str) -> None:
    ENVIRONMENT.compile(text)
    for seed in range(40):
        _hold(text, random.Random(seed))


def test_a_condition_means_the_same() -> None:
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        _hold(condition(chance, 3), chance)


def test_so_does_anything_else_that_is_generated() -> None:
    for seed in range(_ROUNDS // 2):
        chance = random.Random(seed)
        text = Generator(chance, 0).make("bool", 4)
        _hold(text, chance)


@pytest.mark.parametrize("text", [t for t in ATOMS if "r.?" in t or "cel.bind" in t])
def test_optional_fields_and_bound_names_are_gone(text: str) -> None:
    rest = nodes(lowered(ENVIRONMENT.compile(text).tree))
    opaque = ("== optional.of", "optMap", "[?r.?may]", "optional.of(1 / i)")
    if not any(part in text for part in opaque):
        kinds = Bind | OptionalField | OptionalElement | OrElse
        assert not any(isinstance(each, kinds) for each in rest), text


def test_a_name_that_would_blow_the_condition_up_stays() -> None:
    value = " + ".join(["i"] * 20)
    uses = " && ".join(["z > 1"] * 25)
    few = lowered(ENVIRONMENT.compile(f"cel.bind(z, {value}, z > 1 || z < 9)").tree)
    many = lowered(ENVIRONMENT.compile(f"cel.bind(z, {value}, {uses})").tree)
    assert not isinstance(few, Bind)
    assert isinstance(many, Bind)
