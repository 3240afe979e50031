"""Steps 4 to 8: from where the step rests to what the caller is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from flowengine.accounts.evidence import written_attribute
from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.custom_challenge import deliver_of
from flowengine.challenges.kind import CallFunction, Issued, Issuing, Unavailable
from flowengine.engine.calling import Acting, Called, act, call_node
from flowengine.engine.delivering import deliver, reserve_sending
from flowengine.engine.devices import DEVICE_SRP_AUTH, device_token
from flowengine.engine.effects import Write, act_all, write_user
from flowengine.engine.handles import FOUND_BY_SECRET_BLOCK
from flowengine.engine.inline import hold
from flowengine.engine.issuance import issue_success
from flowengine.engine.locking import Reservation, give_back
from flowengine.engine.parts import Parts
from flowengine.engine.private import Private
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.triggers.calling import call_function
from flowengine.engine.triggers.context import TriggerContext, of_sign_in
from flowengine.engine.users import Identified, play_reachable
from flowengine.errors import (
    AnswerConflictError,
    CallerError,
    InvalidLambdaResponseError,
    MFAMethodNotFoundError,
    NotAuthorizedError,
    caller_errors,
)
from flowengine.flow.machine import RESENT, Decision
from flowengine.flow.program import CallNode, ChallengeNode, FlowProgram
from flowengine.flow.targets import REFUSED
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import Advance, Asks, Calls, Ended, Happened, Started, Stays, step
from flowengine.runtime.stored import NewStep
from flowengine.runtime.token import LAST_STEP, StepToken

_ID_BYTES = 16
_SECRET_BYTES = 32
_CHOSEN = frozenset({"password"})
"""What is enrolled without being shown to work: decoys are asked for it alike."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One request as it is worked on.

    Attributes:
        token: The handle it came with; None for a request that begins a sign-in.
        carried: What the auth flow brought for kinds.
        error: What a refusal says unless the flow says something else.
        write: The change to the user, or None.
        keep: Whether a refusal writes nothing, since a right answer may be under way.
        acting: The functions to be called once the step is settled.
        sign_in: The id of a sign-in that begins; None where any will do.
        inline: What came to answer the next challenge at once.
    """

    program: FlowProgram
    pool: Pool
    client: Client
    user: Identified
    request: RequestFacts
    snapshot: Snapshot
    token: StepToken | None
    carried: Private
    error: CallerError = field(default_factory=NotAuthorizedError)
    write: Write | None = None
    keep: bool = False
    acting: tuple[Acting, ...] = ()
    sign_in: bytes | None = None
    inline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request led to.

    Attributes:
        held: A try that was reserved for the answer that came inline; None where none did. Whoever
            answers uses it, or gives it back.
    """

    reply: Reply
    held: Reservation | None = None


async def take(parts: Parts, turn: Turn, record: SignInRecord, event: Started | Happened) -> Reply:
    """Step, issue, settle, write, and reply; or refuse. Nothing came inline."""
    return (await take_holding(parts, turn, record, event)).reply


async def take_holding(
    parts: Parts, turn: Turn, record: SignInRecord, event: Started | Happened
) -> Taken:
    """Step, issue, reserve a try where the answer is here, settle, write, and reply; or refuse."""
    trail: tuple[Decision, ...] = ()
    failed: CallerError | None = None
    for _ in range(len(turn.program.nodes) + 1):
        advance = step(turn.program, record, event, turn.snapshot)
        trail += advance.trail
        arrival = advance.arrival
        match arrival:
            case Stays():
                raise turn.error
            case Calls(node):
                called = await _call(parts, turn, advance.record, node)
                if called.acting is not None:
                    turn = replace(turn, acting=(*turn.acting, called.acting))
                failed, record = called.error, called.record
                event = Happened(called.outcome, record.ledger, record.user)
            case Ended():
                _observe(parts, turn, advance, trail)
                if failed is not None and _refused_at_once(advance):
                    turn = replace(turn, error=failed)
                return Taken(await _end(parts, turn, replace(advance, trail=trail), arrival))
            case Asks(node, available):
                token = _token_for(parts, turn, advance.record, node)
                issued = await _issue(parts, turn, advance.record, node, token)
                if isinstance(issued, Issued):
                    _observe(parts, turn, advance, trail)
                    issued = replace(issued, available=issued.available or available)
                    rested = replace(advance, trail=trail)
                    return await _rest(parts, turn, rested, node, token, issued)
                if isinstance(event, Happened) and event.outcome == RESENT:
                    # Nothing was compared and nothing is written: the old code stays good.
                    raise issued.error
                if _would_tell(turn, advance.record, node, issued.error):
                    turn, record = _as_nobody(parts, turn, advance.record)
                    event = Started(node.name)
                    continue
                if "unavailable" not in node.written:
                    turn = replace(turn, error=issued.error)
                record = advance.record
                event = Happened("unavailable", record.ledger, record.user)
            case _:
                assert_never(arrival)
    raise NotAuthorizedError


async def _rest(
    parts: Parts,
    turn: Turn,
    advance: Advance,
    node: ChallengeNode,
    token: StepToken,
    issued: Issued,
) -> Taken:
    """Ask; but where the answer is here and its factor is locked, nothing is written at all."""
    sub, ip = advance.record.user.sub, turn.request.counted_ip
    try:
        held = await hold(parts, turn.pool, node, turn.inline, sub, ip)
    except CallerError:
        if turn.token is not None:
            await parts.sessions.release(turn.token.id, turn.token.step)
        raise
    try:
        reply = await ask(parts, turn, advance, node, token, issued)
    except BaseException:
        if held is not None:
            await give_back(parts, held)
        raise
    return Taken(replace(reply, available_challenges=issued.available), held)


def _would_tell(turn: Turn, record: SignInRecord, node: ChallengeNode, error: CallerError) -> bool:
    """Say whether a refusal would tell that there is a user, and that they have no such address.

    Whoever has proved nothing and cannot be sent a code is asked for one like a decoy that can, be
    it a user or another decoy, and proves as little.
    """
    ledger = record.ledger
    return (
        isinstance(error, MFAMethodNotFoundError)
        and _sends(node)
        and "unavailable" not in node.written
        and turn.client.prevent_user_existence_errors
        and turn.user.account is not None
        and not (ledger.proved or _shown(ledger))
    )


def _shown(ledger: Ledger) -> bool:
    """Say whether something was enrolled and shown to work."""
    return any(written_attribute(name) is None for name in ledger.enrolled - _CHOSEN)


def _sends(node: ChallengeNode) -> bool:
    return node.kind.facts.channel is not None or deliver_of(node.settings) is not None


def _as_nobody(parts: Parts, turn: Turn, record: SignInRecord) -> tuple[Turn, SignInRecord]:
    nobody = play_reachable(parts, turn.pool, record.user)
    record = replace(record, user=nobody.facts, stamp="", ledger=Ledger(decoy=True))
    return replace(turn, user=nobody), record


def next_token(parts: Parts, token: StepToken | None, sign_in: bytes | None = None) -> StepToken:
    """Draw the handle that comes after this one; the first one where there is none.

    Args:
        sign_in: The id of a sign-in that begins; drawn where there is none.

    Raises:
        NotAuthorizedError: The sign-in has taken all the steps that a handle can count.
    """
    secret = parts.entropy.draw(_SECRET_BYTES)
    if token is None:
        return StepToken(sign_in or parts.entropy.draw(_ID_BYTES), 0, secret)
    if token.step == LAST_STEP:
        raise NotAuthorizedError
    return StepToken(token.id, token.step + 1, secret)


def _token_for(parts: Parts, turn: Turn, record: SignInRecord, node: ChallengeNode) -> StepToken:
    token = next_token(parts, turn.token, turn.sign_in)
    if node.kind.facts.name != DEVICE_SRP_AUTH:
        return token
    return device_token(turn.client, record, turn.carried.carried, token)


async def _call(parts: Parts, turn: Turn, record: SignInRecord, node: CallNode) -> Called:
    context = of_sign_in(turn.snapshot, record)
    return await call_node(parts, node, record, _facts(turn, record), context)


def _refused_at_once(advance: Advance) -> bool:
    """Say whether the edge of a call's failure leads nowhere else: then its error is told."""
    return [decision.target for decision in advance.trail] == [REFUSED]


def _facts(turn: Turn, record: SignInRecord) -> Mapping[str, Any]:
    return turn.snapshot.bindings(turn.program, record)


async def _issue(
    parts: Parts, turn: Turn, record: SignInRecord, node: ChallengeNode, token: StepToken
) -> Issued | Unavailable:
    """Have the kind make its challenge, calling the function it asks for."""
    issuing = Issuing(
        pool=turn.pool,
        user=record.user,
        account=turn.write.account if turn.write else turn.user.account,
        settings=node.settings,
        carried=turn.carried.carried,
        facts=_facts(turn, record),
        token=token.raw,
        now=turn.request.time,
        entropy=parts.entropy.draw,
        device=turn.user.remembered,
        decoy_secret=parts.decoy_secret,
        named=record.named,
    )
    issued = await parts.work.run(lambda: node.kind.issue(issuing))
    if isinstance(issued, CallFunction):
        context = of_sign_in(turn.snapshot, record)
        issued = await _called(parts, node, issuing, issued, context)
    if isinstance(issued, Issued) and issued.send is not None:
        limited = await reserve_sending(parts, turn.pool, issued.send)
        return issued if limited is None else Unavailable(limited)
    return issued


async def _called(
    parts: Parts,
    node: ChallengeNode,
    issuing: Issuing,
    call: CallFunction,
    context: TriggerContext,
) -> Issued | Unavailable:
    """Call the function that a kind asks for and enter it again with the result."""
    try:
        result = await call_function(parts, context, call.name, call.arguments, call.timeout)
    except CallerError as error:
        # The answer that led here was compared: its handle must not stay good.
        return Unavailable(error)
    again = node.kind.issue(replace(issuing, called=result))
    return Unavailable(InvalidLambdaResponseError()) if isinstance(again, CallFunction) else again


async def ask(
    parts: Parts,
    turn: Turn,
    advance: Advance,
    node: ChallengeNode,
    token: StepToken,
    issued: Issued,
) -> ChallengeReply:
    """Settle what waits next, do what hangs on it, and tell the client."""
    private = Private(issued.private, turn.carried.carried).seal(token, parts.entropy)
    now = parts.clock.now()
    record = replace(advance.record, metadata=issued.metadata)
    row = NewStep(
        token.secret_hash,
        record.to_json(),
        private,
        node.name,
        node.attempts,
        now + turn.client.session_validity,
        once=not turn.program.stays(node),
    )
    if turn.token is None:
        await parts.sessions.add(token.id, row, now)
    elif not await parts.sessions.settle(turn.token.id, turn.token.step, row, None):
        raise AnswerConflictError
    await write_user(parts, turn.write, token, row)
    await act_all(parts, turn.acting, token, row)
    if issued.send is not None:
        # ClientMetadata of an answer is not for CustomMessage (COGNITO.md, C.6).
        context = replace(of_sign_in(turn.snapshot, advance.record), client_metadata={})
        await deliver(parts, turn.user, issued.send, context)
    return ChallengeReply(
        challenge_name=record.asking or node.kind.facts.name,
        challenge_parameters=_told(turn, record, issued),
        session=None if _found_by_block(turn, advance.record, node) else token.session(),
        node=node.name,
        trail=advance.trail,
    )


def _told(turn: Turn, record: SignInRecord, issued: Issued) -> Mapping[str, str]:
    """Give what the client is told, and beside it whom its own answer named, if it did."""
    door = turn.program.doors.get(record.auth_flow)
    if door is None or door.names_user or not record.named:
        return issued.parameters
    return {"USERNAME": record.user.username, **issued.parameters}


def _found_by_block(turn: Turn, record: SignInRecord, node: ChallengeNode) -> bool:
    """Say whether this reply has no Session, as Cognito's first one of USER_SRP_AUTH has none."""
    first = turn.token is None and record.auth_flow == "USER_SRP_AUTH"
    return first and node.kind.facts.name in FOUND_BY_SECRET_BLOCK


async def _end(parts: Parts, turn: Turn, advance: Advance, ended: Ended) -> Reply:
    success = ended.end is not None and ended.end.success
    token = next_token(parts, turn.token)
    if turn.token is not None and not (turn.keep and not success):
        row = NewStep(
            token.secret_hash,
            advance.record.to_json(),
            None,
            ended.end.name if ended.end else advance.record.node,
            0,
            parts.clock.now(),
        )
        outcome = "success" if success else "refused"
        if not await parts.sessions.settle(turn.token.id, turn.token.step, row, outcome):
            raise AnswerConflictError
        await write_user(parts, turn.write, token, row)
    for acting in turn.acting:
        # The sign-in has ended, or one answer alone could end it: nothing is called twice.
        await act(parts, acting)
    if ended.end is None or not success:
        raise _refusal(turn, ended)
    return await issue_success(
        parts, turn.program, turn.client, advance.record, turn.snapshot, ended.end, advance.trail
    )


def _refusal(turn: Turn, ended: Ended) -> CallerError:
    """Word a refusal: the flow's own words, the lock's, or the reason the step had."""
    if ended.locked:
        return NotAuthorizedError("Password attempts exceeded")
    if ended.end is not None:
        return failure(ended.end.error, ended.end.message)
    return turn.error


def failure(error: str | None, message: str | None) -> CallerError:
    """Make the exception that a flow's ``end: failure`` names; NotAuthorized by default."""
    kind = caller_errors().get(error or "", NotAuthorizedError)
    return kind(message or "")


def _observe(parts: Parts, turn: Turn, advance: Advance, trail: tuple[Decision, ...]) -> None:
    """Tell the observer how each branch was decided; conditions are the author's text."""
    for decision in trail:
        parts.observer.note(
            "branch",
            {
                "event_id": advance.record.event_id,
                "flow": turn.program.name,
                "node": decision.node,
                "outcome": decision.outcome,
                "target": decision.target or "refused",
                "because": decision.text or "",
                "failed": "yes" if decision.failed else "no",
            },
        )
