"""What a node cannot come to is refused, whatever its flow has for it: proofs rest on that."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from flowengine.accounts.user import UserFacts
from flowengine.challenges.catalog import BUILTIN, Catalog
from flowengine.challenges.kind import ChallengeKind
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.step import Ended, Happened, step
from tests.engine.world import program
from tests.runtime.test_runtime import SNAPSHOT, record

OUTCOMES = ("wrong", "exhausted", "expired", "denied", "unavailable")
ASKING = [k for k in BUILTIN if not k.facts.name.startswith("SELECT_")]
JUDGED = "create: {call: ask}, verify: {call: judge}"
COMPARED = "create: {call: ask}, verify: responses.ANSWER == private.answer"
EDGES = ", ".join(f"{outcome}: done" for outcome in (*OUTCOMES, "next"))


def asking(kind: ChallengeKind, more: str = "") -> FlowProgram:
    """Compile a flow in which every outcome of a kind is success."""
    facts = kind.facts
    keys = ", ".join(facts.required or ("ANSWER",) * (facts.name == "CUSTOM_CHALLENGE"))
    given = "[SRP_A]" if "SRP_A" in facts.carried else "[]"
    before = "  device: {challenge: DEVICE_SRP_AUTH, responses: [SRP_A], next: asked}\n"
    first = "device" if "DEVICE_SRP_A" in facts.carried else "asked"
    return program(
        f"flow: f\nversion: 1\nauth_flows: {{USER_AUTH: {{parameters: {given}}}}}\n"
        f"require: ['true']\nstart: {first}\nnodes:\n{before if first == 'device' else ''}"
        f"  asked: {{challenge: {facts.name}, responses: [{keys}]{more}, {EDGES}}}\n"
        "  done: {end: success}\n",
        Catalog(MappingProxyType({each.facts.name: each for each in (*BUILTIN, kind)})),
    )


def succeeds(flow: FlowProgram, outcome: str) -> bool:
    """Say whether an outcome at the node that asks leads where the flow says."""
    event = Happened(outcome, Ledger(decoy=False), UserFacts("alice", "sub"))
    arrival = step(flow, record(node="asked"), event, SNAPSHOT).arrival
    assert isinstance(arrival, Ended)
    return arrival.end is not None


def node(flow: FlowProgram) -> ChallengeNode:
    found = flow.nodes["asked"]
    assert isinstance(found, ChallengeNode)
    return found


class Careless:
    """A kind like a built-in one, of which nothing is said that it never has."""

    def __init__(self, kind: ChallengeKind) -> None:
        self._kind = kind
        self.facts = replace(kind.facts, never=())
        self.issue = kind.issue
        self.verify = kind.verify


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_what_a_kind_says_that_it_never_has_is_refused(kind: ChallengeKind, outcome: str) -> None:
    more = ", expires: 3m, attempts: 2"
    more += f", {JUDGED}" if kind.facts.name == "CUSTOM_CHALLENGE" else ""
    assert succeeds(asking(kind, more), outcome) is (outcome not in kind.facts.never)
    assert succeeds(asking(Careless(kind), more), outcome)


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_nothing_expires_that_says_nothing_of_it(kind: ChallengeKind) -> None:
    more = f", {JUDGED}" if kind.facts.name == "CUSTOM_CHALLENGE" else ""
    assert not succeeds(asking(kind, more), "expired")
    assert succeeds(asking(kind, f"{more}, expires: 3m"), "expired")


@pytest.mark.parametrize("kind", ASKING, ids=lambda kind: kind.facts.name)
def test_the_only_attempt_is_the_last_one(kind: ChallengeKind) -> None:
    more = f", {JUDGED}" if kind.facts.name == "CUSTOM_CHALLENGE" else ""
    assert not succeeds(asking(kind, f"{more}, attempts: 1"), "wrong")


def test_the_one_wrong_answer_that_ends_a_sign_in_is_wrong_where_nothing_else_is_said() -> None:
    (password,) = (k for k in ASKING if k.facts.name == "PASSWORD")
    asked = node(asking(password))
    assert not asked.gives("wrong")
    assert replace(asked, written=asked.written - {"exhausted"}).gives("wrong")


def test_a_verify_that_compares_denies_nothing() -> None:
    (custom,) = (k for k in ASKING if k.facts.name == "CUSTOM_CHALLENGE")
    assert succeeds(asking(custom, f", {JUDGED}"), "denied")
    assert not succeeds(asking(custom, f", {COMPARED}"), "denied")
