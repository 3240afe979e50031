"""``flowengine explain``: the manual's pages of the rules."""

from __future__ import annotations

import click
import pytest

from flowengine import resources
from flowengine.cli import explaining
from tests.cli.commanding import Here


def test_a_rule_is_explained_by_its_page(here: Here) -> None:
    assert here("explain", "untrusted-shortcut") == 0
    assert here.out == resources.rule_page("untrusted-shortcut")


def test_a_misspelt_rule_is_told_with_the_nearest(here: Here) -> None:
    assert here("explain", "untrusted-shortcuts") == 2
    assert "did you mean" in here.err
    assert "untrusted-shortcut" in here.err


def test_a_word_that_is_near_to_no_rule_leads_to_the_list(here: Here) -> None:
    assert here("explain", "zzzzzzzzzzzzzzzz") == 2
    assert "all are listed" in here.err


@pytest.mark.parametrize("name", ["../../README", "/etc/passwd", "", "untrusted-shortcut.md"])
def test_what_is_no_name_of_a_rule_opens_no_file(here: Here, name: str) -> None:
    assert here("explain", name) == 2
    assert here.out == ""


def test_without_a_rule_all_are_listed_by_group(here: Here) -> None:
    assert here("explain") == 0
    lines = here.out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted(resources.rule_names())
    groups = [line for line in lines if not line.startswith(" ")]
    assert groups == list(explaining._GROUPS)


def test_on_a_terminal_a_page_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    explaining.explain_rule("single-factor")
    drawn = click.unstyle(capsys.readouterr().out)
    assert "single-factor" in drawn
    assert "```" not in drawn
    assert "**" not in drawn
