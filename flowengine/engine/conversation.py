"""One answer in its eight steps, written once over asynchronous ports; two drivers run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserStatus
from flowengine.challenges.catalog import CHALLENGE_NAMES
from flowengine.challenges.device_srp_auth import DEVICE_KEY, NO_SUCH_DEVICE
from flowengine.challenges.kind import (
    Answering,
    AsksMore,
    Denied,
    Malformed,
    Pending,
    Proved,
    Wrong,
)
from flowengine.challenges.web_authn import WEB_AUTHN
from flowengine.engine.detours import detour_outcome, is_detour
from flowengine.engine.devices import DEVICE_SRP_AUTH, find_device_step
from flowengine.engine.effects import Write
from flowengine.engine.handles import Handle, claim, read_handle
from flowengine.engine.inline import inline_answer
from flowengine.engine.judging import judge
from flowengine.engine.locking import (
    NO_RESERVATION,
    Reservation,
    give_back,
    reserve,
    settle_reservation,
)
from flowengine.engine.making import is_of_own_making
from flowengine.engine.naming import name_user
from flowengine.engine.opened import (
    Opened,
    ask_more,
    expired,
    go_on,
    go_on_choosing,
    pending,
)
from flowengine.engine.parts import LEGACY_FLOWS, Parts, check_secret_hash, count_analytics
from flowengine.engine.polling import check_pace
from flowengine.engine.private import Private, unseal
from flowengine.engine.replies import Reply
from flowengine.engine.requests import (
    RequestOrigin,
    RespondToAuthChallengeRequest,
    request_facts,
)
from flowengine.engine.responses import read_responses, required
from flowengine.engine.triggers.context import of_sign_in
from flowengine.engine.users import recall, same_user, with_device
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    NotAuthorizedError,
    PasswordResetRequiredError,
    ResourceNotFoundError,
    UnknownSessionError,
)
from flowengine.flow.machine import OFFERED
from flowengine.flow.program import ChallengeNode
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Claimed

_NOBODY = RequestOrigin()
_NOTHING: Mapping[str, str] = MappingProxyType({})


async def respond(
    parts: Parts,
    request: RespondToAuthChallengeRequest,
    origin: RequestOrigin = _NOBODY,
    *,
    held: Reservation | None = None,
    inline: bool = False,
    begins: bool = False,
) -> Reply:
    """Take one answer through its eight steps.

    Args:
        held: The try that was reserved for an inline answer before its step was settled.
        inline: The answer came with another request, whose SECRET_HASH was checked.
        begins: That request began the sign-in: its ClientMetadata reaches no trigger from here.
    """
    client = parts.client(request.client_id)
    username = _username(request)
    if not inline:
        count_analytics(parts, client, request.analytics_metadata)
        check_secret_hash(client, username, request.challenge_responses.get("SECRET_HASH"))
    _check_name(request.challenge_name)
    handle = await _handle(parts, request, client, username)
    claimed = await claim(parts, handle)
    try:
        opened = await _open(parts, request, client, username, handle, claimed, origin)
        if begins:
            snapshot = replace(opened.snapshot, client_metadata=_NOTHING)
            opened = replace(opened, snapshot=snapshot)
        detour = _detour(opened)
        if detour is None and opened.node.poll is not None:
            time = opened.snapshot.request.time
            await check_pace(parts, opened.record, opened.node.poll, time)
        ready = held or (NO_RESERVATION if detour else await _expired_or_reserved(parts, opened))
    except CallerError:
        await parts.sessions.release(handle.token.id, handle.token.step)
        if held is not None:
            await give_back(parts, held)
        raise
    if detour is not None:
        await parts.sessions.release(handle.token.id, handle.token.step)
        return await go_on(parts, opened, detour, NotAuthorizedError())
    return await _judged(parts, opened, ready) if isinstance(ready, Reservation) else ready


async def _handle(
    parts: Parts, request: RespondToAuthChallengeRequest, client: Client, username: str
) -> Handle:
    """Read the handle of an answer; a device's may come without one."""
    if request.challenge_name != DEVICE_SRP_AUTH or request.session is not None:
        return read_handle(request)
    pool, sent = parts.pool_of(client), request.challenge_responses
    return await find_device_step(parts, pool, client, username, sent)


def _username(request: RespondToAuthChallengeRequest) -> str:
    """Give USERNAME; only a passkey may come without one, where it names its user itself.

    Raises:
        InvalidParameterError: It is missing.
    """
    sent = request.challenge_responses
    if request.challenge_name == WEB_AUTHN:
        return sent.get("USERNAME") or ""
    return required(sent, "USERNAME")


def _check_name(name: str) -> None:
    if name not in CHALLENGE_NAMES:
        raise InvalidParameterError(
            "1 validation error detected: Value at 'challengeName' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(CHALLENGE_NAMES)}]"
        )
    if name in LEGACY_FLOWS:  # in the protocol's set, and never asked (COGNITO.md, A.3)
        raise InvalidParameterError(f"{name} is an auth flow, and no challenge to respond to.")


async def _expired_or_reserved(parts: Parts, opened: Opened) -> Reservation | Reply:
    """Take the ``expired`` edge where what was sent is too old; else reserve a try."""
    if _code_expired(opened):
        return await expired(parts, opened.unproved)
    factor = opened.node.kind.facts.factor
    ip = opened.snapshot.request.counted_ip
    return await reserve(parts, opened.pool, opened.record.user.sub, factor, ip)


async def _judged(parts: Parts, opened: Opened, reservation: Reservation) -> Reply:
    """Steps 3 to 8: have the answer judged, and go on by the verdict."""
    try:
        answering = _answering(parts, opened)
        context = of_sign_in(opened.snapshot, opened.record)
        verdict = await judge(parts, opened.node, answering, opened.record.ledger, context)
    except CallerError as error:
        verdict = Denied(error)
    except BaseException:
        await give_back(parts, reservation)
        raise
    await settle_reservation(parts, reservation, verdict)
    match verdict:
        case Malformed():
            await parts.sessions.release(opened.handle.token.id, opened.handle.token.step)
            raise verdict.error
        case Proved():
            return await _proved(parts, opened, verdict)
        case Wrong():
            return await _wrong(parts, opened.unproved, verdict.error)
        case Denied():
            return await go_on(parts, opened.unproved, "denied", verdict.error)
        case Pending():
            return await pending(parts, opened)
        case AsksMore():
            return await ask_more(parts, opened, verdict)
        case _:
            assert_never(verdict)


async def _open(
    parts: Parts,
    request: RespondToAuthChallengeRequest,
    client: Client,
    username: str,
    handle: Handle,
    claimed: Claimed,
    origin: RequestOrigin,
) -> Opened:
    """Check that the answer is this session's: client, challenge, user, account, keys."""
    foreign = handle.refusal(UnknownSessionError())
    record = SignInRecord.from_json(claimed.record)
    if record is None or record.client != client.name or record.pool != client.pool_id:
        raise foreign
    program = parts.program_of(record)
    pool = parts.pool_of(client)
    node = program.nodes.get(record.node)
    if not isinstance(node, ChallengeNode):
        raise foreign
    if (record.asking or node.kind.facts.name) != request.challenge_name:
        raise foreign
    if record.named:
        await _check_user(parts, pool, record, username, foreign)
    sent = request.challenge_responses
    user = await recall(parts, pool, record, sent)
    record = with_device(record, user)
    detours = is_detour(node, sent)
    responses = {} if detours else _responses(node, sent)
    metadata = read_responses(program.metadata, request.client_metadata)
    facts = request_facts(origin, request.user_context_data, parts.clock.now(), metadata)
    told = request.client_metadata
    snapshot = Snapshot(pool, client, facts, claimed.used, responses, told)
    private = unseal(handle.token, claimed.private)
    opened = Opened(
        request,
        origin,
        handle,
        claimed,
        record,
        program,
        node,
        pool,
        client,
        private,
        user,
        snapshot,
    )
    return opened if record.named or detours else await name_user(parts, opened, username)


async def _check_user(
    parts: Parts, pool: Pool, record: SignInRecord, username: str, foreign: CallerError
) -> None:
    if not username:
        raise InvalidParameterError.missing("USERNAME")
    if not await same_user(parts, pool, record, username):
        raise foreign


def _responses(node: ChallengeNode, sent: Mapping[str, str]) -> Mapping[str, str]:
    """Give the declared keys, and those of the protocol that the kind reads anyway."""
    implied = {key: sent[key] for key in node.kind.facts.implied if key in sent}
    return {**implied, **read_responses(node.responses, sent)}


def _detour(opened: Opened) -> str | None:
    sent = opened.request.challenge_responses
    if not is_detour(opened.node, sent):
        return None
    return detour_outcome(opened.program, opened.node, opened.record, opened.snapshot, sent)


def _code_expired(opened: Opened) -> bool:
    life = opened.node.expires
    return life is not None and opened.snapshot.request.time >= opened.record.issued_at + life


def _answering(parts: Parts, opened: Opened) -> Answering:
    return Answering(
        pool=opened.pool,
        user=opened.record.user,
        account=opened.user.account,
        settings=opened.node.settings,
        responses=opened.snapshot.responses,
        private=opened.private.kind,
        facts=opened.snapshot.bindings(opened.program, opened.record),
        token=opened.handle.token.raw,
        now=opened.snapshot.request.time,
        entropy=parts.entropy.draw,
        device=opened.user.remembered,
        named=opened.before is None,
    )


async def _wrong(parts: Parts, opened: Opened, error: CallerError) -> Reply:
    """Take ``wrong``, or ``exhausted`` where this answer used the last try."""
    node, claimed = opened.node, opened.claimed
    if claimed.used >= node.attempts and not node.ends_when_wrong:
        stays = opened.program.stays(node)
        return await go_on(parts, opened, "exhausted", NotAuthorizedError(), keep=stays)
    return await go_on(parts, opened, "wrong", error)


async def _proved(parts: Parts, opened: Opened, verdict: Proved) -> Reply:
    """Enter the evidence, change the user, and go on; the password's own gates come first."""
    account = opened.user.account
    if "password" in verdict.evidence and account is not None:
        if _names_no_device(opened):
            # Clients answer again without it, and with the same SECRET_BLOCK (COGNITO.md, A.1).
            await parts.sessions.release(opened.handle.token.id, opened.handle.token.step)
            raise ResourceNotFoundError(NO_SUCH_DEVICE)
        gate = _password_gate(account, opened)
        if gate is not None:
            return await go_on(parts, opened, "denied", gate, close=True)
    if await is_of_own_making(parts, opened, verdict):
        return await go_on(parts, opened, "denied", NotAuthorizedError(), close=True)
    before = opened.record.ledger
    names = (n for n in verdict.evidence if not opened.program.makers(n) & before.enrolled)
    ledger = before.gain(names, opened.snapshot.request.time)
    ledger = None if ledger is None else ledger.enrol(verdict.enrols)
    if ledger is None:
        return await go_on(parts, opened, "denied", NotAuthorizedError(), close=True)
    record, write = opened.record, None
    if verdict.changes is not None and account is not None:
        stamp = parts.entropy.draw(16).hex()
        changed = verdict.changes.apply(account, stamp, opened.snapshot.request.time)
        # A decoy walks the same way, and nothing is written for it.
        decoy = opened.user.decoy
        signs_out = verdict.changes.password is not None
        write = None if decoy else Write(changed, account.stamp, signs_out)
        facts = replace(changed.facts(), exists=not decoy)
        record = replace(record, user=facts, stamp="" if decoy else stamp)
    declared = opened.node.kind.facts
    if not opened.user.decoy and not declared.may_leave(opened.record.user, record.user):
        # Proofs rest on what a kind declares that it writes.
        return await go_on(parts, opened, "denied", NotAuthorizedError(), close=True)
    carried = MappingProxyType({**opened.private.carried, **verdict.carries})
    opened = replace(opened, record=record, private=Private(opened.private.kind, carried))
    if verdict.chooses is None:
        return await go_on(parts, opened, "proved", NotAuthorizedError(), ledger, write)
    chosen = f"{OFFERED}{verdict.chooses}"
    return await _chosen(parts, opened, chosen, ledger)


async def _chosen(parts: Parts, opened: Opened, outcome: str, ledger: Ledger) -> Reply:
    """Go on to the chosen challenge, and answer it at once where what it asks for came along."""
    # A menu declares its ANSWER and the keys that may come inline, and nothing else is read.
    given = opened.snapshot.responses
    taken = await go_on_choosing(parts, opened, outcome, ledger, frozenset(given))
    answer = inline_answer(opened.program, taken.reply, given, opened.request)
    if answer is None:
        return taken.reply
    return await respond(parts, answer, opened.origin, held=taken.held, inline=True)


def _names_no_device(opened: Opened) -> bool:
    """Say whether a right password came with a device that its user does not have.

    Said only to who knows the password: to everybody else the answer was wrong.
    """
    if opened.pool.devices is None or _claims_device(opened.record):
        return False
    return DEVICE_KEY in opened.request.challenge_responses


def _claims_device(record: SignInRecord) -> bool:
    return bool(record.device_key) or DEVICE_KEY in record.parameters


def _password_gate(account: Account, opened: Opened) -> CallerError | None:
    """Refuse a right password that must be reset, or was temporary too long ago (B.3).

    And one whose sign-in began on a device which the user does not have, or not any more: clients
    then begin again without it.
    """
    claims = opened.pool.devices is not None and _claims_device(opened.record)
    if claims and opened.user.device is None:
        return ResourceNotFoundError(NO_SUCH_DEVICE)
    if account.status is UserStatus.RESET_REQUIRED:
        return PasswordResetRequiredError()
    until = account.temporary_until
    if until is not None and opened.snapshot.request.time >= until:
        return NotAuthorizedError(
            "Temporary password has expired and must be reset by an administrator."
        )
    return None
