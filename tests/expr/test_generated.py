"""Generated expressions beside Google's C++ runtime: what we accept, it accepts, and alike."""

from __future__ import annotations

import math
import os
import random  # noqa: TID251 - a seeded one makes test data
from datetime import UTC, datetime, timedelta

import pytest

from flowengine.errors import EvaluationError
from flowengine.expr import Environment
from tests.expr.generator import RESULTS, Generator
from tests.expr.oracle import (
    ABORTED,
    OURS,
    THEIRS,
    can_be_told,
    draw,
    evaluated,
    plain,
    reference,
    told,
)

_ROUNDS = 50_000 if os.environ.get("FLOWENGINE_SOAK") else 600


def _disagreement(text: str, chance: random.Random) -> str | None:
    """Say how the two disagree; None where they agree, or where only we refuse."""
    program, _ = OURS.check(text)
    if program is None:
        return None
    try:
        compiled = THEIRS.compile(text)
    except RuntimeError:
        return "only we accept it"
    kind = str(compiled.return_type()).lower().replace("<", "(").replace(">", ")")
    if kind != str(program.type):
        return f"the type is {kind} there, {program.type} here"
    if not can_be_told(program.type):
        return None
    ours, theirs = draw(chance)
    value = reference(told(text, program.type), theirs)
    expected = plain(value, program.type)
    found = plain(evaluated(program, ours), program.type)
    agreed = expected == found or value == ABORTED
    return None if agreed else f"{expected} there, {found} here, for {ours}"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutants", [0.0, 0.05], ids=["well-typed", "mutants"])
def test_what_we_accept_the_reference_accepts_with_the_same_type_and_value(mutants: float) -> None:
    rounds = _ROUNDS // 5 if mutants else _ROUNDS
    accepted = 0
    for seed in range(rounds):
        chance = random.Random(seed)
        text = Generator(chance, mutants).make(chance.choice(RESULTS), chance.randrange(1, 5))
        disagreement = _disagreement(text, chance)
        assert disagreement is None, (seed, text, disagreement)
        accepted += OURS.check(text)[0] is not None
    assert accepted > rounds * (0.2 if mutants else 0.8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t + duration('1ns')", "2024-02-29T12:00:00.123456001Z"),
        ("p - duration('1ns')", "-3600.000000001s"),
        ("optional.of(t + duration('2ns'))", ["2024-02-29T12:00:00.123456002Z"]),
        ("optional.of(p).optMap(x, x + x)", ["-7200s"]),
        ("m[?'none']", []),
        ("[t, timestamp(0)]", ["2024-02-29T12:00:00.123456Z", "1970-01-01T00:00:00Z"]),
    ],
)
def test_moments_and_optional_values_are_compared_to_the_nanosecond(
    text: str, expected: object
) -> None:
    moment = datetime(2024, 2, 29, 12, 0, 0, 123_456, tzinfo=UTC)
    theirs = {"t": moment, "p": timedelta(hours=-1), "m": {}}
    ours = {"t": 1_709_208_000_123_456_000, "p": -3600 * 10**9, "m": {}}
    program = OURS.compile(text)
    assert evaluated(program, ours) == expected
    assert reference(told(text, program.type), theirs) == expected


@pytest.mark.parametrize(
    "text",
    [
        "math.greatest(i, optional.none().value())",
        "math.least([optional.none().value()])",
        "math.least(optional.none().value(), d)",
    ],
)
def test_what_has_no_type_is_no_number(text: str) -> None:
    """The reference's answers differ with the order of the arguments: found by generation."""
    assert OURS.check(text)[0] is None


def test_a_key_that_comes_twice_is_an_error_that_another_operand_absorbs() -> None:
    """There it ends the evaluation, a quirk: found by generation."""
    program = OURS.compile("{s: 1, s: 2} == m || b")
    assert program.evaluate({"s": "a", "m": {"a": 1}, "b": True}) is True
    with pytest.raises(EvaluationError):
        program.evaluate({"s": "a", "m": {"a": 1}, "b": False})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("aG\nk=\r\n", b"hi"),
        ("\n", b""),
        ("aG k=", None),
        ("aGk.", None),
        ("\ta", None),
    ],
)
def test_base64_has_line_ends_and_nothing_else_that_is_no_part_of_it(
    written: str, read: bytes | None
) -> None:
    """As Go reads it; the C++ runtime skips blanks, and pads with dots: found by generation."""
    program = Environment({"s": "string"}).compile("base64.decode(s)")
    if read is None:
        with pytest.raises(EvaluationError):
            program.evaluate({"s": written})
    else:
        assert program.evaluate({"s": written}) == read


@pytest.mark.parametrize("number", [math.nan, -math.nan])
def test_what_is_no_number_is_written_without_a_sign(number: float) -> None:
    """There it has the sign of its bits, which differs between machines: found by generation."""
    program = OURS.compile("[string(d), string(-d), string(d / 0.0)]")
    assert program.evaluate({"d": number}) == ["nan"] * 3


@pytest.mark.parametrize("getter", ["FullYear", "Month", "Date", "DayOfYear", "DayOfWeek", "Hours"])
@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        ("0001-01-01T00:00:00Z", "-02:30"),
        ("0001-01-01T00:00:00Z", "+02:30"),
        ("0001-02-28T23:00:00Z", "-12:00"),
        ("9999-12-31T23:59:59Z", "+14:00"),
        ("9999-12-31T23:59:59Z", "-14:00"),
        ("9999-12-31T23:59:59.999999999Z", "Europe/Berlin"),
    ],
)
def test_a_calendar_goes_on_where_a_zone_leaves_the_years_that_there_are(
    getter: str, moment: str, zone: str
) -> None:
    """Found by generation: these were errors."""
    text = f"timestamp('{moment}').get{getter}('{zone}')"
    found = OURS.compile(text).evaluate({})
    assert isinstance(found, int)
    assert found == reference(text, {})


def test_a_bound_name_is_not_what_a_macro_of_that_name_had_before() -> None:
    """There it is, where the macro ended early, a quirk: found by generation."""
    program = OURS.compile("m.exists(x, x == 'a') && cel.bind(x, 6, x / i) == 3")
    assert program.evaluate({"m": {"a": 1, "b": 2}, "i": 2}) is True
    with pytest.raises(EvaluationError):
        program.evaluate({"m": {"a": 1}, "i": 0})
