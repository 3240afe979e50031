"""The core schema of YAML 1.2, and nothing of YAML 1.1."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.documents.scalars import INT_MAX, INT_MIN, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("0", 0),
        ("-17", -17),
        ("+5", 5),
        ("010", 10),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1e3", -1000.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_the_core_schema_gives_a_word_its_value(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_not_a_number_is_a_float() -> None:
    value = resolve(".NaN")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text",
    [
        *("on", "off", "yes", "no", "y", "n", "tRUE", "nULL", "none", "1_000", "1:30:00"),
        *("2024-01-02", "0b11", "-0x1F", "0o8", "1e", "e3", ".", "-", "+", "1.2.3", "+.nan", "0x"),
        *("=", "<", "2m", "é", "١٢"),
    ],
)
def test_everything_else_is_a_string(text: str) -> None:
    assert resolve(text) == text


@given(st.integers(INT_MIN, INT_MAX))
def test_every_64_bit_integer_is_read_in_each_notation(value: int) -> None:
    assert resolve(str(value)) == value
    if value >= 0:
        assert resolve(hex(value)) == value
        assert resolve(oct(value)) == value


@pytest.mark.parametrize(
    "text", [str(INT_MAX + 1), str(INT_MIN - 1), "0x" + "f" * 17, "9" * 5000, "1e999", "-1e999"]
)
def test_a_number_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(OverflowError):
        resolve(text)


def test_leading_zeros_do_not_make_a_number_too_long() -> None:
    assert resolve("0" * 5000 + "7") == 7
