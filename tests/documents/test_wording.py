"""The words of diagnostics: short, printable, to the point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.documents import did_you_mean, shown
from flowengine.documents.wording import LONGEST_SHOWN, alternatives, count, listed


@given(st.text())
def test_a_shown_value_is_one_printable_line(text: str) -> None:
    assert shown(text).isprintable()


@given(st.text(st.characters(categories=["L", "N"]), max_size=200))
def test_a_long_value_is_cut_at_sixty_characters(text: str) -> None:
    whole = len(text) <= LONGEST_SHOWN
    assert shown(text) == (f"'{text}'" if whole else f"'{text[:LONGEST_SHOWN]}…'")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\x1b[31m\n", r"'a\x1b[31m\n'"),
        ("\u202eabc", r"'\u202eabc'"),
        (None, "'null'"),
        (True, "'true'"),
        (5, "'5'"),
    ],
)
def test_control_characters_are_escaped(value: object, words: str) -> None:
    assert shown(value) == words


def test_the_nearest_name_is_suggested_and_a_far_one_is_not() -> None:
    assert did_you_mean("respones", ["responses", "next"]) == "did you mean 'responses'?"
    assert did_you_mean("NEXT", ["responses", "next"]) == "did you mean 'next'?"
    assert did_you_mean("banana", ["responses", "next"]) is None
    assert did_you_mean("x" * 100_000, ["x"]) is None


def test_words_are_joined_as_one_writes_them() -> None:
    assert alternatives(["a"]) == "a"
    assert alternatives(["a", "b", "c"]) == "a, b or c"
    assert listed(["a", "b"]) == "a, b"
    assert listed(str(i) for i in range(30)).endswith("19, …")
    assert alternatives([str(i) for i in range(30)]).endswith("19, …")
    assert count(1, "item") == "1 item"
    assert count(2, "item") == "2 items"
