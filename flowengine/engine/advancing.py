"""Operations inside a sign-in: done at the node that waits, which then has a new Session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.kind import (
    Advanced,
    Answering,
    Denied,
    Malformed,
    OperatedKind,
    Wrong,
)
from flowengine.engine.effects import Write, write_user
from flowengine.engine.handles import Handle, claim
from flowengine.engine.judging import spend
from flowengine.engine.locking import Reservation, give_back, reserve, settle_reservation
from flowengine.engine.parts import Parts
from flowengine.engine.private import Private, unseal
from flowengine.engine.turn import next_token
from flowengine.engine.users import Identified, recall
from flowengine.errors import (
    AnswerConflictError,
    CallerError,
    NotAuthorizedError,
    UnknownSessionError,
)
from flowengine.flow.program import ChallengeNode
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Claimed, NewStep
from flowengine.runtime.token import StepToken, parse_session


@dataclass(frozen=True, slots=True)
class AdvanceReply:
    """An operation inside a sign-in was done.

    Attributes:
        result: What the operation tells: ``SecretCode``, ``Status``.
        session: Takes the place of the one that was sent.
    """

    result: Mapping[str, str] = field(repr=False)
    session: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A claimed sign-in that waits at a node with operations."""

    token: StepToken
    record: SignInRecord
    node: ChallengeNode
    kind: OperatedKind
    pool: Pool
    client: Client
    private: Private = field(repr=False)
    user: Identified


async def advance(
    parts: Parts, session: str, operation: str, arguments: Mapping[str, str]
) -> AdvanceReply:
    """Do an operation at the node that a sign-in waits at.

    A wrong code keeps its try; whatever else is refused gives it back.

    Args:
        session: The newest one.
        operation: ``AssociateSoftwareToken`` or ``VerifySoftwareToken``.
        arguments: The operation's members, by their names in the API.

    Raises:
        SessionError: The session is not good, or waits for something else.
        CallerError: The operation was refused.
    """
    token = parse_session(session)
    if token is None:
        raise UnknownSessionError
    claimed = await claim(parts, Handle(token, by_block=False))
    try:
        waiting = await _open(parts, token, claimed, operation)
        reservation = await reserve(
            parts, waiting.pool, waiting.record.user.sub, waiting.kind.facts.factor
        )
    except CallerError:
        await parts.sessions.release(token.id, token.step)
        raise
    judged = await _judged(parts, waiting, reservation, operation, arguments)
    _note(parts, waiting, operation, judged)
    if isinstance(judged, Wrong):
        raise judged.error
    await parts.sessions.release(token.id, token.step)
    if isinstance(judged, Malformed | Denied):
        raise judged.error
    return await _settled(parts, waiting, judged)


async def _open(parts: Parts, token: StepToken, claimed: Claimed, operation: str) -> _Waiting:
    record = SignInRecord.from_json(claimed.record)
    if record is None:
        raise UnknownSessionError
    client = _client_of(parts, record)
    program, pool = parts.program_of(record), parts.pool_of(client)
    node = program.nodes.get(record.node)
    if not isinstance(node, ChallengeNode) or operation not in node.kind.facts.operations:
        raise UnknownSessionError
    if not isinstance(node.kind, OperatedKind):
        raise UnknownSessionError
    user = await recall(parts, pool, record)
    private = unseal(token, claimed.private)
    return _Waiting(token, record, node, node.kind, pool, client, private, user)


def _client_of(parts: Parts, record: SignInRecord) -> Client:
    """Find the client that a sign-in was begun by: the operations do not name one."""
    for client in parts.clients.values():
        if client.name == record.client and client.pool_id == record.pool:
            return client
    raise UnknownSessionError


async def _judged(
    parts: Parts,
    waiting: _Waiting,
    reservation: Reservation,
    operation: str,
    arguments: Mapping[str, str],
) -> Advanced | Wrong | Malformed | Denied:
    """Have the kind do it, spend what is good once, and hold it against the ledger."""
    operating = Answering(
        pool=waiting.pool,
        user=waiting.record.user,
        account=waiting.user.account,
        settings=waiting.node.settings,
        responses=arguments,
        private=waiting.private.kind,
        facts={},
        token=waiting.token.raw,
        now=parts.clock.now(),
        entropy=parts.entropy.draw,
    )
    try:
        judged = await parts.work.run(lambda: waiting.kind.operate(operation, operating))
        if isinstance(judged, Advanced):
            judged = await _believed(parts, waiting, operating, judged)
    except BaseException:
        await give_back(parts, reservation)
        raise
    if isinstance(judged, Wrong):
        await settle_reservation(parts, reservation, judged)
    else:
        # That an app was set up proves nothing about the one before: its count is not cleared.
        await give_back(parts, reservation)
    return judged


async def _believed(
    parts: Parts, waiting: _Waiting, operating: Answering, done: Advanced
) -> Advanced | Wrong | Denied:
    """Refuse what was spent before, and what the ledger does not take; both sound as wrong."""
    if done.spend is not None:
        refusal = await spend(parts, operating, done.spend)
        if refusal is not None:
            return Wrong(refusal)
    ledger, told = waiting.record.ledger, waiting.kind.facts.enrols
    if not set(done.enrols) <= set(told) or ledger.enrol(done.enrols) is None:
        return Wrong(done.spend.used if done.spend else NotAuthorizedError())
    account = waiting.user.account
    if done.changes is not None and account is not None:
        changed = done.changes.apply(account, account.stamp, operating.now).facts()
        declared = waiting.kind.facts.may_change(waiting.record.user, changed)
        if not declared or not done.enrols:  # proofs rest on both
            return Denied(NotAuthorizedError())
    return done


async def _settled(parts: Parts, waiting: _Waiting, done: Advanced) -> AdvanceReply:
    """Wait at the same node under a new token, then write the user."""
    record, write = waiting.record, None
    ledger = record.ledger.enrol(done.enrols) or record.ledger
    account = waiting.user.account
    now = parts.clock.now()
    if done.changes is not None and account is not None:
        stamp = parts.entropy.draw(16).hex()
        changed = done.changes.apply(account, stamp, now)
        write = Write(changed, account.stamp)
        record = replace(record, user=changed.facts(), stamp=stamp)
    record = replace(record, ledger=ledger)
    token = next_token(parts, waiting.token)
    row = NewStep(
        token.secret_hash,
        record.to_json(),
        Private(done.private, waiting.private.carried).seal(token, parts.entropy),
        waiting.node.name,
        waiting.node.attempts,
        now + waiting.client.session_validity,
    )
    if not await parts.sessions.settle(waiting.token.id, waiting.token.step, row, None):
        raise AnswerConflictError
    await write_user(parts, write, token, row)
    return AdvanceReply(done.result, token.session())


def _note(parts: Parts, waiting: _Waiting, operation: str, judged: object) -> None:
    parts.observer.note(
        "advanced",
        {
            "event_id": waiting.record.event_id,
            "flow": waiting.record.flow,
            "node": waiting.node.name,
            "challenge": waiting.kind.facts.name,
            "operation": operation,
            "outcome": type(judged).__name__.lower(),
        },
    )
