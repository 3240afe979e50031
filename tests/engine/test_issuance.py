from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.lockout import LockoutPolicy
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
from flowengine.engine.locking import lock_key
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.triggers.context import TriggerContext
from flowengine.errors import NotAuthorizedError, SessionError, SpentSessionError
from flowengine.flow.loading import load_source
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.stored import Allowed
from flowengine.source import SourceText
from flowengine.stores.memory import MemoryDirectory
from tests.engine.world import FORCED, LATER, POOL, World


class Boastful:
    """A kind that claims evidence which its facts do not name."""

    facts = KindFacts("CARRIER_PIGEON", Standing.RETRY, ("FEATHER",), needs_account=False)

    def issue(self, issuing: Issuing) -> Issued:
        return Issued({"USERNAME": issuing.user.username})

    def verify(self, answering: Answering) -> Proved:
        return Proved(("password",) if answering.responses else ())


def test_a_kind_cannot_prove_what_its_node_does_not_declare() -> None:
    text = (
        "flow: f\nversion: 1\nrequire: [proved.password]\nstart: p\nnodes:\n"
        "  p: {challenge: CARRIER_PIGEON, responses: [FEATHER], next: d}\n  d: {end: success}\n"
    )
    catalog = builtin_catalog().with_kind(Boastful())
    program, found = load_source(SourceText("f", text), catalog)
    assert program is not None, found
    node = program.nodes["p"]
    world = World()
    account = world.add_user()

    answering = Answering(
        POOL, account.facts(), account, None, {"FEATHER": "x"}, {}, {}, b"", world.clock.now(),
        world.entropy.draw,
    )  # fmt: skip
    context = TriggerContext(POOL, world.client, account.facts())
    judged = asyncio.run(
        judge(world.engine.parts, node, answering, Ledger(decoy=False), context)  # type: ignore[arg-type]
    )
    assert isinstance(judged, Denied)


def test_a_factor_that_was_locked_meanwhile_is_refused_at_issuance() -> None:
    world = World()
    account = world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    policy = LockoutPolicy(threshold=1, first_lock=timedelta(minutes=5))
    key = lock_key(POOL, account.sub, "password")

    async def lock() -> None:
        tried = await world.counters.try_now(key, policy, world.clock.now())
        assert isinstance(tried, Allowed)
        await world.counters.count_wrong(key, tried.reservation, policy, world.clock.now())

    asyncio.run(lock())
    with pytest.raises(NotAuthorizedError, match="Password attempts exceeded"):
        world.answer_totp(reply)


class Unwritable(MemoryDirectory):
    """A directory in which somebody else always writes first."""

    async def save(self, account: Account, old_stamp: str) -> bool:
        return await super().save(account, old_stamp + "-moved")


def test_a_write_that_fails_ends_the_sign_in_and_changes_nobody() -> None:
    world = World()
    world.directory = Unwritable({POOL.id: POOL})
    parts = replace(world.engine.parts, directory=world.directory)
    world.engine._parts = parts
    before = world.add_user(with_totp=True, status=FORCED, temporary_until=LATER)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    responses = {"USERNAME": "alice", "NEW_PASSWORD": "Another-Horse-10"}
    with pytest.raises(SessionError, match=r"Invalid session for the user\."):
        world.answer("NEW_PASSWORD_REQUIRED", reply.session, responses)
    with pytest.raises(SpentSessionError):
        world.answer("NEW_PASSWORD_REQUIRED", reply.session, responses)
    assert world.find() == before
