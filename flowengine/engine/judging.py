"""Steps 2 and 3 of an answer: the lock-out, the kind's verdict, and what is spent for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import (
    Answering,
    CallFunction,
    Denied,
    PasskeyCount,
    Proved,
    Spend,
    Verdict,
    Wrong,
)
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.calling import call_function
from flowengine.engine.triggers.context import TriggerContext
from flowengine.errors import (
    CallerError,
    InvalidLambdaResponseError,
    NotAuthorizedError,
    TooManyRequestsError,
)
from flowengine.flow.program import ChallengeNode
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.stored import Allowed, Crowded, Locked

PASSWORD_ATTEMPTS_EXCEEDED = "Password attempts exceeded"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A try that was reserved under a user's and factor's count.

    Attributes:
        id: None where the pool never locks or the kind has no factor.
    """

    key: str
    id: int | None


NO_RESERVATION = Reservation("", None)


def lock_key(pool: Pool, sub: str, factor: str) -> str:
    """Name the count of one user's one factor, over all sign-ins and auth flows."""
    return f"lock|{pool.id}|{sub}|{factor}"


def spent_key(pool: Pool, sub: str, key: str) -> str:
    """Name what one user may use once, wherever it is used: ``totp:58012345``."""
    return f"spent|{pool.id}|{sub}|{key}"


async def reserve(parts: Parts, pool: Pool, sub: str, factor: str | None) -> Reservation:
    """Reserve a try before anything is compared.

    Raises:
        NotAuthorizedError: The factor is locked for this user.
        TooManyRequestsError: Too many tries are under way.
    """
    if pool.lockout is None or factor is None:
        return NO_RESERVATION
    key = lock_key(pool, sub, factor)
    allowed = await parts.counters.try_now(key, pool.lockout, parts.clock.now())
    match allowed:
        case Allowed(reservation):
            return Reservation(key, reservation)
        case Locked():
            raise NotAuthorizedError(PASSWORD_ATTEMPTS_EXCEEDED)
        case Crowded():
            raise TooManyRequestsError


async def settle_reservation(
    parts: Parts, pool: Pool, reservation: Reservation, verdict: Verdict
) -> None:
    """Count a wrong answer, clear the count of a proved factor, give the rest back."""
    if reservation.id is None or pool.lockout is None:
        return
    if isinstance(verdict, Wrong):
        now = parts.clock.now()
        await parts.counters.count_wrong(reservation.key, reservation.id, pool.lockout, now)
        return
    await parts.counters.give_back(reservation.key, reservation.id)
    if isinstance(verdict, Proved):
        await parts.counters.clear(reservation.key)


async def give_back(parts: Parts, reservation: Reservation) -> None:
    """Give a reservation back, because verification itself failed."""
    if reservation.id is not None:
        await parts.counters.give_back(reservation.key, reservation.id)


async def judge(
    parts: Parts,
    node: ChallengeNode,
    answering: Answering,
    ledger: Ledger,
    context: TriggerContext,
) -> Verdict:
    """Let the kind judge, spend what is good once, and let the ledger have the last word.

    Raises:
        CallerError: A registered function refused or failed.
    """
    verdict = await _ask_kind(parts, node, answering, context)
    if not isinstance(verdict, Proved):
        return verdict
    if not _is_of_node(node, verdict, ledger):
        return Denied(NotAuthorizedError())
    if verdict.spend is not None:
        refusal = await spend(parts, answering, verdict.spend)
        if refusal is not None:
            return Wrong(refusal)
    if ledger.gain(verdict.evidence, answering.now) is None:
        return Wrong(NotAuthorizedError())
    if verdict.counts is not None and not await _count(parts, answering.pool, verdict.counts):
        return Wrong(NotAuthorizedError())
    return verdict


def _is_of_node(node: ChallengeNode, proved: Proved, ledger: Ledger) -> bool:
    """Say whether what is proved is what the node declares; a decoy may prove less, so nothing."""
    evidence = set(proved.evidence)
    may = {*node.evidence, *node.kind.facts.may_prove}
    return evidence <= may and (ledger.decoy or evidence >= set(node.evidence))


async def _count(parts: Parts, pool: Pool, moved: PasskeyCount) -> bool:
    """Swap a passkey's counter; False where a copy of the passkey, or a replay, was faster."""
    if parts.directory is None:
        return False
    return await parts.directory.count_passkey(pool.id, moved.credential_id, moved.old, moved.new)


async def _ask_kind(
    parts: Parts, node: ChallengeNode, answering: Answering, context: TriggerContext
) -> Verdict:
    verdict = await parts.work.run(lambda: node.kind.verify(answering))
    if not isinstance(verdict, CallFunction):
        return verdict
    name, arguments = verdict.name, verdict.arguments
    result = await call_function(parts, context, name, arguments, verdict.timeout)
    again = node.kind.verify(replace(answering, called=result))
    if isinstance(again, CallFunction):
        return Denied(InvalidLambdaResponseError())
    return again


async def spend(parts: Parts, answering: Answering, once: Spend) -> CallerError | None:
    """Burn what is good once, before anything is believed; the error where it was burnt."""
    return await spend_for(parts, answering.pool, answering.user.sub, once, answering.now)


async def spend_for(
    parts: Parts, pool: Pool, sub: str, once: Spend, now: datetime
) -> CallerError | None:
    """Burn for a user what is good once, wherever it is used; the error where it was burnt."""
    if not await parts.counters.spend_once(spent_key(pool, sub, once.key), once.until, now):
        return once.used
    for key in once.also:
        await parts.counters.spend_once(spent_key(pool, sub, key), once.until, now)
    return None
