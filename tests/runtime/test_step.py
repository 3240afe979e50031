"""In which order a step does what it does, and what it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import Advance, Asks, Calls, Ended, Happened, Started, step
from flowengine.source import SourceText
from tests.engine.world import NOW, POOL

FLOW = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
functions: {f: {returns: {ok: bool}}}
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next:
      - {when: '!proved.password', goto: refused}
      - {when: 'user.attributes.tier == "gold"', goto: gold}
      - {when: 'user.status == "FORCE_CHANGE_PASSWORD"', goto: fresh}
      - {when: proved.totp, goto: both}
      - {else: totp}
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: both
    wrong: look
  fresh: {challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD], next: confirmed}
  confirmed:
    choose:
      - {when: 'user.status == "CONFIRMED"', goto: done}
      - {else: refused}
  look: {call: f, save: seen, next: seen, failed: seen}
  seen:
    choose:
      - {when: 'has(vars.seen) && vars.seen.ok', goto: totp}
      - {else: unseen}
  unseen: {end: failure}
  gold: {end: success}
  both: {end: success, needs: proved.password && proved.totp}
  done: {end: success}
"""
ANN = UserFacts("ann", "sub", attributes={"tier": "plain"})
NOBODY = Ledger(decoy=False)


def flow() -> FlowProgram:
    program, found = load_source(SourceText("f", FLOW))
    assert program is not None, found
    return program


PROGRAM = flow()
SNAPSHOT = Snapshot(POOL, Client("id", "web", POOL.id), RequestFacts(NOW))


def began(user: UserFacts = ANN) -> SignInRecord:
    record = SignInRecord(
        flow="f", digest=PROGRAM.digest, pool=POOL.id, client="web", auth_flow="CUSTOM_AUTH",
        user=user, stamp="", ledger=NOBODY, started_at=NOW, issued_at=NOW, event_id="event",
    )  # fmt: skip
    return step(PROGRAM, record, Started("password"), SNAPSHOT).record


def answered(record: SignInRecord, outcome: str, *names: str, **user: Any) -> Advance:
    ledger = record.ledger.gain(names, NOW)
    assert ledger is not None
    event = Happened(outcome, ledger, replace(record.user, **user))
    return step(PROGRAM, record, event, SNAPSHOT)


def end_of(advance: Advance) -> str | None:
    assert isinstance(advance.arrival, Ended), advance.arrival
    return advance.arrival.end.name if advance.arrival.end else None


def test_evidence_is_gained_before_the_branches_are_read() -> None:
    advance = answered(began(), "proved", "password")
    assert isinstance(advance.arrival, Asks)
    assert advance.record.node == "totp"
    assert set(advance.record.ledger.proved) == {"password"}


def test_what_is_needed_adds_up_over_requests() -> None:
    first = answered(began(), "proved", "password").record
    assert end_of(answered(first, "proved", "totp")) == "both"
    assert end_of(answered(replace(first, ledger=NOBODY), "proved", "totp")) is None


def test_a_branch_without_a_value_refuses_whatever_stands_behind_it() -> None:
    assert end_of(answered(began(replace(ANN, attributes={})), "proved", "password")) is None


def test_the_first_true_branch_is_taken() -> None:
    user = replace(ANN, attributes={"tier": "gold"}, status=UserStatus.FORCE_CHANGE_PASSWORD)
    assert end_of(answered(began(user), "proved", "password")) == "gold"


def test_what_an_answer_changes_of_the_user_is_read_by_its_own_branches_and_kept() -> None:
    user = replace(ANN, status=UserStatus.FORCE_CHANGE_PASSWORD)
    fresh = answered(began(user), "proved", "password").record
    advance = answered(fresh, "proved", status=UserStatus.CONFIRMED)
    assert end_of(advance) == "done"
    assert advance.record.user.status is UserStatus.CONFIRMED


def with_saved(record: SignInRecord, values: Mapping[str, Any]) -> SignInRecord:
    return replace(record, vars=MappingProxyType(dict(values)))


def test_what_a_call_saved_is_unset_when_it_is_tried_again() -> None:
    first = answered(began(), "proved", "password").record
    calling = answered(first, "wrong")
    assert isinstance(calling.arrival, Calls)
    returned = with_saved(calling.record, {"seen": {"ok": True}})
    again = answered(returned, "returned")
    assert again.record.node == "totp"
    assert again.record.vars == {"seen": {"ok": True}}
    retried = answered(again.record, "wrong")
    assert retried.record.vars == {}
    assert end_of(answered(retried.record, "failed")) == "unseen"


def test_a_need_without_a_value_does_not_hold() -> None:
    needs = FLOW.replace("both: {end: success, needs: proved.password && proved.totp}", NEEDS)
    program, found = load_source(SourceText("f", needs))
    assert program is not None, found
    for tier, end in ((ANN.attributes, "both"), ({}, None)):
        record = replace(began(replace(ANN, attributes=tier)), node="totp")
        event = Happened("proved", NOBODY, record.user)
        assert end_of(step(program, record, event, SNAPSHOT)) == end


NEEDS = "both: {end: success, needs: 'user.attributes.tier == \"plain\"'}"
