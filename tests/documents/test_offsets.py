"""Each character of a scalar points at its own place in the file."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flowengine.documents import Scalar, Style, load, scalars
from flowengine.documents.events import C_PARSER, PURE_PARSER
from flowengine.source import SourceText

TEXTS = st.text(st.sampled_from("ab é🔑#:?'\"\\\t\n-[{!|>&0"), max_size=24)
PARSERS = [parser for parser in (C_PARSER, PURE_PARSER) if parser is not None]


def loaded(text: str) -> list[Scalar] | None:
    document, _ = load(SourceText("flow.yaml", text))
    return list(scalars(document.root)) if document else None


def stands_for(written: str, at: int, character: str) -> bool:
    """Tell whether the place holds the character, an escape of it or a break folded into it."""
    found = written[at]
    if found == "\\":
        return True
    if found in "\r\n":
        return character in " \n"
    return found == character


def check(scalar: Scalar) -> None:
    excerpt = scalar.excerpt
    assert excerpt.text == scalar.text
    assert len(excerpt.offsets) == len(scalar.text) + 1
    assert list(excerpt.offsets) == sorted(excerpt.offsets)
    for character, offset in zip(scalar.text, excerpt.offsets, strict=False):
        assert scalar.span.start <= offset
        # The blanks and breaks that end a block are its own, though its span stops before them.
        assert offset < scalar.span.end or character in " \t\n"
        assert stands_for(scalar.source.text, offset, character)


def single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", "\n\n  ") + "'"


def double_quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" if c in '"\\\n\t' else c for c in text) + '"'


@given(TEXTS)
@example("a\n\nb")
def test_characters_of_a_single_quoted_text_keep_their_places(text: str) -> None:
    found = loaded(f"key:\n  {single_quoted(text)}\n")
    assume(found is not None)
    for scalar in found or ():
        check(scalar)


@given(TEXTS)
def test_characters_of_an_escaped_text_keep_their_places(text: str) -> None:
    found = loaded(f"é: {double_quoted(text)}\n")
    assert found is not None
    assert found[1].text == text
    check(found[1])


@given(TEXTS, st.sampled_from(["|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", "|+2 # note"]))
@example("  a\n b\n\n\nc", ">")
@example("\n\n", "|+")
@example("a\n\n  b\nc\n d", ">+")
def test_characters_of_a_block_keep_their_places(text: str, header: str) -> None:
    body = "".join(f"    {line}\n" if line else "\n" for line in text.split("\n"))
    found = loaded(f"a:\n  b: {header}\n{body}  c: 1\n")
    assume(found is not None)
    for scalar in found or ():
        check(scalar)


@given(st.lists(st.text("ab é:?#", min_size=1, max_size=6), min_size=1, max_size=4))
def test_characters_of_a_plain_text_over_lines_keep_their_places(lines: list[str]) -> None:
    found = loaded("key: x" + "\n\n  ".join(lines) + "\n   y\nnext: z\n")
    assume(found is not None)
    for scalar in found or ():
        check(scalar)


SIGNS = st.sampled_from("aé🔑#:|>+-2[]'\" \t\n")
RUNS = ["  ", "\r\n", "\n ", "\n   ", "''", "\\n", "\\x41", "\\\n", "\\ ", " #", ": ", "- "]
PIECES = st.lists(SIGNS | st.sampled_from(RUNS), max_size=10).map("".join)
STARTS = [
    "k: ",
    "k:\n  - ",
    "- - ",
    '- "',
    "k: '",
    "k: |\n  ",
    "k: >\n  ",
    "- >2+\n   ",
    "k: x\n  ",
]


@given(
    st.sampled_from(STARTS), PIECES, st.sampled_from(["", "\n", "\nz: 1\n", '"', "'\n", "\n- q"])
)
def test_whatever_loads_decodes_to_the_same_text(start: str, body: str, end: str) -> None:
    found = loaded(start + body + end)
    assume(found is not None)
    for scalar in found or ():
        check(scalar)


def test_an_escape_is_pointed_at_by_its_backslash() -> None:
    found = loaded('k: "a\\x41\\tb"\n')
    assert found is not None
    assert found[1].text == "aA\tb"
    assert found[1].excerpt.offsets == (4, 5, 9, 11, 12)


def test_an_escaped_line_break_stands_for_nothing() -> None:
    found = loaded('k: "a \\\n   b"\n')
    assert found is not None
    assert found[1].excerpt.text == "a b"
    assert found[1].excerpt.offsets == (4, 5, 11, 12)


def test_a_block_ends_with_its_own_last_line() -> None:
    found = loaded("a: |\n  x\n\n\nb: 1\n")
    assert found is not None
    assert found[1].style is Style.LITERAL
    assert (found[1].span.start, found[1].span.end) == (3, 8)


def test_quotes_belong_to_the_span_and_not_to_the_text() -> None:
    found = loaded("a: 'x''y'\n")
    assert found is not None
    assert (found[1].span.start, found[1].span.end) == (3, 9)
    assert found[1].excerpt.offsets == (4, 5, 7, 8)


@pytest.mark.parametrize("parser", PARSERS)
def test_positions_count_code_points_past_a_byte_order_mark(parser: object) -> None:
    source = SourceText("flow.yaml", "\ufeffé🔑: 'ü'\r\nb: [🔑, c]\r\n")
    document, found = load(source, parser=parser)
    assert not found
    assert document is not None
    for scalar in scalars(document.root):
        written = source.text[scalar.span.start : scalar.span.end]
        assert re.sub("'", "", written) == scalar.text
