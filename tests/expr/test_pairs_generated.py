"""Macros with two variables, which no other runtime has, beside themselves written with one.

``l.all(i, v, p)`` is ``r.all(i, cel.bind(v, l[i], p))`` where ``r`` has the positions of ``l``; so
the C++ runtime can evaluate it.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded one makes test data
import re

import pytest

from tests.expr.generator import Generator
from tests.expr.oracle import ABORTED, FAILED, OURS, draw, evaluated, plain, reference

_ROUNDS = 10_000 if os.environ.get("FLOWENGINE_SOAK") else 250
_QUANTIFIERS = {"all": "all", "exists": "exists", "existsOne": "exists_one"}
_KINDS = ("int", "string", "bool", "uint")


def _body(chance: random.Random, kind: str, key: str) -> str:
    """Make a body that speaks of ``key`` and ``val`` where the generator has other variables."""
    text = Generator(chance, 0).make(kind, chance.randrange(1, 3))
    return re.sub(rf"\b{key}\b", "key", re.sub(r"\bj\b", "val", text))


def _sorted(value: object) -> str:
    return plain(sorted(value, key=plain) if isinstance(value, list) else value)


def _case(chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """Draw a macro, and what gives its value there: one text, or one of keys and one of values."""
    over, keys, name = chance.choice((("l", "[0, 1, 2]", "i"), ("m", "m", "s")))
    walked = "[0, 1, 2].filter(n, n < l.size())" if over == "l" else keys
    condition, transform = _body(chance, "bool", name), _body(chance, chance.choice(_KINDS), name)

    def there(body: str) -> str:
        return f"cel.bind(val, {over}[key], {body})"

    macro = chance.choice((*_QUANTIFIERS, "transformList", "transformMap"))
    if macro in _QUANTIFIERS:
        other = f"{walked}.{_QUANTIFIERS[macro]}(key, {there(condition)})"
        return f"{over}.{macro}(key, val, {condition})", (other,)
    filtered = chance.random() < 0.5
    given = f"{condition}, {transform}" if filtered else transform
    asked = f"{there(condition)}, " if filtered else ""
    values = f"{walked}.map(key, {asked}{there(transform)})"
    text = f"{over}.{macro}(key, val, {given})"
    if macro == "transformList":
        return text, (values,)
    return text, (f"{walked}.map(key, {asked}key)", values)


@pytest.mark.timeout(3600)
def test_a_macro_with_two_variables_is_as_it_is_written_with_one() -> None:
    compared = failed = 0
    for seed in range(_ROUNDS):
        chance = random.Random(seed)
        text, others = _case(chance)
        program, _ = OURS.check(text)
        if program is None:
            continue
        ours, theirs = draw(chance)
        found = evaluated(program, ours)
        values = [reference(other, theirs) for other in others]
        if ABORTED in values:
            continue
        expected = values[-1]
        if len(values) > 1 and isinstance(values[0], list) and isinstance(expected, list):
            expected = dict(zip(values[0], expected, strict=True))
        assert _sorted(found) == _sorted(expected), (seed, text, others, ours)
        compared += 1
        failed += found == FAILED
    assert compared > _ROUNDS * 0.7
    assert failed > _ROUNDS * 0.02
