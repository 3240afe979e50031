"""Step 3 of an answer: the kind's verdict, and what is spent for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flowengine.accounts.evidence import written_attribute
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
from flowengine.errors import CallerError, InvalidLambdaResponseError, NotAuthorizedError
from flowengine.flow.program import ChallengeNode
from flowengine.runtime.ledger import Ledger


def spent_key(pool: Pool, sub: str, key: str) -> str:
    """Name what one user may use once, wherever it is used: ``totp:58012345``."""
    return f"spent|{pool.id}|{sub}|{key}"


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
    evidence, enrols = set(proved.evidence), set(node.kind.facts.enrols)
    may = {*node.evidence, *node.kind.facts.may_prove}
    if not all(_may_enrol(node, name) for name in proved.enrols) or not evidence <= may:
        return False
    enrolled = not enrols or not enrols.isdisjoint(ledger.enrolled.union(proved.enrols))
    return ledger.decoy or (enrolled and evidence >= set(node.evidence))


def _may_enrol(node: ChallengeNode, name: str) -> bool:
    attribute = written_attribute(name)
    declared = name in node.kind.facts.enrols
    return declared if attribute is None else node.writes(attribute)


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
