"""``no-way-to-an-end``: nodes and starts that can only come to a refusal."""

from __future__ import annotations

import pytest

from tests.analysis.flows import changed, found, places, rules, told

TO_REFUSED = ("    next: done\n  done", "    next: refused\n  done")
ALONE = "has no way to an end: all that can follow is a refusal"


def test_a_node_that_leads_to_a_refusal_alone_is_found_at_its_name() -> None:
    text = changed(TO_REFUSED)
    (finding,) = found(text)
    assert (finding.rule, finding.message) == ("no-way-to-an-end", f"node 'totp' {ALONE}")
    assert finding.hint is not None
    assert "lead to `refused` instead of to this node" in finding.hint
    assert places(text) == [("no-way-to-an-end", 16, 3)]


@pytest.mark.parametrize("way", ["exhausted", "unavailable"])
def test_any_edge_to_an_end_is_a_way(way: str) -> None:
    edge = f"    next: refused\n    {way}: done\n  done"
    assert rules(changed(("    next: done\n  done", edge))) == []


def test_the_end_may_be_a_failure() -> None:
    failed = ("    next: done\n  done", "    next: failed\n  failed:\n    end: failure\n  done")
    assert rules(changed(failed)) == []


def test_a_refusal_of_some_answers_is_no_finding() -> None:
    assert rules(changed(("- else: done", "- else: refused"))) == []


def test_a_decision_that_always_refuses_is_found() -> None:
    decision = "  never:\n    choose: [{else: refused}]\n  done:"
    text = changed(("- else: done", "- else: never"), ("  done:", decision))
    assert told(text) == [(f"node 'never' {ALONE}", "never")]


LOOP = """flow: loop
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: [{when: user.has.totp, goto: one}, {else: done}]
  other: {challenge: PASSWORD, responses: [PASSWORD], next: one}
  one: {challenge: PASSWORD, responses: [PASSWORD], next: other}
  done: {end: success}
"""


def test_a_loop_is_found_once_at_the_node_that_is_written_first() -> None:
    assert places(LOOP) == [("no-way-to-an-end", 11, 3)]
    assert told(LOOP) == [
        ("nodes 'other', 'one' lead to each other and never to an end", "other"),
    ]
    assert found(LOOP)[0].hint == "lead an edge of one of them to an `end` node"


def test_a_loop_with_a_way_out_is_no_finding() -> None:
    assert rules(changed(("next: other", "exhausted: done, next: other"), text=LOOP)) == []


def test_a_node_that_leads_to_itself_alone_is_found_without_a_loop() -> None:
    alone = changed(("next: other", "next: one"), ("goto: one", "goto: other"), text=LOOP)
    assert told(alone) == [(f"node 'one' {ALONE}", "one")]


def test_what_leads_to_a_stuck_node_is_not_reported_beside_it() -> None:
    chain = "  before: {challenge: PASSWORD, responses: [PASSWORD], next: other}\n  other:"
    text = changed(("goto: one", "goto: before"), ("  other:", chain), text=LOOP)
    assert [name for _, name in told(text)] == ["other"]


def test_two_loops_that_do_not_meet_are_both_found() -> None:
    second = (
        "  left: {challenge: PASSWORD, responses: [PASSWORD], next: right}\n"
        "  right: {challenge: PASSWORD, responses: [PASSWORD], next: left}\n  done:"
    )
    text = changed(
        ("{else: done}", "{when: user.has.email, goto: left}, {else: done}"),
        ("  done:", second),
        text=LOOP,
    )
    assert [message for message, _ in told(text)] == [
        "nodes 'other', 'one' lead to each other and never to an end",
        "nodes 'left', 'right' lead to each other and never to an end",
    ]


def test_a_flow_that_cannot_succeed_is_found_at_its_start() -> None:
    text = changed(("end: success", "end: failure"))
    assert told(text) == [("no sign-in that starts at 'password' can succeed", "password")]
    assert places(text) == [("no-way-to-an-end", 5, 8)]
    assert found(text)[0].hint == "the flow has no success; add a node: `done: {end: success}`"


def test_one_success_among_failures_is_enough() -> None:
    failing = ("- else: done", "- else: failed"), ("  done:", "  failed: {end: failure}\n  done:")
    assert rules(changed(*failing)) == []


DOORS = """flow: doors
version: 1
auth_flows:
  USER_PASSWORD_AUTH: {start: password}
  ADMIN_USER_PASSWORD_AUTH: {start: admin}
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  admin: {challenge: PASSWORD, responses: [PASSWORD], next: failed}
  failed: {end: failure}
  done: {end: success}
"""


def test_a_door_that_cannot_succeed_is_found_where_it_names_its_start() -> None:
    assert places(DOORS) == [("no-way-to-an-end", 5, 37)]
    assert told(DOORS) == [("no sign-in that starts at 'admin' can succeed", "admin")]
    assert found(DOORS)[0].hint == "lead an edge to a node with `end: success`"


def test_doors_that_can_succeed_are_no_finding() -> None:
    assert rules(changed(("next: failed", "exhausted: failed, next: done"), text=DOORS)) == []


def test_a_start_that_several_doors_share_is_found_once_and_where_the_flow_names_it() -> None:
    shared = changed(("{start: admin}", "{start: password}"), ("next: done", "next: failed"),
                     ("  admin: {challenge: PASSWORD, responses: [PASSWORD], next: failed}\n", ""),
                     ("  done: {end: success}\n", ""), text=DOORS)  # fmt: skip
    assert places(shared) == [("no-way-to-an-end", 7, 8)]


def test_that_nothing_succeeds_is_not_told_beside_what_is_stuck() -> None:
    text = changed(TO_REFUSED, ("end: success", "end: failure"))
    assert [name for _, name in told(text)] == ["totp"]


def test_what_no_sign_in_comes_to_may_be_stuck() -> None:
    island = "  island: {challenge: PASSWORD, responses: [PASSWORD], next: refused}\n  done:"
    assert rules(changed(("  done:", island))) == ["unreachable-node"]


def test_a_stuck_node_that_the_author_accepts_is_left_out() -> None:
    accepted = "    next: refused\n    accept: {no-way-to-an-end: a trap}\n  done"
    assert rules(changed(("    next: done\n  done", accepted))) == []


def test_a_flow_may_start_at_a_success() -> None:
    text = changed(("start: password", "start: done"))
    assert "no-way-to-an-end" not in rules(text)
