"""Refresh: new id and access tokens for a sign-in, after everything was asked again.

It is an operation and not a flow: nobody is asked anything. The grant, its client and its user
are read again, and ``require`` is recomputed: of the flow that the client now runs for the auth
flow the sign-in came by, and of the client; with what was proved at the sign-in, the inputs it
had, and the user as they are now. ``age`` counts on. The lock-out is neither asked nor changed:
who guesses at a password must not be able to sign its user out.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserStatus
from flowengine.crypto import secret_hash
from flowengine.engine.beginners import same_evidence
from flowengine.engine.issuance import check_require, device_key_of, make_tokens, signed_in
from flowengine.engine.parts import Parts, check_secret_hash, count_analytics
from flowengine.engine.ports import Grants
from flowengine.engine.replies import SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RequestOrigin, request_facts
from flowengine.engine.responses import read_responses, required
from flowengine.engine.triggers.context import TriggerContext
from flowengine.engine.triggers.hooks import claim_changes
from flowengine.engine.users import check_account, find_device
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    PasswordResetRequiredError,
    RefreshTokenReuseError,
    UserNotFoundError,
)
from flowengine.flow.program import Condition, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Grant, Retired
from flowengine.tokens.refresh import (
    family_of,
    hash_token,
    is_refresh_token,
    open_successor,
    seal_successor,
    successor_of,
)

REFRESH_FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})

INVALID = "Invalid Refresh Token"
EXPIRED = "Refresh Token has expired"
REVOKED = "Refresh Token has been revoked"

_MOST_RETIRED = 16
"""More replacements than a client makes in one grace; the oldest then loses the rest of its."""

_MOST_TRIES = 3
"""How often a rotation is judged anew because another one was faster."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token as it came, and what came with it.

    Attributes:
        context: UserContextData; untrusted.
        metadata: ClientMetadata; untrusted.
        device_key: DEVICE_KEY, or None.
        tells: Whether ClientMetadata reaches PreTokenGeneration, as GetTokensFromRefreshToken
            has it; what comes with REFRESH_TOKEN_AUTH does not.
    """

    token: str = field(repr=False)
    origin: RequestOrigin
    context: Mapping[str, str] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    device_key: str | None = field(default=None, repr=False)
    tells: bool = False


async def refresh_auth(
    parts: Parts, request: InitiateAuthRequest, origin: RequestOrigin
) -> SuccessReply:
    """Do REFRESH_TOKEN_AUTH: new id and access tokens; the refresh token stays good.

    Where the client's tokens rotate, only GetTokensFromRefreshToken can hand the next one out, and
    this is refused (Amazon Cognito API reference, RefreshTokenRotationType).

    Raises:
        CallerError: Refused; see ``refresh``.
    """
    client = parts.client(request.client_id)
    count_analytics(parts, client, request.analytics_metadata)
    if client.tokens.rotation is not None:
        raise InvalidParameterError(f"{request.auth_flow} is not enabled for the client.")
    token = required(request.auth_parameters, "REFRESH_TOKEN")
    sent = request.auth_parameters.get("SECRET_HASH")
    if client.secret is None or sent is None:
        check_secret_hash(client, "", sent)
    grant = await find_grant(parts, client, token)
    _check_secret_hash(client, grant, sent)
    presented = Presented(
        token,
        origin,
        request.user_context_data,
        request.client_metadata,
        request.auth_parameters.get("DEVICE_KEY"),
    )
    return await refresh(parts, client, grant, presented)


def _check_secret_hash(client: Client, grant: Grant, sent: str | None) -> None:
    """Check SECRET_HASH against the user name or ``sub``, never an alias (COGNITO.md, H.4)."""
    if client.secret is None or sent is None:
        return
    names = (grant.username, grant.sub)
    if not any(secret_hash.check(client.secret, name, client.id, sent) for name in names):
        raise NotAuthorizedError("SecretHash does not match for the client: {client_id}")


async def find_grant(parts: Parts, client: Client, token: str) -> Grant:
    """Find the grant of a refresh token, whether or not it is still good.

    Raises:
        NotAuthorizedError: It is no token of ours, or another client's: told by the same text.
    """
    grants = parts.grants
    if grants is None or client.pool_id not in parts.signing or not is_refresh_token(token):
        raise NotAuthorizedError(INVALID)
    grant = await grants.find(family_of(token))
    if grant is None or (grant.client_id, grant.pool_id) != (client.id, client.pool_id):
        raise NotAuthorizedError(INVALID)
    return grant


async def refresh(parts: Parts, client: Client, grant: Grant, presented: Presented) -> SuccessReply:
    """Check a grant, its user and ``require``; rotate where the client says so; give tokens.

    Raises:
        NotAuthorizedError: The token is not good, or is not good any more: the grant was
            revoked or has expired, the user is disabled, ``require`` is not met.
        RefreshTokenReuseError: It was replaced, and its grace is over: a copy of it is about.
            Nothing of the sign-in is good from here on.
        UserNotFoundError: The user is gone, even if another one has the name by now.
        UserNotConfirmedError: The user's sign-up is not confirmed any more.
        PasswordResetRequiredError: An administrator wants the password changed first.
        InvalidParameterError: ClientMetadata breaks the flow's rules, or the client's tokens are
            not refreshed.
    """
    if not client.refreshes:
        raise InvalidParameterError("REFRESH_TOKEN_AUTH is not enabled for the client.")
    await _newest(parts, client, grant, presented.token)
    account = await _account(parts, grant)
    record = _record(grant, account)
    await _check_device(parts, client, account, record, presented)
    program = _program(parts, client, record)
    _check(parts, program, client, record, grant, presented)
    pool = parts.pool_of(client)
    # Asked before the token is replaced: where it refuses, the client still has a good one.
    changes = await claim_changes(parts, _context(pool, client, record, presented), "RefreshTokens")
    renewed = await _rotate(parts, client, grant, presented.token)
    facts = signed_in(record, grant.origin_jti, grant.auth_time, grant.level)
    result = await make_tokens(parts, pool, client, account, facts, changes)
    parts.observer.note("refreshed", {"event_id": record.event_id, "flow": program.name})
    return SuccessReply(
        record.user, record.ledger.proved, grant.level, replace(result, refresh_token=renewed)
    )


def _context(
    pool: Pool, client: Client, record: SignInRecord, presented: Presented
) -> TriggerContext:
    told = presented.metadata if presented.tells else {}
    auth_flow, history = record.auth_flow, record.history
    return TriggerContext(pool, client, record.user, record.event_id, auth_flow, history, told)


async def _newest(parts: Parts, client: Client, grant: Grant, token: str) -> str:
    """Give the family's present token to who has it, or one whose grace lasts."""
    now = parts.clock.now()
    if grant.revoked:
        raise NotAuthorizedError(REVOKED)
    if grant.expires_at <= now:
        raise NotAuthorizedError(EXPIRED)
    newest = newest_of(grant, token, _grace(client), now)
    if newest is not None:
        return newest
    if grant.rotations == 0:
        raise NotAuthorizedError(INVALID)
    await _grants(parts).revoke(grant.origin_jti)
    parts.observer.note("refresh-token-reused", {"event_id": _event_id(grant)})
    raise RefreshTokenReuseError


def _event_id(grant: Grant) -> str:
    record = SignInRecord.from_json(grant.record)
    return "" if record is None else record.event_id


def newest_of(grant: Grant, token: str, grace: timedelta, now: datetime) -> str | None:
    """Follow a token to the one that has taken its place; None where it is not good any more.

    A token is good until ``grace`` after it was replaced, even when the one that replaced it was
    replaced meanwhile. The instant at which its grace ends is too late.
    """
    text = token
    for old in grant.retired:
        if hmac.compare_digest(old.hash, hash_token(text)) and now < old.at + grace:
            text = open_successor(text, old.successor)
    return text if hmac.compare_digest(hash_token(text), grant.hash) else None


def _grace(client: Client) -> timedelta:
    return timedelta() if client.tokens.rotation is None else client.tokens.rotation.grace


async def _account(parts: Parts, grant: Grant) -> Account:
    """Read the user again."""
    directory = parts.directory
    account = None if directory is None else await directory.find(grant.pool_id, grant.username)
    if account is None or account.sub != grant.sub:
        raise UserNotFoundError
    check_account(account)
    if account.status is UserStatus.RESET_REQUIRED:
        raise PasswordResetRequiredError
    return account


async def _check_device(
    parts: Parts, client: Client, account: Account, record: SignInRecord, presented: Presented
) -> None:
    """Demand the device of the sign-in, where its user confirmed it (COGNITO.md, H.4).

    One that the sign-in came from and that was forgotten since refreshes nothing any more. One
    that was only offered and never confirmed is not asked for.
    """
    key = device_key_of(record)
    pool = parts.pool_of(client)
    if key is None or pool.devices is None:
        return
    device = await find_device(parts, pool, account, key)
    if device is None and record.offered_device:
        return
    if device is None or presented.device_key != key:
        raise NotAuthorizedError(INVALID)


def _record(grant: Grant, account: Account) -> SignInRecord:
    """Read the record of the sign-in, with its user as they are now."""
    record = SignInRecord.from_json(grant.record)
    if record is None or record.ledger.decoy:
        raise NotAuthorizedError(REVOKED)
    return replace(record, user=account.facts())


def _program(parts: Parts, client: Client, record: SignInRecord) -> FlowProgram:
    """Find what the client runs at present for the auth flow that the sign-in came by."""
    name = client.auth_flows.get(record.auth_flow, "") if record.auth_flow else record.flow
    program = parts.flows.get(name)
    if program is None or (record.auth_flow and record.auth_flow not in program.doors):
        raise NotAuthorizedError(REVOKED)
    return program


def _check(
    parts: Parts,
    program: FlowProgram,
    client: Client,
    record: SignInRecord,
    grant: Grant,
    presented: Presented,
) -> None:
    """Recompute ``require``, and the condition of the level that the tokens will name."""
    rules = (replace(rule, optional=True) for rule in program.metadata)
    metadata = read_responses(rules, presented.metadata)
    now = parts.clock.now()
    facts = request_facts(presented.origin, presented.context, now, metadata)
    snapshot = Snapshot(parts.pool_of(client), client, facts)
    ledger = record.ledger.of(same_evidence(program, parts.flows.get(record.flow)))
    inputs = MappingProxyType(_inputs(program, record.inputs))
    counted = replace(record, flow=program.name, inputs=inputs, ledger=ledger)
    try:
        levels = _levels(program, grant.level)
        check_require(parts, program, client, counted, snapshot, levels)
    except NotAuthorizedError:
        raise NotAuthorizedError(REVOKED) from None


def _inputs(program: FlowProgram, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Give the sign-in's inputs to the flow as it is now, which may have others."""
    values = {}
    for name, declared in program.inputs.items():
        value = kept.get(name, declared.default)
        if (declared.required and name not in kept) or not declared.takes(value):
            raise NotAuthorizedError(REVOKED)
        values[name] = value
    return values


def _levels(program: FlowProgram, name: str | None) -> tuple[Condition, ...]:
    """Find the condition of a level; one that the flow does not have any more is not reached."""
    if name is None:
        return ()
    if name not in program.levels:
        raise NotAuthorizedError
    return (program.levels[name],)


async def _rotate(parts: Parts, client: Client, grant: Grant, token: str) -> str | None:
    """Replace the token; whoever comes with the old one in its grace is given the same new one.

    So two requests at once both get it: the swap has one winner, and the other one reads what it
    left. Where there is no grace, the other one is refused, as any use of a replaced token is.
    """
    if client.tokens.rotation is None:
        return None
    for _ in range(_MOST_TRIES):
        newest = await _newest(parts, client, grant, token)
        if newest != token:
            return newest
        now, successor = parts.clock.now(), successor_of(token, parts.entropy.draw)
        sealed = seal_successor(token, successor, parts.entropy.draw)
        grace = client.tokens.rotation.grace
        retired = [*grant.retired, Retired(grant.hash, now, sealed)][-_MOST_RETIRED:]
        rotated = replace(
            grant,
            hash=hash_token(successor),
            rotations=grant.rotations + 1,
            retired=tuple(old for old in retired if now < old.at + grace),
        )
        if await _grants(parts).rotate(rotated, grant.hash, now):
            return successor
        grant = await find_grant(parts, client, token)
    raise NotAuthorizedError(REVOKED)


def _grants(parts: Parts) -> Grants:
    if parts.grants is None:
        raise NotAuthorizedError(INVALID)
    return parts.grants
