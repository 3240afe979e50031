"""What a flow says of the values that come with a request: pattern, format, lengths."""

from __future__ import annotations

import pytest

from flowengine.engine.responses import read_responses
from flowengine.errors import InvalidParameterError
from flowengine.flow.definition import ResponseRule
from flowengine.flow.loading import load_source
from flowengine.flow.response_rules import FORMS
from flowengine.source import SourceText, Span

FLOW = """
flow: ruled
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
metadata:
  ticket: {%s}
nodes:
  password:
    challenge: PASSWORD
    responses:
      PASSWORD: {%s}
    next: done
  done:
    end: success
"""


def found(metadata: str, responses: str) -> list[tuple[str, str, str]]:
    source = SourceText("ruled.flow.yaml", FLOW % (metadata, responses))
    _, diagnostics = load_source(source)
    text = source.text
    return [(d.rule, text[d.span.start : d.span.end], d.message) for d in diagnostics]


def rule_of(written: str) -> ResponseRule:
    source = SourceText("ruled.flow.yaml", FLOW % (written, "optional: false"))
    program, diagnostics = load_source(source)
    assert not diagnostics
    assert program is not None
    return program.metadata[0]


def test_a_pattern_that_is_none_is_told_where_it_stands() -> None:
    (unclosed,) = found("optional: true", 'pattern: "(unclosed"')
    assert unclosed[:2] == ("unusable-rule", '"(unclosed"')
    (backwards,) = found(r"pattern: '(a)\1'", "optional: false")
    assert backwards[:2] == ("unusable-rule", r"'(a)\1'")


def test_lengths_that_exclude_each_other_are_told() -> None:
    (told,) = found("min_length: 3, max_length: 2", "optional: false")
    assert told == (
        "unusable-rule",
        "ticket",
        "no value of 'ticket' has at least 3 characters and at most 2",
    )


def test_a_format_has_a_name_that_exists() -> None:
    ((rule, place, message),) = found("format: e-mail", "optional: false")
    assert (rule, place) == ("schema-value", "e-mail")
    assert all(name in message for name in FORMS)


def good(rule: ResponseRule, value: str) -> bool:
    try:
        return read_responses([rule], {"ticket": value}) == {"ticket": value}
    except InvalidParameterError:
        return False


@pytest.mark.parametrize(
    ("form", "yes", "no"),
    [
        ("base64", ["", "AA==", "AAA=", "ab+/"], ["A", "AA", "AA=", "a-_="]),
        ("base64url", ["", "AA", "AAA", "ab-_"], ["A", "AA==", "ab+/"]),
        ("digits", ["0", "0123456789"], ["", "1 ", "-1", "\u0661", "1\n"]),
        (
            "email",
            ["a@b", "first.last+tag@mail.example.com"],
            ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@-b", "a@b.", "a@b\n"],
        ),
        ("hex", ["0", "0aF"], ["", "0x1", "g"]),
        ("phone_number", ["+12", "+4915112345678"], ["", "12", "+0123", "+1", "+1234567890123456"]),
        (
            "uuid",
            ["0b4ee9f0-0d50-4b56-9d25-c0cd1f6ff3b4"],
            ["", "0b4ee9f00d504b569d25c0cd1f6ff3b4", "{0b4ee9f0-0d50-4b56-9d25-c0cd1f6ff3b4}"],
        ),
    ],
)
def test_the_whole_value_has_the_form(form: str, yes: list[str], no: list[str]) -> None:
    rule = rule_of(f"format: {form}")
    assert [value for value in yes if not good(rule, value)] == []
    assert [value for value in no if good(rule, value)] == []


def test_every_form_of_the_schema_is_tried_here() -> None:
    tried = test_the_whole_value_has_the_form.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {form for form, *_ in tried} == FORMS.keys()


def test_the_whole_value_matches_the_pattern() -> None:
    rule = rule_of("pattern: 'a+'")
    assert good(rule, "aaa")
    assert not any(good(rule, value) for value in ("", "baa", "aab", "aa\n", "\ud800"))


def test_what_was_sent_is_not_in_the_message() -> None:
    with pytest.raises(InvalidParameterError, match=r"^Invalid value for parameter ticket$"):
        read_responses([rule_of("format: digits")], {"ticket": "private"})


def test_what_the_flow_does_not_say_is_not_asked() -> None:
    assert good(ResponseRule("ticket", Span(0, 0)), "\ud800 anything")
