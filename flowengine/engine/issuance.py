"""Step 7: success. Everything is asked again, and only then are there tokens."""

from __future__ import annotations

import json
import uuid

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client, Pool
from flowengine.engine.judging import PASSWORD_ATTEMPTS_EXCEEDED, lock_key
from flowengine.engine.parts import Parts, PoolKeys
from flowengine.engine.replies import AuthenticationResult, SuccessReply
from flowengine.engine.users import recall
from flowengine.errors import NotAuthorizedError
from flowengine.flow.machine import Decision
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import SignInRecord, ledger_to_plain
from flowengine.runtime.step import holds
from flowengine.runtime.stored import Allowed, Grant, Locked
from flowengine.tokens.claims import SignInFacts, access_claims, id_claims
from flowengine.tokens.jwt import sign
from flowengine.tokens.refresh import hash_token, new_token


async def issue_success(
    parts: Parts,
    program: FlowProgram,
    client: Client,
    record: SignInRecord,
    snapshot: Snapshot,
    end: EndNode,
    trail: tuple[Decision, ...],
) -> SuccessReply:
    """Check user, client, lock-out and ``require`` once more; then issue.

    Raises:
        NotAuthorizedError: Something no longer holds, or never did.
    """
    pool = snapshot.pool
    user = await recall(parts, pool, record)
    if record.ledger.decoy or parts.clients.get(client.id) != client:
        raise NotAuthorizedError
    await _check_lock(parts, pool, record)
    _check_require(parts, program, client, record, snapshot, end)
    result = None
    if end.grants and user.account is not None and pool.id in parts.signing:
        keys = parts.signing[pool.id]
        result = await _tokens(parts, keys, pool, client, record, user.account, end.level_name)
    parts.observer.note(
        "signed-in", {"event_id": record.event_id, "flow": program.name, "node": end.name}
    )
    return SuccessReply(record.user, record.ledger.proved, end.level_name, result, end.name, trail)


async def _check_lock(parts: Parts, pool: Pool, record: SignInRecord) -> None:
    """Refuse when another sign-in locked one of the factors meanwhile."""
    if pool.lockout is None:
        return
    for factor in record.ledger.proved:
        key = lock_key(pool, record.user.sub, factor)
        allowed = await parts.counters.try_now(key, pool.lockout, parts.clock.now())
        if isinstance(allowed, Locked):
            raise NotAuthorizedError(PASSWORD_ATTEMPTS_EXCEEDED)
        if isinstance(allowed, Allowed):
            await parts.counters.give_back(key, allowed.reservation)


def _check_require(
    parts: Parts,
    program: FlowProgram,
    client: Client,
    record: SignInRecord,
    snapshot: Snapshot,
    end: EndNode,
) -> None:
    """Recompute ``require`` from the ledger: what was proved, not which path was taken."""
    facts = snapshot.bindings(program, record)
    conditions = (
        *program.require,
        *parts.client_require.get((client.name, program.name), ()),
        *((end.level,) if end.level else ()),
    )
    for condition in conditions:
        if not holds(condition, facts):
            parts.observer.note(
                "require-not-met",
                {"event_id": record.event_id, "flow": program.name, "require": condition.text},
            )
            raise NotAuthorizedError


async def _tokens(
    parts: Parts,
    keys: PoolKeys,
    pool: Pool,
    client: Client,
    record: SignInRecord,
    account: Account,
    level: str | None,
) -> AuthenticationResult:
    now = parts.clock.now()
    origin = _uuid(parts)
    facts = SignInFacts(
        issuer=pool.issuer,
        client_id=client.id,
        sub=account.sub,
        username=account.username,
        auth_time=now,
        origin_jti=origin,
        event_id=record.event_id,
        groups=account.groups,
        attributes=account.attributes,
        acr=level,
    )
    access = access_claims(facts, _uuid(parts), now, client.tokens.access)
    identity = id_claims(facts, _uuid(parts), now, client.tokens.id)
    refresh = new_token(parts.entropy.draw)
    access_token = await parts.work.run(lambda: sign(keys.access, access))
    id_token = await parts.work.run(lambda: sign(keys.id, identity))
    if parts.grants is not None:
        await parts.grants.add(
            Grant(
                hash=hash_token(refresh),
                origin_jti=origin,
                pool_id=pool.id,
                client_id=client.id,
                username=account.username,
                ledger=json.dumps(ledger_to_plain(record.ledger)),
                stamp=account.stamp,
                auth_time=now,
                expires_at=now + client.tokens.refresh,
            )
        )
    lifetime = int(client.tokens.access.total_seconds())
    return AuthenticationResult(access_token, id_token, refresh, lifetime)


def _uuid(parts: Parts) -> str:
    return str(uuid.UUID(bytes=parts.entropy.draw(16), version=4))
