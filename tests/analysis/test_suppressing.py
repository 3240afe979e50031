"""What ``accept`` and ``# flowengine: ignore[rule] reason`` excuse, and what they do not."""

from __future__ import annotations

import pytest

from flowengine.analysis.checking import check_flow, check_source
from flowengine.documents import comments, load
from flowengine.source import SourceText
from tests.analysis.flows import changed

FLOW = """flow: f
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: done
  done:
    end: success
"""
WHY = "Nobody has more."


def outcome(text: str) -> list[tuple[str, str | None]]:
    """Give the rule of each finding, and the reason for which it was accepted."""
    return [(e.rule, e.suppression) for e in check_source(SourceText("a.flow.yaml", text))]


def test_a_finding_without_an_acceptance_counts() -> None:
    assert outcome(FLOW) == [("single-factor", None)]


@pytest.mark.parametrize(
    "change",
    [
        ("    end: success", f"    end: success\n    accept: {{single-factor: {WHY}}}"),
        ("  done:\n", f"  done: # flowengine: ignore[single-factor] {WHY}\n"),
        ("  done:\n", f"  # flowengine: ignore[single-factor] {WHY}\n  done:\n"),
        ("  done:\n", f"  # flowengine: ignore[single-factor] {WHY}\n\n  # More.\n  done:\n"),
        ("  done:\n", f"  done:   #flowengine:ignore[ single-factor ]   {WHY}  \n"),
    ],
)
def test_it_is_accepted_where_it_stands_with_the_reason(change: tuple[str, str]) -> None:
    text = changed(change, text=FLOW)
    assert outcome(text) == [("single-factor", WHY)]
    assert outcome(text.replace("\n", "\r\n")) == [("single-factor", WHY)]


@pytest.mark.parametrize(
    "change",
    [
        ("    end: success", f"    end: success # flowengine: ignore[single-factor] {WHY}"),
        ("    next: done", f"    next: done # flowengine: ignore[single-factor] {WHY}"),
        ("    next: done", f"    next: done\n    accept: {{single-factor: {WHY}}}"),
        ("  done:\n", f"  done: # flowengine: ignore[require-missing] {WHY}\n"),
    ],
)
def test_elsewhere_it_excuses_nothing_and_is_a_finding(change: tuple[str, str]) -> None:
    found = outcome(changed(change, text=FLOW))
    assert sorted(found, key=str) == [("single-factor", None), ("suppression-unused", None)]


@pytest.mark.parametrize(
    "text",
    [
        '"# flowengine: ignore[single-factor] a text"',
        "'a # flowengine: ignore[single-factor] a text'",
        "|\n  # flowengine: ignore[single-factor] a text",
        ">-\n  a\n  # flowengine: ignore[single-factor] a text",
        "a#flowengine: ignore[single-factor]",
    ],
)
def test_a_text_that_looks_like_a_comment_is_none(text: str) -> None:
    summary = changed(("version: 1\n", f"version: 1\nsummary: {text}\n"), text=FLOW)
    if "a#flow" in text:
        summary = summary.replace("flowengine: ", "flowengine:")
    assert outcome(summary) == [("single-factor", None)]


def test_one_comment_may_name_several_rules_and_each_is_used_or_told() -> None:
    comment = f"# flowengine: ignore[single-factor, unused-name] {WHY}"
    text = changed(("  done:\n", f"  done: {comment}\n"), text=FLOW)
    assert outcome(text) == [("single-factor", WHY), ("suppression-unused", None)]


@pytest.mark.parametrize("comment", ["# flowengine", "# see flowengine: ignore", "# ignore[x] y"])
def test_other_comments_are_left_alone(comment: str) -> None:
    assert outcome(f"{comment}\n{FLOW}") == [("single-factor", None)]


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("# flowengine: ignore[single-factor]", "suppression-without-reason"),
        ("# flowengine: ignore[single-factr] why", "suppression-unknown"),
        ("# flowengine: ignore single-factor why", "suppression-form"),
        ("# flowengine: ignore[] why", "suppression-form"),
        ("# flowengine: ignore[single-factor,] why", "suppression-form"),
        ("# flowengine: allow[single-factor] why", "suppression-form"),
    ],
)
def test_a_comment_that_is_wrong_excuses_nothing_and_is_told(comment: str, rule: str) -> None:
    found = outcome(changed(("  done:\n", f"  done: {comment}\n"), text=FLOW))
    assert found == [("single-factor", None), (rule, None)]


def test_a_reason_of_blanks_is_none() -> None:
    text = changed(("success", "success\n    accept: {single-factor: '  '}"), text=FLOW)
    assert outcome(text) == [("single-factor", None), ("suppression-without-reason", None)]


def test_an_error_that_was_accepted_withholds_nothing() -> None:
    extra = ("    next: done", "    next: done\n    expired: refused")
    text = changed(extra, text=FLOW)
    assert check_flow(SourceText("a", text))[0] is None
    text = text.replace(
        "expired: refused", f"expired: refused # flowengine: ignore[edge-never-taken] {WHY}"
    )
    program, found = check_flow(SourceText("a", text))
    assert program is not None
    assert ("edge-never-taken", WHY) in [(each.rule, each.suppression) for each in found]


def test_what_keeps_a_flow_from_compiling_cannot_be_accepted() -> None:
    change = ("next: done", f"next: dne # flowengine: ignore[dangling-target] {WHY}")
    assert outcome(changed(change, text=FLOW)) == [("dangling-target", None)]


def test_comments_are_found_beside_scalars_of_every_style() -> None:
    text = (
        "# one\na: plain # two\nb: 'x # no' # three\nc: \"y # no\" # four\n"
        "d: | # five\n  z # no\n# six\ne: >- # seven\n  w # no\n\n  v\n  # no\n"
        "f: [1, # eight\n 2]\n"
    )
    document, found = load(SourceText("a", text))
    assert document is not None, found
    words = [comment.text.strip() for comment in comments(document)]
    assert words == ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    assert [c.alone for c in comments(document)] == [w in ("one", "six") for w in words]
    assert all(text[c.span.start : c.span.end] == f"#{c.text}" for c in comments(document))
