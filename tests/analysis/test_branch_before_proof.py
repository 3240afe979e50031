"""``branch-before-proof``: what is decided about a user before whoever asks has shown anything."""

from __future__ import annotations

import pytest

from flowengine.analysis import branch_before_proof
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests.analysis.flows import changed

NAMED = "USER_AUTH: {}"
TOKEN = "USER_AUTH: {continues: true}"
SIGNED_UP = "USER_AUTH: {after_sign_up: choice}"
ELSEWHERE = "CUSTOM_AUTH: {start: choice}"
BEGINS = ("start: password", "start: choice")


def lines(*doors: str, changes: tuple[tuple[str, str], ...] = ()) -> list[int]:
    """Give the lines at which the rule finds something, of a flow with these doors."""
    door = ("auth_flows: [USER_PASSWORD_AUTH]", f"auth_flows: {{{', '.join(doors)}}}")
    program, found = load_source(SourceText("a", changed(door, *changes)))
    assert program is not None, found
    told = branch_before_proof.check(program)
    return [each.source.position(each.span.start).line for each in told]


def test_whoever_only_names_a_user_is_told_what_the_user_has() -> None:
    assert lines(NAMED, changes=(BEGINS,)) == [13]


def test_nothing_is_told_behind_a_proof() -> None:
    assert lines(NAMED) == []


def test_an_access_token_has_said_who_asks() -> None:
    assert lines(TOKEN, changes=(BEGINS,)) == []


def test_the_code_of_a_sign_up_has_said_who_asks() -> None:
    assert lines(SIGNED_UP) == []


@pytest.mark.parametrize("door", [TOKEN, SIGNED_UP])
def test_another_door_to_the_same_place_is_open_to_anybody(door: str) -> None:
    assert lines(door, ELSEWHERE) == [13]


def test_a_sign_up_with_the_door_of_everybody_at_its_start_is_open_to_anybody() -> None:
    assert lines(SIGNED_UP, changes=(BEGINS,)) == [13]


def test_a_way_that_leads_to_where_a_token_begins_is_open_to_anybody() -> None:
    around = ("    next: choice\n", "    next: done\n    wrong: choice\n")
    both = ("USER_AUTH: {continues: true, start: choice}", "CUSTOM_AUTH: {}")
    assert (lines(*both), lines(*both, changes=(around,))) == ([], [14])


def test_a_start_that_no_door_has_is_that_of_a_backend() -> None:
    assert lines("USER_AUTH: {start: password}", changes=(BEGINS,)) == [13]
