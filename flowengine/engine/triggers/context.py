"""What a trigger is told beside its arguments; it reaches the function's own thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts
from flowengine.errors import UnexpectedLambdaError
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import HistoryEntry, SignInRecord


@dataclass(frozen=True, slots=True)
class TriggerContext:
    """What a sign-in, or an operation, is about when a trigger is called for it.

    Attributes:
        user: ``exists`` is false for one that was only claimed.
        event_id: Names the sign-in in the audit; empty outside of one.
        auth_flow: Cognito's name of it, or the empty string.
        history: The challenges that were answered, the oldest first.
        client_metadata: As it came with this request, where its operation hands it to triggers.
    """

    pool: Pool
    client: Client
    user: UserFacts
    event_id: str = ""
    auth_flow: str = ""
    history: tuple[HistoryEntry, ...] = ()
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


_current: ContextVar[TriggerContext] = ContextVar("flowengine.trigger")


@contextmanager
def about(context: TriggerContext) -> Iterator[None]:
    """Tell the triggers that are called inside what they are called for."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> TriggerContext:
    """Give what the trigger that runs is called for.

    Raises:
        UnexpectedLambdaError: It is called as something else than a trigger.
    """
    try:
        return _current.get()
    except LookupError:
        raise UnexpectedLambdaError("A trigger was called outside of a sign-in.") from None


def of_sign_in(snapshot: Snapshot, record: SignInRecord) -> TriggerContext:
    """Give what triggers are told of one step of a sign-in."""
    return TriggerContext(
        pool=snapshot.pool,
        client=snapshot.client,
        user=record.user,
        event_id=record.event_id,
        auth_flow=record.auth_flow,
        history=record.history,
        client_metadata=snapshot.client_metadata,
    )
