"""A deployment with one user, and what it takes to open it and sign in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.credentials import make_password
from flowengine.assembly.assembling import assemble_blocking
from flowengine.assembly.checking import check_deployment
from flowengine.crypto import totp
from flowengine.deployment.definition import Deployment, Setting
from flowengine.engine.engine import Engine, run
from flowengine.engine.parts import Parts
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.source import Span
from flowengine.testing.fakes import FixedClock
from tests import planted

NOW: Final = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
POOL: Final = "eu-west-1_Example01"
CLIENT: Final = "1example23456789"
MEMORY: Final = "memory:"
SQLITE: Final = "sqlite:///users.db"
POSTGRESQL: Final = "postgresql:"
"""What the fixture ``resolve`` gives a database for."""
Resolve = Callable[[str], str]
KEYS: Final = "only:" + "A" * 43 + "="
BY_PASSWORD: Final = "auth_flows: {USER_PASSWORD_AUTH: sign-in}"
FLOW: Final = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password, proved.totp]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: totp}
  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}
  done: {end: success}
"""
RIDDLE: Final = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
evidence: {riddle: knowledge}
require: [proved.password, proved.riddle]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: riddle}
  riddle:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: make_riddle}
    verify: responses.ANSWER == private.answer
    evidence: riddle
    next: done
  done: {end: success}
"""
_DEPLOYMENT: Final = """pools:
  main:
    id: {pool}
    issuer: endpoint
    {pool_keys}
    clients:
      web: {{id: {client}, {keys}}}
flows: [sign-in.flow.yaml]
directory: '{directory}'
sessions: '{sessions}'
{more}
"""


def set_up(
    folder: Path,
    directory: str = MEMORY,
    sessions: str = MEMORY,
    more: str = "",
    *,
    flow: str = FLOW,
    keys: str = BY_PASSWORD,
    pool_keys: str = "",
) -> Deployment:
    """Write a deployment, and load it; one in PostgreSQL is given ``KEYS``.

    Args:
        keys: The client's, beside its id.
        pool_keys: The pool's, beside its id and its issuer.
    """
    (folder / "sign-in.flow.yaml").write_text(flow)
    path = folder / "flowengine.yaml"
    if directory.startswith("postgresql:"):
        more += f"\nkeys: '{KEYS}'"
    written = _DEPLOYMENT.format(
        pool=POOL,
        pool_keys=pool_keys,
        client=CLIENT,
        keys=keys,
        directory=directory,
        sessions=sessions,
        more=more,
    )
    path.write_text(written)
    deployment, found = check_deployment(path, {})
    assert deployment is not None, [each.message for each in found]
    return deployment


def with_settings(deployment: Deployment, **texts: str | None) -> Deployment:
    """Give the deployment with other ``directory``, ``sessions`` or ``keys``, unchecked."""
    settings: dict[str, Any] = {
        name: None if text is None else Setting(text, Span(0, 0)) for name, text in texts.items()
    }
    return replace(deployment, definition=replace(deployment.definition, **settings))


@contextmanager
def opened(deployment: Deployment) -> Iterator[Engine]:
    """Open a deployment for blocking code, at ``NOW``, and close it."""
    with closing(assemble_blocking(deployment, clock=FixedClock(NOW))) as assembled:
        yield assembled.engine


async def add_user(parts: Parts, **changes: Any) -> None:
    """Add ``ada``, who has a password and an authenticator app."""
    account = Account(
        pool_id=POOL,
        username="ada",
        sub="00000000-0000-4000-8000-000000000001",
        stamp="first",
        created_at=NOW,
        modified_at=NOW,
        password=make_password(parts.pools[POOL], "ada", planted.PASSWORD, parts.entropy.draw),
        totp=TotpFactor(planted.TOTP_SECRET),
    )
    assert parts.directory is not None
    assert await parts.directory.add(replace(account, **changes))


def with_password(password: str = planted.PASSWORD) -> InitiateAuthRequest:
    """Make the first request of ``ada``'s sign-in."""
    parameters = {"USERNAME": "ada", "PASSWORD": password}
    return InitiateAuthRequest(CLIENT, "USER_PASSWORD_AUTH", parameters)


def with_code(reply: Reply) -> RespondToAuthChallengeRequest:
    """Make the answer to a challenge: the code that the app shows at ``NOW``."""
    assert isinstance(reply, ChallengeReply)
    code = totp.code(planted.TOTP_SECRET, totp.counter_at(NOW))
    responses = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code}
    return RespondToAuthChallengeRequest(CLIENT, reply.challenge_name, reply.session, responses)


def sign_up(engine: Engine, **changes: Any) -> None:
    """Add ``ada`` to the directory of an engine for blocking code."""
    run(add_user(engine.parts, **changes))


def sign_in(engine: Engine) -> SuccessReply:
    """Sign ``ada`` in."""
    done = engine.respond(with_code(engine.initiate(with_password())))
    assert isinstance(done, SuccessReply)
    return done
