"""A sign-in that was claimed, and the ways on from its answer that the engine itself knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.kind import AsksMore
from flowengine.engine.delivering import reserve_sending
from flowengine.engine.effects import Write
from flowengine.engine.handles import Handle
from flowengine.engine.parts import Parts
from flowengine.engine.polling import may_wait
from flowengine.engine.private import Private
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import RequestOrigin, RespondToAuthChallengeRequest
from flowengine.engine.turn import Taken, Turn, ask, next_token, take, take_holding
from flowengine.engine.users import NOBODY, Identified
from flowengine.errors import CallerError, ExpiredCodeError, MFAMethodNotFoundError
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.step import CLOSED, Advance, Asks, Happened
from flowengine.runtime.stored import Claimed


@dataclass(frozen=True, slots=True)
class Opened:
    """A claimed sign-in whose answer is about to be judged.

    Attributes:
        record: As it stands; where the answer names its user, as it will if the answer is right.
        before: As it stands, where the answer names its user.
    """

    request: RespondToAuthChallengeRequest
    origin: RequestOrigin
    handle: Handle
    claimed: Claimed
    record: SignInRecord
    program: FlowProgram
    node: ChallengeNode
    pool: Pool
    client: Client
    private: Private = field(repr=False)
    user: Identified
    snapshot: Snapshot
    before: SignInRecord | None = None

    @property
    def unproved(self) -> Opened:
        """The sign-in that an answer which is not right leaves: it has named nobody."""
        if self.before is None:
            return self
        return replace(self, record=self.before, user=NOBODY, before=None)


async def go_on(
    parts: Parts,
    opened: Opened,
    outcome: str,
    error: CallerError,
    ledger: Ledger | None = None,
    write: Write | None = None,
    *,
    keep: bool = False,
    close: bool = False,
) -> Reply:
    """Step from the answered node.

    Args:
        close: The engine itself refuses: no edge of the flow is asked.
    """
    turn = replace(_turn_of(opened), error=error, write=write, keep=keep)
    _note(parts, opened, outcome)
    event = Happened(
        CLOSED if close else outcome, ledger or opened.record.ledger, opened.record.user
    )
    return await take(parts, turn, opened.record, event)


async def go_on_choosing(
    parts: Parts, opened: Opened, outcome: str, ledger: Ledger, inline: frozenset[str]
) -> Taken:
    """Step from a menu to what was chosen, which may be answered by what came with the choice."""
    turn = replace(_turn_of(opened), inline=inline)
    _note(parts, opened, outcome)
    event = Happened(outcome, ledger, opened.record.user)
    return await take_holding(parts, turn, opened.record, event)


def _turn_of(opened: Opened) -> Turn:
    return Turn(
        program=opened.program,
        pool=opened.pool,
        client=opened.client,
        user=opened.user,
        request=opened.snapshot.request,
        snapshot=opened.snapshot,
        token=opened.handle.token,
        carried=opened.private,
    )


def _note(parts: Parts, opened: Opened, outcome: str) -> None:
    parts.observer.note(
        "answered",
        {
            "event_id": opened.record.event_id,
            "flow": opened.program.name,
            "node": opened.node.name,
            "challenge": opened.node.kind.facts.name,
            "outcome": outcome,
        },
    )


async def expired(parts: Parts, opened: Opened) -> Reply:
    """Take the ``expired`` edge; nothing was compared, and by default the sign-in is over."""
    return await go_on(parts, opened, "expired", ExpiredCodeError())


async def pending(parts: Parts, opened: Opened) -> Reply:
    """Give the try back and let the same Session ask again, until it has waited too long."""
    poll, time = opened.node.poll, opened.snapshot.request.time
    if poll is None or not may_wait(opened.record, poll, time):
        return await expired(parts, opened)
    await parts.sessions.release(opened.handle.token.id, opened.handle.token.step)
    return ChallengeReply(
        challenge_name=opened.node.kind.facts.name,
        challenge_parameters={"USERNAME": opened.record.user.username},
        session=opened.handle.token.session(),
        node=opened.node.name,
    )


async def ask_more(parts: Parts, opened: Opened, verdict: AsksMore) -> Reply:
    """Ask on at the same node under a new Session; nothing was compared, so no try is used."""
    issued, token, node = verdict.issued, opened.handle.token, opened.node
    await parts.sessions.release(token.id, token.step)
    if issued.send is not None:
        if parts.delivery is None:
            raise MFAMethodNotFoundError
        limited = await reserve_sending(parts, opened.pool, issued.send)
        if limited is not None:
            raise limited
    now = opened.snapshot.request.time
    record = replace(opened.record, asking=verdict.challenge, issued_at=now)
    advance, turn = Advance(record, Asks(node), ()), _turn_of(opened)
    return await ask(parts, turn, advance, node, next_token(parts, token), issued)
