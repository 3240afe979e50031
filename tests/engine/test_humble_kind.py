"""A kind whose right answer proves less than its node declares is not believed."""

from __future__ import annotations

import asyncio

from flowengine.challenges.catalog import builtin_catalog
from flowengine.challenges.kind import (
    Answering,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Proved,
    Standing,
)
from flowengine.engine.judging import judge
from flowengine.engine.triggers.context import TriggerContext
from flowengine.flow.loading import load_source
from flowengine.flow.program import ChallengeNode
from flowengine.runtime.ledger import Ledger
from flowengine.source import SourceText
from tests.engine.world import POOL, World

TEXT = """flow: f
version: 1
evidence: {pigeon: possession}
require: [proved.pigeon]
start: p
nodes:
  p: {challenge: CARRIER_PIGEON, responses: [FEATHER], next: d}
  d: {end: success}
"""


class Humble:
    """A kind whose facts name evidence that some of its right answers leave out."""

    facts = KindFacts(
        "CARRIER_PIGEON", Standing.RETRY, ("FEATHER",), proves=("pigeon",), needs_account=False
    )

    def issue(self, issuing: Issuing) -> Issued:
        return Issued({"USERNAME": issuing.user.username})

    def verify(self, answering: Answering) -> Proved:
        return Proved(("pigeon",) if answering.responses["FEATHER"] == "grey" else ())


def judged(feather: str) -> object:
    catalog = builtin_catalog().with_kind(Humble())
    program, found = load_source(SourceText("f", TEXT), catalog)
    assert program is not None, found
    node = program.nodes["p"]
    assert isinstance(node, ChallengeNode)
    world = World()
    account = world.add_user()
    answering = Answering(
        POOL, account.facts(), account, None, {"FEATHER": feather}, {}, {}, b"",
        world.clock.now(), world.entropy.draw,
    )  # fmt: skip
    context = TriggerContext(POOL, world.client, account.facts())
    return asyncio.run(judge(world.engine.parts, node, answering, Ledger(decoy=False), context))


def test_an_answer_proves_all_that_its_node_declares_or_is_denied() -> None:
    assert isinstance(judged("grey"), Proved)
    assert isinstance(judged("white"), Denied)
