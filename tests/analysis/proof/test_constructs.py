"""The prover beside the evaluator, over every construct of the language.

Where the prover has facts that it understands, they are given each a value and the host's bindings
are made of these; what is opaque to it is evaluated by itself. What it then says of the whole must
be what the whole is evaluated to: true, false or an error.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded one makes test data
from typing import Any

import pytest

from flowengine.analysis.lowering import lowered
from flowengine.analysis.proof.abstraction import Abstraction
from flowengine.analysis.proof.bdd import Bdd
from flowengine.analysis.proof.expressions import spelt
from flowengine.analysis.proof.facts import Fact, Facts, Form
from flowengine.analysis.proof.operands import Rails
from flowengine.analysis.proof.regions import STRANGER
from flowengine.expr import Program
from tests.analysis.constructs import ATOMS, ENVIRONMENT, condition, facts, nodes, outcome

_ROUNDS = 20_000 if os.environ.get("FLOWENGINE_SOAK") else 300
_ROWS = 6
_SPARE = {"may": 0, "name": "spare", "more": {"flag": False}, "k": "spare", "j": "spare", "a": 0}
OPAQUE = ATOMS[ATOMS.index("r.?may == optional.of(3)") :]
"""The last of the atoms: nobody looks into them."""


def _read(program: Program) -> tuple[Facts, Rails]:
    gathered = Facts(Bdd())
    abstraction = Abstraction(gathered.bdd, gathered, {})
    abstraction.condition(program)
    gathered.close()
    return gathered, abstraction.condition(program)


def _make(values: dict[Fact, Any], bound: dict[str, Any]) -> None:
    """Put the facts' values into bindings."""
    known = {fact.path for fact in values if fact.form is Form.MEMBER}
    for path in known:
        bound[path[0]] = []
    absent = [fact.path for fact, v in values.items() if fact.form is Form.PRESENCE and not v]
    there = [fact.path for fact, v in values.items() if fact.form is Form.PRESENCE and v]
    for fact, value in values.items():
        if fact.form is Form.MEMBER and value:
            item = "spare" if fact.member is STRANGER else fact.member
            bound[fact.path[0]].append(item)
    for path in there:
        _put(bound, path, _SPARE.get(path[-1], 0), keep=True)
    for fact, value in values.items():
        if fact.form is Form.VALUE:
            _put(bound, fact.path, value, keep=False)
    for path in absent:
        place = _place(bound, path)
        if place is not None:
            place.pop(path[-1], None)


def _place(bound: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    place: Any = bound
    for name in path[:-1]:
        place = place.get(name)
        if place is None:
            return None
    return place if isinstance(place, dict) else None


def _put(bound: dict[str, Any], path: tuple[str, ...], value: object, *, keep: bool) -> None:
    """Put a value where it is read, unless what it would be in is absent itself."""
    place = _place(bound, path)
    if place is not None and not (keep and path[-1] in place):
        place[path[-1]] = dict(value) if isinstance(value, dict) else value


def _hold(text: str, chance: random.Random) -> tuple[bool, bool]:
    """Compare on some rows; say whether it compiled, and whether all of it was understood."""
    program, _ = ENVIRONMENT.check(text)
    if program is None:
        return False, False
    gathered, rails = _read(program)
    parts = {spelt(node): node for node in nodes(lowered(program.tree))}
    plain = [fact for fact in gathered.all if fact.form is not Form.OPAQUE]
    opaque = [(fact, parts[gathered._name(fact)]) for fact in gathered.all if fact not in plain]
    for _ in range(_ROWS):
        values = {fact: chance.choice(fact.values) for fact in plain}
        bound = facts(chance)
        _make(values, bound)
        for fact, node in opaque:
            values[fact] = outcome(node, bound)
            assert values[fact] in fact.values, (
                text,
                fact.text,
                "is said not to fail",
            )
        bdd = gathered.bdd
        state = bdd.all_of(gathered.case(fact, value) for fact, value in values.items())
        said = [bdd.both(state, rail) != 0 for rail in rails]
        found = outcome(program.tree, bound)
        assert said == [found is True, found is False], (text, values, bound, found)
    return True, not opaque


@pytest.mark.parametrize("text", ATOMS)
def test_an_atom_is_read_as_it_is_evaluated(text: str) -> None:
    for seed in range(30):
        compiled, understood = _hold(text, random.Random(seed))
        assert compiled
        assert understood is (text not in OPAQUE)


def test_a_condition_of_any_constructs_is_read_as_it_is_evaluated() -> None:
    compiled = understood = 0
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        good, whole = _hold(condition(chance, chance.randrange(1, 4)), chance)
        compiled, understood = compiled + good, understood + whole
    assert compiled > _ROUNDS * 0.5
    assert understood > _ROUNDS * 0.1
