"""The Session of a sign-up: from SignUp over ConfirmSignUp to a first sign-in by USER_AUTH.

It waits in the store of sign-ins and has the form of a sign-in's handle, but names no flow: no
challenge and no operation inside a sign-in takes it, and here nothing else is taken. It is one
client's and one user's, and good once.

Source: Amazon Cognito API reference, SignUp, ConfirmSignUp and InitiateAuth, "Session".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts
from flowengine.engine.handles import Handle, claim
from flowengine.engine.parts import Parts
from flowengine.engine.users import Identified
from flowengine.errors import AnswerConflictError, SessionError, UnknownSessionError
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import NewStep
from flowengine.runtime.token import StepToken, parse_session

_BEGUN: Final = "sign-up"
_CONFIRMED: Final = "signed-up"
_NO_FLOW: Final = ""
_AUTH_FLOW: Final = "USER_AUTH"


async def begin_sign_up(parts: Parts, client: Client, account: Account) -> str | None:
    """Give the Session of a user who has just been made.

    None where no flow of the client would take it (``after_sign_up``).
    """
    program = parts.flows.get(client.auth_flows.get(_AUTH_FLOW, ""))
    door = None if program is None else program.doors.get(_AUTH_FLOW)
    if door is None or door.after_sign_up is None:
        return None
    now = parts.clock.now()
    record = _record(client, account, Ledger(decoy=False), now, _BEGUN)
    token = StepToken(parts.entropy.draw(16), 0, parts.entropy.draw(32))
    await parts.sessions.add(token.id, _step(parts, client, token, record), now)
    return token.session()


async def claim_sign_up(parts: Parts, client: Client, session: str, sub: str) -> StepToken:
    """Claim the Session of a sign-up that is about to be confirmed.

    :func:`release_sign_up` gives it back; :func:`confirmed_sign_up` has what comes after it.

    Raises:
        SessionError: It is not this client's and user's, was used, or is expired.
    """
    token, _ = await _claim(parts, client, session, sub, _BEGUN)
    return token


async def release_sign_up(parts: Parts, token: StepToken) -> None:
    """Give a claimed Session back: nothing was confirmed by it."""
    await parts.sessions.release(token.id, token.step)


async def confirmed_sign_up(
    parts: Parts, client: Client, token: StepToken, account: Account, evidence: str
) -> str:
    """Give the Session that signs a confirmed user in.

    Args:
        account: As it was confirmed: whoever changes it in between ends the Session.
        evidence: What the code proved: ``email`` or ``sms``.

    Raises:
        AnswerConflictError: The Session was used meanwhile.
    """
    now = parts.clock.now()
    gained = Ledger(decoy=False, proved=MappingProxyType({evidence: now}))
    record = _record(client, account, gained, now, _CONFIRMED)
    after = StepToken(token.id, token.step + 1, parts.entropy.draw(32))
    row = _step(parts, client, after, record)
    if not await parts.sessions.settle(token.id, token.step, row, None):
        raise AnswerConflictError
    return after.session()


async def take_confirmed(parts: Parts, client: Client, session: str, user: Identified) -> Ledger:
    """Spend the Session of a confirmed sign-up, and give what it proved.

    Raises:
        SessionError: It is not this client's and user's, or not confirmed; it was used, or is
            expired; or the user was changed since it was confirmed.
    """
    token, record = await _claim(parts, client, session, user.facts.sub, _CONFIRMED)
    row = replace(_step(parts, client, token, record), secret_hash=bytes(32), tries=0)
    if not await parts.sessions.settle(token.id, token.step, row, "success"):
        raise AnswerConflictError
    if user.decoy or user.stamp != record.stamp:
        raise SessionError
    return record.ledger


async def _claim(
    parts: Parts, client: Client, session: str, sub: str, node: str
) -> tuple[StepToken, SignInRecord]:
    token = parse_session(session)
    if token is None:
        raise UnknownSessionError
    claimed = await claim(parts, Handle(token, by_block=False))
    record = SignInRecord.from_json(claimed.record)
    if record is None or not _is_of(record, client, sub, node):
        await parts.sessions.release(token.id, token.step)
        raise UnknownSessionError
    return token, record


def _is_of(record: SignInRecord, client: Client, sub: str, node: str) -> bool:
    found = (record.flow, record.pool, record.client, record.user.sub, record.node)
    return found == (_NO_FLOW, client.pool_id, client.name, sub, node)


def _record(
    client: Client, account: Account, ledger: Ledger, now: datetime, node: str
) -> SignInRecord:
    return SignInRecord(
        flow=_NO_FLOW,
        digest="",
        pool=client.pool_id,
        client=client.name,
        auth_flow="",
        user=UserFacts(account.username, account.sub),
        stamp=account.stamp,
        ledger=ledger,
        started_at=now,
        issued_at=now,
        event_id="",
        node=node,
    )


def _step(parts: Parts, client: Client, token: StepToken, record: SignInRecord) -> NewStep:
    until = parts.clock.now() + client.session_validity
    text = record.to_json()
    return NewStep(token.secret_hash, text, None, record.node, 1, until, once=True)
