"""Step 7: success. Everything is asked again, and only then are there tokens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

from flowengine.accounts.account import Account
from flowengine.accounts.device import Device
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts
from flowengine.engine.access_tokens import REVOKED
from flowengine.engine.devices import group_key, new_device_key
from flowengine.engine.locking import check_lock
from flowengine.engine.parts import Parts
from flowengine.engine.replies import AuthenticationResult, NewDevice, SuccessReply
from flowengine.engine.second_factors import TURNED_ON, has_shown
from flowengine.engine.step_up import check_target, conditions_of, level_at
from flowengine.engine.triggers.context import of_sign_in
from flowengine.engine.triggers.hooks import after_sign_in, claim_changes, token_source
from flowengine.engine.users import Identified, recall
from flowengine.errors import NotAuthorizedError
from flowengine.flow.machine import Decision
from flowengine.flow.program import Condition, EndNode, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import holds
from flowengine.runtime.stored import Grant
from flowengine.tokens.amr import amr_of
from flowengine.tokens.changes import NO_CHANGES, ClaimChanges
from flowengine.tokens.claims import SignInFacts, access_claims, id_claims
from flowengine.tokens.jwt import sign
from flowengine.tokens.refresh import family_of, hash_token, new_token


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
    if not record.named or record.ledger.decoy or parts.clients.get(client.id) != client:
        raise NotAuthorizedError
    tokens = end.grants and parts.directory is not None and pool.id in parts.signing
    if tokens and _is_on_new_device(parts, pool, record):
        record = replace(record, offered_device=new_device_key(parts, pool))
    # The grant is there before the user is read again: whoever changes the password meanwhile
    # is either seen below or finds the grant, and revokes it.
    level = level_at(program, record, snapshot, end)
    granted = await _grant(parts, client, record, level) if tokens else None
    try:
        user = await recall(parts, pool, record)
        await _check_continued(parts, record)
        _check_device(user, record)
        sub, ip = record.user.sub, snapshot.request.counted_ip
        await check_lock(parts, pool, sub, record.ledger.proved, ip)
        levels = conditions_of(program, end, level)
        check_require(parts, program, client, record, snapshot, levels)
        check_target(record, level)
        await _note_device(parts, user.device, record)
        changes = await _hooks(parts, snapshot, record, end, tokens=tokens)
        result = await _tokens(parts, pool, client, user.account, granted, changes)
    except Exception:  # else whoever asked is gone, and nobody has the token
        if granted is not None and parts.grants is not None:
            await parts.grants.revoke(granted.facts.origin_jti)
        raise
    parts.observer.note(
        "signed-in", {"event_id": record.event_id, "flow": program.name, "node": end.name}
    )
    return SuccessReply(
        user=record.user,
        proved=record.ledger.proved,
        level=level,
        authentication_result=result,
        node=end.name,
        trail=trail,
        enrolled=record.ledger.enrolled,
    )


async def _hooks(
    parts: Parts, snapshot: Snapshot, record: SignInRecord, end: EndNode, *, tokens: bool
) -> ClaimChanges:
    """Call the pool's triggers; either may still refuse."""
    context = of_sign_in(snapshot, record)
    if end.grants:
        await after_sign_in(parts, context, new_device=bool(record.offered_device))
    return await claim_changes(parts, context, token_source(record)) if tokens else NO_CHANGES


async def _check_continued(parts: Parts, record: SignInRecord) -> None:
    """Refuse when the sign-in that this one continues was revoked meanwhile."""
    if not record.continues:
        return
    if parts.grants is None or await parts.grants.live(record.continues) is None:
        raise NotAuthorizedError(REVOKED)


def _check_device(user: Identified, record: SignInRecord) -> None:
    """Refuse when the device that proved itself was forgotten meanwhile, which moves no stamp."""
    if "device" in record.ledger.proved and user.remembered is None:
        raise NotAuthorizedError


def check_require(
    parts: Parts,
    program: FlowProgram,
    client: Client,
    record: SignInRecord,
    snapshot: Snapshot,
    levels: tuple[Condition, ...],
) -> None:
    """Recompute ``require`` from the ledger: what was proved, not which path was taken.

    Raises:
        NotAuthorizedError: One of the flow's or the client's conditions, or that of a level, is
            not true.
    """
    facts = snapshot.bindings(program, record)
    conditions = (
        *program.require,
        *parts.client_require.get((client.name, program.name), ()),
        *levels,
    )
    for condition in conditions:
        if not holds(condition, facts):
            parts.observer.note(
                "require-not-met",
                {"event_id": record.event_id, "flow": program.name, "require": condition.text},
            )
            raise NotAuthorizedError


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What all tokens of one sign-in say of it.

    Attributes:
        origin_jti: The same in all of them.
        level: That was reached, or None.
        amr: How; told only of a sign-in that reached a level, as Cognito does.
    """

    origin_jti: str
    event_id: str
    auth_time: datetime
    level: str | None
    device_key: str | None = field(default=None, repr=False)
    amr: tuple[str, ...] = ()


def signed_in(
    record: SignInRecord, origin_jti: str, auth_time: datetime, level: str | None
) -> SignedIn:
    """Give what the tokens say of a sign-in, refreshed ones included."""
    amr = () if level is None else amr_of(record.ledger.proved)
    return SignedIn(origin_jti, record.event_id, auth_time, level, device_key_of(record), amr)


@dataclass(frozen=True, slots=True)
class _Granted:
    """A grant that was kept, and the text of its token, which nobody else has."""

    facts: SignedIn
    token: str = field(repr=False)
    offered_device: str = field(repr=False)


async def _grant(parts: Parts, client: Client, record: SignInRecord, level: str | None) -> _Granted:
    """Keep what a refresh will need: what was proved, and what was known at the time."""
    now = parts.clock.now()
    facts = signed_in(record, _uuid(parts), now, level)
    token = new_token(parts.entropy.draw)
    if parts.grants is not None:
        user = UserFacts(record.user.username, record.user.sub)
        await parts.grants.add(
            Grant(
                family=family_of(token),
                hash=hash_token(token),
                origin_jti=facts.origin_jti,
                pool_id=client.pool_id,
                client_id=client.id,
                username=user.username,
                sub=user.sub,
                record=replace(record, user=user).to_json(),
                level=level,
                auth_time=now,
                expires_at=now + client.tokens.refresh,
            )
        )
    return _Granted(facts, token, record.offered_device)


async def _tokens(
    parts: Parts,
    pool: Pool,
    client: Client,
    account: Account | None,
    granted: _Granted | None,
    changes: ClaimChanges,
) -> AuthenticationResult | None:
    if account is None or granted is None:
        return None
    result = await make_tokens(parts, pool, client, account, granted.facts, changes)
    device = None
    if granted.offered_device:
        device = NewDevice(granted.offered_device, group_key(parts, pool, account.sub))
    return replace(result, refresh_token=granted.token, new_device=device)


async def make_tokens(
    parts: Parts,
    pool: Pool,
    client: Client,
    account: Account,
    sign_in: SignedIn,
    changes: ClaimChanges,
) -> AuthenticationResult:
    """Sign an id and an access token for a sign-in; there is no refresh token among them."""
    keys, now = parts.signing[pool.id], parts.clock.now()
    facts = SignInFacts(
        issuer=pool.issuer,
        client_id=client.id,
        sub=account.sub,
        username=account.username,
        auth_time=sign_in.auth_time,
        origin_jti=sign_in.origin_jti,
        event_id=sign_in.event_id,
        groups=account.groups,
        attributes=account.attributes,
        acr=None if sign_in.level is None else pool.acr_of(sign_in.level),
        amr=sign_in.amr,
        device_key=sign_in.device_key,
    )
    facts = changes.regroup(facts)
    access = changes.of_access(access_claims(facts, _uuid(parts), now, client.tokens.access))
    identity = changes.of_identity(id_claims(facts, _uuid(parts), now, client.tokens.id))
    access_token = await parts.work.run(lambda: sign(keys.access, access))
    id_token = await parts.work.run(lambda: sign(keys.id, identity))
    lifetime = int(client.tokens.access.total_seconds())
    return AuthenticationResult(access_token, id_token, None, lifetime)


def device_key_of(record: SignInRecord) -> str | None:
    """Give the device that the tokens of a sign-in name: the one it came from, or a new one."""
    return record.device_key or record.offered_device or None


def _is_on_new_device(parts: Parts, pool: Pool, record: SignInRecord) -> bool:
    """Say whether a device may be confirmed after this sign-in.

    Cognito offers it only where the password was proved by SRP (COGNITO.md, H). A device stands
    for a second factor, so who has one and did not show it is offered none.
    """
    if pool.devices is None or parts.devices is None or record.device_key:
        return False
    has = record.user.has & TURNED_ON
    if has and not has_shown(parts, record, has) and not record.ledger.enrolled & has:
        return False
    return any(each.challenge == "PASSWORD_VERIFIER" and each.result for each in record.history)


async def _note_device(parts: Parts, device: Device | None, record: SignInRecord) -> None:
    """Keep when a device was last signed in on, if it proved itself."""
    if device is not None and parts.devices is not None and "device" in record.ledger.proved:
        await parts.devices.save(replace(device, seen_at=parts.clock.now()))


def _uuid(parts: Parts) -> str:
    return str(uuid.UUID(bytes=parts.entropy.draw(16), version=4))
