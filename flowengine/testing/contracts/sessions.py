"""The contract of ``SessionStore``."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flowengine.engine.ports import SessionStore
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_END, Claimed, NewStep, Peeked
from flowengine.runtime.token import StepToken
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_LIFE = timedelta(minutes=3)
_TICK = timedelta(microseconds=1)
_ODD_NODES = ("a.b", "a b", "it's", 'a"b', "a\\b", "[0]", "$", "Ä/ö", "{}", "a\\")


@dataclass(frozen=True, slots=True)
class _SignIn:
    """One sign-in of a check; its secrets follow from its id."""

    store: SessionStore
    id: bytes = field(default_factory=lambda: uuid.uuid4().bytes)

    def token(self, step: int) -> StepToken:
        return StepToken(self.id, step, hashlib.sha256(self.id + bytes([step])).digest())

    def step(self, number: int, node: str = "password", tries: int = 3) -> NewStep:
        return NewStep(
            secret_hash=self.token(number).secret_hash,
            record=f'{{"node":"{number}"}}',
            private=b"\x00sealed\xff" + bytes([number]),
            node=node,
            tries=tries,
            expires_at=_NOW + _LIFE,
        )

    async def add(self, node: str = "password", tries: int = 3) -> None:
        await self.store.add(self.id, self.step(0, node, tries), _NOW)

    async def claim(self, step: int, now: datetime = _NOW) -> Claimed | None:
        return await self.store.claim(self.token(step), now)

    async def settle(
        self, step: int, node: str, tries: int = 3, outcome: str | None = None
    ) -> bool:
        following = self.step(step + 1, node, tries)
        return await self.store.settle(self.id, step, following, outcome)

    async def has_left(self, tries: int) -> bool:
        peeked = await self.store.peek(self.id, _NOW)
        return peeked is not None and peeked.tries_left == tries


def _sign_in(candidate: Candidate[SessionStore]) -> _SignIn:
    return _SignIn(candidate.make())


async def a_new_sign_in_is_at_step_0_with_every_try_left(
    candidate: Candidate[SessionStore],
) -> None:
    """``add`` keeps step 0, its secret's hash and its end, and no try is used."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=3)
    expected = Peeked(
        step=0,
        secret_hash=sign_in.token(0).secret_hash,
        ended=False,
        expires_at=_NOW + _LIFE,
        tries_left=3,
    )
    peeked = await sign_in.store.peek(sign_in.id, _NOW)
    expect(peeked == expected, "a new sign-in is at step 0, with every try left")


async def an_id_is_added_once(candidate: Candidate[SessionStore]) -> None:
    """A second ``add`` of an id fails and changes nothing."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=3)
    await sign_in.claim(0)
    try:
        await sign_in.add(tries=9)
    except StoreError:
        expect(await sign_in.has_left(2), "a refused add changes nothing")
    else:
        expect(kept=False, promise="the id of a sign-in cannot be added twice")


async def a_claim_loads_what_was_written(candidate: Candidate[SessionStore]) -> None:
    """Record, private, node and tries come back as they went in."""
    sign_in = _sign_in(candidate)
    step = replace(sign_in.step(0), record='{"user":"Zoë \U0001f511"}' + "x" * 5000)
    await sign_in.store.add(sign_in.id, step, _NOW)
    claimed = await sign_in.claim(0)
    expected = Claimed(step.record, step.private, step.node, used=1, tries=step.tries)
    expect(claimed == expected, "a claim gives what add kept")


async def private_may_be_nothing_or_empty(candidate: Candidate[SessionStore]) -> None:
    """None and the empty string are told apart."""
    for private in (None, b""):
        sign_in = _sign_in(candidate)
        step = replace(sign_in.step(0), private=private)
        await sign_in.store.add(sign_in.id, step, _NOW)
        claimed = await sign_in.claim(0)
        expect(claimed is not None and claimed.private == private, "private comes back as it is")


async def a_claim_counts_a_try(candidate: Candidate[SessionStore]) -> None:
    """Each claim is one more; the last one says so."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=2)
    first, second = await sign_in.claim(0), await sign_in.claim(0)
    expect(first is not None and (first.used, first.last) == (1, False), "the first try counts")
    expect(second is not None and (second.used, second.last) == (2, True), "the last is known")


async def no_claim_passes_the_last_try(candidate: Candidate[SessionStore]) -> None:
    """With no tries left a claim is refused, counts nothing and writes nothing."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=1)
    await sign_in.claim(0)
    expect(await sign_in.claim(0) is None, "no try is left")
    await sign_in.store.release(sign_in.id, 0)
    expect(await sign_in.has_left(1), "the refused claim was not counted")


async def only_the_current_token_claims(candidate: Candidate[SessionStore]) -> None:
    """Another id, secret or step claims nothing and counts nothing."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    await sign_in.settle(0, "code")
    current = sign_in.token(1)
    impostors = (
        sign_in.token(0),
        sign_in.token(2),
        replace(current, id=uuid.uuid4().bytes),
        replace(current, secret=bytes(32)),
        replace(current, step=0),
        replace(current, step=2),
        replace(sign_in.token(0), step=1),
    )
    for token in impostors:
        claimed = await sign_in.store.claim(token, _NOW)
        expect(claimed is None, "only the current token claims")
    expect(await sign_in.has_left(3), "a refused claim counts nothing")


async def the_instant_of_expiry_is_too_late(candidate: Candidate[SessionStore]) -> None:
    """The handle is dead from ``expires_at`` on, and good until just before."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    expect(await sign_in.claim(0, _NOW + _LIFE) is None, "the instant of expiry is too late")
    expect(await sign_in.claim(0, _NOW + _LIFE - _TICK) is not None, "just before is in time")


async def a_released_try_is_there_again(candidate: Candidate[SessionStore]) -> None:
    """``release`` gives one try back, and never more than were used."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=2)
    await sign_in.claim(0)
    await sign_in.store.release(sign_in.id, 0)
    expect(await sign_in.has_left(2), "a released try is there again")
    await sign_in.store.release(sign_in.id, 0)
    expect(await sign_in.has_left(2), "no try is made out of nothing")


async def a_try_is_released_only_while_its_step_is_current(
    candidate: Candidate[SessionStore],
) -> None:
    """A late release gives nothing back at the step that came after."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    await sign_in.settle(0, "code", tries=2)
    await sign_in.claim(1)
    for step in (0, 2):
        await sign_in.store.release(sign_in.id, step)
    await sign_in.store.release(uuid.uuid4().bytes, 1)
    expect(await sign_in.has_left(1), "only the current step's try is released")


async def settling_goes_one_step_on(candidate: Candidate[SessionStore]) -> None:
    """The old token dies, the new one claims what was settled."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    await sign_in.claim(0)
    expect(await sign_in.settle(0, "code", tries=5), "settle wins while its step is current")
    expect(await sign_in.claim(0) is None, "the old token is dead")
    step = sign_in.step(1, "code", 5)
    expected = Claimed(step.record, step.private, "code", used=1, tries=5)
    expect(await sign_in.claim(1) == expected, "the new token claims what was settled")


async def settling_moves_the_instant_of_expiry(candidate: Candidate[SessionStore]) -> None:
    """The life of the new handle is its own."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    later = _NOW + 2 * _LIFE
    step = replace(sign_in.step(1), expires_at=later)
    await sign_in.store.settle(sign_in.id, 0, step, None)
    expect(await sign_in.claim(1, later) is None, "the new instant of expiry is too late")
    expect(await sign_in.claim(1, later - _TICK) is not None, "just before it is in time")


async def only_the_current_step_settles(candidate: Candidate[SessionStore]) -> None:
    """A lost compare-and-swap answers False and changes nothing."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    await sign_in.settle(0, "code")
    expect(not await sign_in.settle(0, "other"), "an older step does not settle")
    expect(not await sign_in.settle(2, "other"), "a later step does not settle")
    unknown = await sign_in.store.settle(uuid.uuid4().bytes, 1, sign_in.step(2), None)
    expect(not unknown, "an unknown sign-in does not settle")
    claimed = await sign_in.claim(1)
    expect(claimed is not None and claimed.node == "code", "the loser changes nothing")


async def a_node_entered_again_keeps_its_count(candidate: Candidate[SessionStore]) -> None:
    """The count of a node left is put away and taken up again: over all its visits."""
    sign_in = _sign_in(candidate)
    await sign_in.add("first", tries=3)
    await sign_in.claim(0)
    await sign_in.settle(0, "second", tries=4)
    await sign_in.claim(1)
    await sign_in.claim(1)
    await sign_in.settle(1, "first", tries=3)
    expect(await sign_in.has_left(2), "the first node's try is remembered")
    await sign_in.claim(2)
    await sign_in.settle(2, "second", tries=4)
    expect(await sign_in.has_left(2), "the second node's are, too")
    await sign_in.settle(3, "first", tries=2)
    expect(await sign_in.claim(4) is None, "no visit gives back a try that was used")


async def a_node_settled_at_itself_keeps_its_count(candidate: Candidate[SessionStore]) -> None:
    """An operation inside a sign-in settles at the same node and resets nothing."""
    sign_in = _sign_in(candidate)
    await sign_in.add("setup", tries=2)
    await sign_in.claim(0)
    await sign_in.settle(0, "setup", tries=2)
    claimed = await sign_in.claim(1)
    expect(claimed is not None and claimed.last, "the try is still counted")


async def any_name_of_a_node_is_counted(candidate: Candidate[SessionStore]) -> None:
    """Dots, quotes and brackets in a node's name mean nothing to the store."""
    sign_in = _sign_in(candidate)
    await sign_in.add(_ODD_NODES[0], tries=9)
    visits = (*_ODD_NODES[1:], *_ODD_NODES)
    for step, node in enumerate(visits):
        await sign_in.claim(step)
        expect(await sign_in.settle(step, node, tries=9), "any name of a node settles")
        again = step + 1 >= len(_ODD_NODES)
        expect(await sign_in.has_left(8 if again else 9), "each node has its own count")


async def an_outcome_ends_the_sign_in(candidate: Candidate[SessionStore]) -> None:
    """Nothing claims, settles or releases after it; ``peek`` says that it ended."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    await sign_in.claim(0)
    expect(await sign_in.settle(0, "done", outcome="success"), "an outcome is settled")
    peeked = await sign_in.store.peek(sign_in.id, _NOW)
    expect(peeked is not None and peeked.ended and peeked.step == 1, "peek says that it ended")
    expect(await sign_in.claim(0) is None, "the old token is dead")
    expect(await sign_in.claim(1) is None, "an ended sign-in has no token")
    expect(not await sign_in.settle(1, "more"), "an ended sign-in does not go on")


async def a_step_of_one_answer_is_claimed_once(candidate: Candidate[SessionStore]) -> None:
    """``once`` takes one claim at a time, whatever the node's tries, and gives none back twice."""
    sign_in = _sign_in(candidate)
    await sign_in.store.add(sign_in.id, replace(sign_in.step(0), once=True), _NOW)
    claims = await candidate.race([lambda: sign_in.claim(0)] * 8)
    expect([c.used for c in claims if c is not None] == [1], "the first step is claimed once")
    await sign_in.store.settle(sign_in.id, 0, replace(sign_in.step(1), once=True), None)
    claims = await candidate.race([lambda: sign_in.claim(1)] * 8)
    expect([c.used for c in claims if c is not None] == [2], "and so is the same node again")
    await sign_in.store.release(sign_in.id, 1)
    expect(await sign_in.claim(1) is not None, "a released claim is there again")
    expect(await sign_in.claim(1) is None, "once")
    await sign_in.settle(1, "password")
    expect(await sign_in.has_left(1), "a step that is not so has the tries that are left")


async def a_step_of_one_answer_passes_no_limit(candidate: Candidate[SessionStore]) -> None:
    """Of a node whose tries are used up, ``once`` makes none."""
    sign_in = _sign_in(candidate)
    await sign_in.add("first", tries=1)
    await sign_in.claim(0)
    await sign_in.settle(0, "second")
    following = replace(sign_in.step(2, "first", 1), once=True)
    await sign_in.store.settle(sign_in.id, 1, following, None)
    expect(await sign_in.claim(2) is None, "no try is made out of nothing")
    no_tries = replace(_sign_in(candidate), store=sign_in.store)
    await no_tries.store.add(no_tries.id, replace(no_tries.step(0, tries=0), once=True), _NOW)
    expect(await no_tries.claim(0) is None, "nor where there were none")


async def peeking_changes_nothing(candidate: Candidate[SessionStore]) -> None:
    """Neither tries nor step move, and an unknown id is None."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=1)
    before = await sign_in.store.peek(sign_in.id, _NOW)
    expect(before == await sign_in.store.peek(sign_in.id, _NOW), "peeking changes nothing")
    expect(await sign_in.claim(0) is not None, "peeking takes no try")
    unknown = await sign_in.store.peek(uuid.uuid4().bytes, _NOW)
    expect(unknown is None, "an unknown id is None")


async def a_dead_row_can_be_peeked_at_for_a_while(candidate: Candidate[SessionStore]) -> None:
    """A late answer is told why it is refused for ``KEPT_AFTER_END``, and no longer."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    end = _NOW + _LIFE + KEPT_AFTER_END
    expect(await sign_in.store.peek(sign_in.id, end - _TICK) is not None, "a dead row stays")
    expect(await sign_in.store.peek(sign_in.id, end) is None, "and then is gone")


async def twelve_at_once_take_three_tries(candidate: Candidate[SessionStore]) -> None:
    """However many claim at once, as many win as there are tries."""
    sign_in = _sign_in(candidate)
    await sign_in.add(tries=3)
    claims = await candidate.race([lambda: sign_in.claim(0)] * 12)
    used = sorted(claim.used for claim in claims if claim is not None)
    expect(used == [1, 2, 3], "each try is taken once")


async def eight_at_once_settle_one_step(candidate: Candidate[SessionStore]) -> None:
    """However many settle a step at once, one wins."""
    sign_in = _sign_in(candidate)
    await sign_in.add()
    settled = await candidate.race([lambda: sign_in.settle(0, "code")] * 8)
    expect(sum(settled) == 1, "exactly one settles")
    expect(await sign_in.claim(1) is not None, "and its token is good")


ALL_CHECKS: tuple[Check[SessionStore], ...] = (
    a_new_sign_in_is_at_step_0_with_every_try_left,
    an_id_is_added_once,
    a_claim_loads_what_was_written,
    private_may_be_nothing_or_empty,
    a_claim_counts_a_try,
    no_claim_passes_the_last_try,
    only_the_current_token_claims,
    the_instant_of_expiry_is_too_late,
    a_released_try_is_there_again,
    a_try_is_released_only_while_its_step_is_current,
    settling_goes_one_step_on,
    settling_moves_the_instant_of_expiry,
    only_the_current_step_settles,
    a_node_entered_again_keeps_its_count,
    a_node_settled_at_itself_keeps_its_count,
    any_name_of_a_node_is_counted,
    an_outcome_ends_the_sign_in,
    a_step_of_one_answer_is_claimed_once,
    a_step_of_one_answer_passes_no_limit,
    peeking_changes_nothing,
    a_dead_row_can_be_peeked_at_for_a_while,
    twelve_at_once_take_three_tries,
    eight_at_once_settle_one_step,
)


async def check_session_store(make: Callable[[], SessionStore], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
