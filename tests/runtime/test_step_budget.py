"""All conditions of one step have one budget: what is beyond it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts
from flowengine.challenges.custom_settings import evaluate
from flowengine.errors import CostExceededError
from flowengine.expr import BudgetedBindings
from flowengine.expr.spending import SHARED_BUDGET
from flowengine.flow.loading import load_source
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import Asks, Ended, Started, step
from flowengine.source import SourceText
from tests.engine.world import NOW, POOL
from tests.runtime.test_step import NOBODY

_HEAD = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
require: [proved.password || !proved.password]
start: n0
nodes:
  done: {end: success}
"""
_DECISION = """  n{}:
    choose:
      - {{when: '{}', goto: refused}}
      - {{else: {}}}
"""
_MENU = """  menu:
    offer: [password, email]
    challenge: SELECT_CHALLENGE
    prefer: 'user.groups.all(g, g != "x") ? "PASSWORD" : "EMAIL_OTP"'
    none: refused
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  email: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
"""
_LOOP = '!user.groups.all(g, g != "x")'
_STRAIGHT = " || ".join(["user.username.contains(user.sub + user.sub)"] * 6)


def flow(count: int, condition: str, last: str = "done", rest: str = "") -> FlowProgram:
    """Make a flow of so many decisions in a row, each of which leads on."""
    names = [*(f"n{number}" for number in range(1, count)), last]
    nodes = "".join(_DECISION.format(number, condition, name) for number, name in enumerate(names))
    program, found = load_source(SourceText("f", _HEAD + nodes + rest))
    assert program is not None, found
    return program


def started(program: FlowProgram, groups: int) -> Asks | Ended:
    user = UserFacts("ann", "sub", groups=("g",) * groups, has=frozenset({"password"}))
    record = SignInRecord(
        flow="f", digest=program.digest, pool=POOL.id, client="web", auth_flow="CUSTOM_AUTH",
        user=replace(user, email_verified=True), stamp="", ledger=NOBODY, started_at=NOW,
        issued_at=NOW, event_id="event",
    )  # fmt: skip
    snapshot = Snapshot(POOL, Client("id", "web", POOL.id), RequestFacts(NOW))
    arrival = step(program, record, Started("n0"), snapshot).arrival
    assert isinstance(arrival, Asks | Ended)
    return arrival


@pytest.mark.parametrize(
    ("condition", "groups", "few", "many"),
    [(_LOOP, 20_000, 12, 13), (_STRAIGHT, 0, 80, 160), (_LOOP, 64, 200, None)],
)
def test_a_step_that_costs_more_than_its_budget_is_refused(
    condition: str, groups: int, few: int, many: int | None
) -> None:
    done = started(flow(few, condition), groups)
    assert isinstance(done, Ended)
    assert isinstance(done.end, EndNode), "within the budget it ends in success"
    if many is not None:
        assert started(flow(many, condition), groups) == Ended(None)


def _steps(program: FlowProgram) -> int:
    """Say how many of a flow's first conditions one step can pay for."""
    (cost,) = {row.program.cost for row in program.machine.table if row.program is not None}
    return SHARED_BUDGET // cost


def test_what_a_node_needs_counts() -> None:
    """The last decision needs something that costs as much, and is no longer paid for."""
    most = _steps(flow(1, _STRAIGHT))
    needy = f"  needy:\n    needs: '!({_STRAIGHT})'\n    choose: [{{else: done}}]\n"
    assert started(flow(most - 3, _STRAIGHT, "needy", needy), 0) != Ended(None)
    assert started(flow(most, _STRAIGHT, "needy", needy), 0) == Ended(None)


def test_what_a_menu_prefers_counts() -> None:
    most = _steps(flow(1, _STRAIGHT))
    menu = _MENU.replace('user.groups.all(g, g != "x")', f"({_STRAIGHT})")
    assert isinstance(started(flow(most - 3, _STRAIGHT, "menu", menu), 0), Asks)
    assert started(flow(most, _STRAIGHT, "menu", menu), 0) == Ended(None)


def test_what_a_function_is_given_counts() -> None:
    (row,) = (row for row in flow(1, _STRAIGHT).machine.table if row.program is not None)
    assert row.program is not None
    user, cost = {"user": UserFacts("ann", "x").bindings()}, row.program.fixed_cost
    assert evaluate({"it": row.program}, BudgetedBindings(user, budget=cost)) == {"it": False}
    with pytest.raises(CostExceededError):
        evaluate({"it": row.program}, BudgetedBindings(user, budget=cost - 1))


def test_no_menu_asks_where_the_budget_is_spent() -> None:
    """Without a value of ``prefer`` the menu asks; not so beyond the budget."""
    asked = started(flow(5, _LOOP, "menu", _MENU), 20_000)
    assert isinstance(asked, Asks)
    assert asked.node.name == "password"
    assert started(flow(12, _LOOP, "menu", _MENU), 20_000) == Ended(None)
