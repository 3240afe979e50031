from __future__ import annotations

import threading

import pytest

from flowengine.errors import ExpressionError
from flowengine.expr import parse, unparse
from flowengine.expr.tree import Binary, Conditional, Identifier, Literal, Logical, Select, Unary
from flowengine.expr.types import BYTES, DOUBLE, INT, STRING, UINT
from flowengine.source import Excerpt, SourceText


def _literal(text: str) -> object:
    node = parse(text)
    assert isinstance(node, Literal)
    return node.value


def _message(text: str) -> tuple[int, int, str]:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    return found.span.start, found.span.end, found.message


def test_a_sign_is_no_part_of_a_number() -> None:
    assert parse("1-1") == Binary("-", Literal(1, INT), Literal(1, INT))


def test_the_smallest_int_can_be_written_and_one_more_than_the_largest_cannot() -> None:
    assert _literal("-9223372036854775808") == -(2**63)
    assert _literal("- 0x8000000000000000") == -(2**63)
    assert _message("9223372036854775808")[2] == "the number does not fit into an int of 64 bits"
    assert _message("18446744073709551616u")[2] == "the number does not fit into a uint of 64 bits"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12u", Literal(12, UINT)),
        ("0xFF", Literal(255, INT)),
        (".5", Literal(0.5, DOUBLE)),
        ("1e3", Literal(1000.0, DOUBLE)),
        ("-2.5e-1", Literal(-0.25, DOUBLE)),
        (r"r'\n'", Literal("\\n", STRING)),
        (r"'\a\b\f\n\r\t\v\\\?\"\'\`'", Literal("\a\b\f\n\r\t\v\\?\"'`", STRING)),
        (r"'\x41\101\u00e9\U0001F62C'", Literal("AAé😬", STRING)),
        ("'''a'b\n\"c'''", Literal("a'b\n\"c", STRING)),
        (r'"\"" ', Literal('"', STRING)),
        (r'"\\"', Literal("\\", STRING)),
        (r'"""\"""" ', Literal('"', STRING)),
        (r"b'\''", Literal(b"'", BYTES)),
        ('"""a"b""c"""', Literal('a"b""c', STRING)),
        (r"b'\xff\303é'", Literal(b"\xff\xc3\xc3\xa9", BYTES)),
        (r'bR"\x"', Literal(b"\\x", BYTES)),
    ],
)
def test_literals_have_their_value_and_their_type(text: str, expected: Literal) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ('"ab\\q"', 3, 5, "unknown escape sequence"),
        ('"\\ud800"', 1, 7, "the escape is not a Unicode character"),
        ('"\\U00110000"', 1, 11, "the escape is not a Unicode character"),
        ('b"\\u0041"', 2, 8, "\\u is not allowed in bytes; write its octets"),
        ('"abc', 0, 1, "the string is not closed, or does not belong here"),
        ("'''a\rb'''", 4, 5, "a bare carriage return in a literal; write \\r"),
        ("1e999", 0, 5, "the number is beyond the range of a double"),
        ("", 0, 0, "the expression is empty"),
        ("a &&  ", 4, 4, "the expression ends too early"),
        ("m.in", 2, 4, 'unexpected "in"'),
        ("m.true", 2, 6, 'unexpected "true"'),
        ("1_000", 1, 5, 'unexpected "_000"'),
        ("1.", 2, 2, "the expression ends too early"),
        ("[,]", 1, 2, 'unexpected ","'),
        ("a ? b ? 1 : 2 : 3", 6, 7, 'unexpected "?"'),
        ("package", 0, 7, "package is a reserved word"),
        ("!-x", 1, 2, 'unexpected "-"'),
        ("§", 0, 1, 'unexpected "§"'),
        ("\u202e", 0, 1, 'unexpected "\\u202e"'),
    ],
)
def test_a_mistake_is_told_at_its_own_characters(
    text: str, start: int, end: int, message: str
) -> None:
    assert _message(text) == (start, end, message)


@pytest.mark.parametrize(
    ("text", "meant"), [("a = b", "=="), ("a & b", "&&"), ("a | b", "||"), ("a and b", "&&")]
)
def test_operators_of_other_languages_get_a_hint(text: str, meant: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.diagnostics[0].hint == f"did you mean {meant}?"


def test_every_wrong_literal_is_told_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(r'"\q" + 99999999999999999999 + package')
    assert [found.span.start for found in caught.value.diagnostics] == [1, 7, 30]


def test_and_binds_tighter_than_or_and_chains_are_flat() -> None:
    a, b, c, d = map(Identifier, "abcd")
    assert parse("a || b && c || d") == Logical("||", (a, Logical("&&", (b, c)), d))
    assert parse("a && (b && c) && d") == Logical("&&", (a, b, c, d))


def test_a_conditional_binds_to_the_right() -> None:
    a, b, c, d, e = map(Identifier, "abcde")
    assert parse("a ? b : c ? d : e") == Conditional(a, b, Conditional(c, d, e))


def test_comments_and_white_space_say_nothing() -> None:
    assert parse("// before\n a .\fb // after") == Select(Identifier("a"), "b")


def test_a_field_may_be_named_like_a_reserved_word_or_stand_in_backticks() -> None:
    assert parse("m.package") == Select(Identifier("m"), "package")
    assert parse("m.`x-forwarded-for`") == Select(Identifier("m"), "x-forwarded-for")


def test_a_leading_dot_reaches_past_the_variables_of_macros() -> None:
    assert parse(".x") == Identifier("x", rooted=True)


def test_brackets_are_written_only_where_they_are_needed() -> None:
    assert unparse(parse("((a)) + (b * (c))")) == "a + b * c"
    assert unparse(parse("(a + b) * c - (d - e)")) == "(a + b) * c - (d - e)"
    assert unparse(parse("!(a && b) || (c || d)")) == "!(a && b) || c || d"
    assert unparse(parse("(a ? b : c) ? (d ? e : f) : g")) == "(a ? b : c) ? (d ? e : f) : g"
    assert unparse(parse("-(5)")) == "-(5)"
    assert parse("-(5)") == Unary("-", Literal(5, INT))


def test_equal_trees_from_different_places_are_equal() -> None:
    assert parse("a   +   1") == parse("a+1")
    assert parse("1") != parse("1u")
    assert parse("1") != parse("1.0")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 33 + "a" + ")" * 33,
        "!" * 4000 + "a",
        "-" * 40 + "a",
        "a" + ".b" * 40,
        "a" + "[0]" * 40,
        "f(" * 33 + "a" + ")" * 33,
        "+".join("1" * 40),
        "a?1:" * 40 + "2",
        "[" * 40 + "]" * 40,
    ],
)
def test_what_is_nested_too_deep_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    (found,) = caught.value.diagnostics
    assert found.rule == "expression-limit"
    assert found.message == "the expression is nested more than 32 levels deep"
    assert found.span.start < found.span.end


@pytest.mark.parametrize("text", ["(" * 4096, "[" * 4096, "{" * 4000, "!" * 4096, "a." * 2048])
def test_endless_openings_end_in_an_ordinary_finding(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_a_text_over_the_limit_is_not_even_read() -> None:
    start, end, message = _message("1" + " " * 1_000_000)
    assert (start, end) == (4096, 1_000_001)
    assert message == "the expression has 1000001 characters; at most 4096 are allowed"


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["a"] * 32),
        "f(" + ", ".join(["a"] * 32) + ")",
        "[" + ", ".join(["a"] * 32) + "]",
        "{" + ", ".join(["a: 1"] * 32) + "}",
        "a ? 1 : " * 24 + "2",
        " + ".join(["1"] * 24),
        "f(" * 12 + "a" + ")" * 12,
        "a" + ".b" * 12,
        "a[" * 12 + "0" + "]" * 12,
        "[" * 12 + "]" * 12,
    ],
)
def test_the_capacities_that_the_language_demands_are_there(text: str) -> None:
    assert parse(unparse(parse(text))) == parse(text)


def test_a_mistake_inside_a_scalar_points_into_its_file() -> None:
    source = SourceText("a.flow.yaml", "when: 'a == ''x'' &&\n  | b'")
    # What YAML makes of the scalar: quotes undoubled, the line folded into one space.
    text = "a == 'x' && | b"
    offsets = [7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 19, 20, 23, 24, 25, 26]
    with pytest.raises(ExpressionError) as caught:
        parse(Excerpt(text, source, tuple(offsets)))
    (found,) = caught.value.diagnostics
    assert source.text[found.span.start : found.span.end] == "|"
    assert str(caught.value).startswith("a.flow.yaml:2:3: ")


def test_many_threads_may_parse_at_once() -> None:
    results: list[str] = []

    def work(number: int) -> None:
        results.extend(unparse(parse(f"a.b[{number}] && !c")) for _ in range(20))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(results)) == [f"a.b[{number}] && !c" for number in range(8)]
    assert len(results) == 160
