"""``unreachable-node``: what no sign-in can come to, and what one can after all."""

from __future__ import annotations

import pytest

from tests.analysis.flows import SOUND, changed, found, places, rules, told

ISLAND = ("  done:", "  island:\n    end: failure\n  done:")
DOORS = ("auth_flows: [USER_PASSWORD_AUTH]", "auth_flows:\n  USER_PASSWORD_AUTH: {start: totp}")


def test_the_sound_flow_has_no_finding() -> None:
    assert found(SOUND) == []


def test_a_node_that_no_edge_leads_to_is_found_at_its_name() -> None:
    text = changed(ISLAND)
    (finding,) = found(text)
    assert (finding.rule, finding.message) == (
        "unreachable-node",
        "no sign-in can come to node 'island'",
    )
    assert finding.hint == "lead an edge to it (`next: island`), or remove it"
    assert places(text) == [("unreachable-node", 20, 3)]


@pytest.mark.parametrize(
    "edge",
    [
        ("    next: done\n  island", "    next: island\n  island"),
        ("      - else: done", "      - else: island"),
        ("goto: totp", "goto: island\n      - when: 1 == 2\n        goto: totp"),
        ("    next: choice", "    next: choice\n    exhausted: island"),
        ("    next: done\n  island", "    next: done\n    unavailable: island\n  island"),
    ],
)
def test_an_edge_of_any_kind_is_enough(edge: tuple[str, str]) -> None:
    assert rules(changed(ISLAND, edge)) == []


def test_what_a_condition_says_does_not_matter() -> None:
    assert rules(changed(("when: user.has.totp", "when: 1 == 2"))) == []


def test_an_edge_from_what_is_itself_unreachable_is_not_enough() -> None:
    alone = "  first:\n    choose: [{else: second}]\n  second:\n    end: failure\n  done:"
    assert told(changed(("  done:", alone))) == [
        ("no sign-in can come to node 'first'", "first"),
        ("no sign-in can come to node 'second'", "second"),
    ]


def test_two_nodes_that_lead_to_each_other_alone_are_both_found() -> None:
    pair = (
        "  one: {challenge: PASSWORD, responses: [PASSWORD], next: other}\n"
        "  other: {challenge: PASSWORD, responses: [PASSWORD], next: one}\n  done:"
    )
    assert rules(changed(("  done:", pair))) == ["unreachable-node"] * 2


def test_what_a_door_starts_at_is_reachable() -> None:
    cut = ("    next: choice", "    next: done")
    assert [name for _, name in told(changed(cut))] == ["choice", "totp"]
    assert [name for _, name in told(changed(cut, DOORS))] == ["choice"]


def test_the_start_of_the_flow_is_reachable_although_every_door_names_another() -> None:
    assert rules(changed(DOORS)) == []


MENU = """flow: menus
version: 1
auth_flows:
  USER_AUTH: {parameters: []}
require: [proved.password || proved.totp]
start: menu
nodes:
  menu: {offer: [plain], challenge: SELECT_CHALLENGE, none: nobody}
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  nobody: {end: failure}
  done: {end: success}
"""


def test_what_a_menu_offers_and_where_it_leads_without_an_offer_is_reachable() -> None:
    assert rules(MENU) == []


@pytest.mark.parametrize(
    ("change", "island"),
    [(("none: nobody", "none: refused"), "nobody"), (("[plain]", "[other]"), "plain")],
)
def test_what_a_menu_leaves_out_is_found(change: tuple[str, str], island: str) -> None:
    other = (
        "  done:",
        "  other: {challenge: PASSWORD, responses: [PASSWORD], next: done}\n  done:",
    )
    changes = (change, other) if "other" in change[1] else (change,)
    assert told(changed(*changes, text=MENU)) == [
        (f"no sign-in can come to node '{island}'", island)
    ]


def test_a_finding_that_the_author_accepts_is_left_out() -> None:
    accepted = (
        "  island:\n    end: failure\n    accept: {unreachable-node: kept for later}\n  done:"
    )
    assert rules(changed(("  done:", accepted))) == []


@pytest.mark.parametrize("rule", ["no-way-to-an-end", "unreachable-nodes"])
def test_accepting_another_finding_changes_nothing(rule: str) -> None:
    accepted = f"  island:\n    end: failure\n    accept: {{{rule}: kept for later}}\n  done:"
    assert rules(changed(("  done:", accepted))) == ["unreachable-node"]


def test_accepting_a_finding_of_one_node_does_not_accept_that_of_another() -> None:
    two = (
        "  one:\n    end: failure\n    accept: {unreachable-node: kept for later}\n"
        "  other:\n    end: failure\n  done:"
    )
    assert told(changed(("  done:", two))) == [("no sign-in can come to node 'other'", "other")]


def test_accepting_what_is_not_found_does_no_harm() -> None:
    accepted = ("    next: choice", "    next: choice\n    accept: {unreachable-node: not so}")
    assert rules(changed(accepted)) == []
