"""A small deployment in memory: what the tests of the operations and of the server act on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from flowengine.accounts.account import Account
from flowengine.accounts.credentials import make_password
from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.parts import Parts, PoolKeys
from flowengine.engine.ports import Directory
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from flowengine.stores.memory import (
    MemoryCounters,
    MemoryDirectory,
    MemorySessions,
)
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.testing.fakes import FixedClock, ScriptedEntropy
from flowengine.tokens.keys import TokenUse, generate
from tests import planted

Result = TypeVar("Result")
Rival = Callable[[Account], Account | None]
"""Gives the user as someone else writes them; None removes the user."""

NOW = datetime(2026, 3, 4, 5, 6, 7, 250_000, tzinfo=UTC)
POOL = Pool(
    id="eu-west-1_Main00001",
    name="main",
    issuer="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Main00001",
    aliases=("email",),
)
OTHER_POOL = Pool(id="us-east-1_Other0001", name="other", issuer="https://login.example/other")
FLOWS = {
    "USER_PASSWORD_AUTH": "sign-in",
    "USER_SRP_AUTH": "sign-in",
    "ADMIN_USER_PASSWORD_AUTH": "sign-in",
    "CUSTOM_AUTH": "riddles",
}
WEB = Client(id=planted.CLIENT_ID, name="web", pool_id=POOL.id, auth_flows=FLOWS)
CONFIDENTIAL = replace(
    WEB, id=planted.OTHER_CLIENT_ID, name="confidential", secret=planted.CLIENT_SECRET
)
OPEN = replace(WEB, id="3telling45678", name="telling", prevent_user_existence_errors=False)
OTHER = replace(WEB, id="4other56789", name="other", pool_id=OTHER_POOL.id)

PASSWORD = planted.PASSWORD
TOTP_SECRET = planted.TOTP_SECRET

SIGN_IN = """\
flow: sign-in
version: 1
summary: A password, then an authenticator app for whoever has one.
auth_flows:
  USER_PASSWORD_AUTH: {start: plain-password}
  ADMIN_USER_PASSWORD_AUTH: {start: plain-password}
  USER_SRP_AUTH: {start: password}
require:
  - proved.password
  - '!user.has.totp || proved.totp'
start: password
nodes:
  plain-password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: after-password
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: after-password
  after-password:
    choose:
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - when: user.has.totp
        goto: totp
      - else: done
  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    next: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done:
    end: success
"""
RIDDLES = """\
flow: riddles
version: 1
summary: One riddle that a function makes.
auth_flows: [CUSTOM_AUTH]
evidence: {riddle: knowledge}
require: [proved.riddle]
start: riddle
nodes:
  riddle:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: make_riddle}
    verify: responses.ANSWER == private.answer
    evidence: riddle
    next: done
  done:
    end: success
"""


def make_riddle() -> ChallengeParameters:
    """Make the challenge of the flow ``riddles``."""
    return ChallengeParameters(public={"riddle": "How many?"}, private={"answer": planted.CODE})


@cache
def programs() -> tuple[FlowProgram, ...]:
    """Compile the flows; once, since they are immutable."""
    return (_program(SIGN_IN), _program(RIDDLES))


def _program(text: str) -> FlowProgram:
    program, diagnostics = load_source(SourceText("test.flow.yaml", text))
    assert program is not None, [d.message for d in diagnostics]
    return program


@cache
def signing() -> Mapping[str, PoolKeys]:
    """Make the keys; once, since making them takes long."""
    draw = ScriptedEntropy("keys").draw
    return {
        pool.id: PoolKeys(generate(TokenUse.ID, draw), generate(TokenUse.ACCESS, draw))
        for pool in (POOL, OTHER_POOL)
    }


class ContendedDirectory(MemoryDirectory):
    """A directory where someone else is faster: ``rivals`` are saved or done one each, first."""

    def __init__(self, pools: Mapping[str, Pool], rivals: Iterable[Rival]) -> None:
        """Take what happens before each of the first writes."""
        super().__init__(pools)
        self._rivals = iter(rivals)

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Let the next rival go first."""
        rival = next(self._rivals, None)
        if rival is not None:
            present = await super().find(account.pool_id, account.username)
            assert present is not None
            changed = rival(present)
            if changed is None or changed.sub != present.sub:
                assert await super().remove(present.pool_id, present.username)
                assert changed is None or await super().add(changed)
            else:
                assert await super().save(changed, present.stamp)
        return await super().save(account, old_stamp)


@dataclass(frozen=True, slots=True)
class World:
    """An engine with its clock and users; users are added by ``add_user``."""

    engine: AsyncEngine
    directory: Directory
    clock: FixedClock
    entropy: ScriptedEntropy = field(default_factory=lambda: ScriptedEntropy("world"))

    @property
    def parts(self) -> Parts:
        """The engine's parts."""
        return self.engine.parts

    def add_user(self, username: str = "ada", **changes: Any) -> Account:
        """Add a user who has ``PASSWORD``."""
        pool = changes.pop("pool", POOL)
        account = Account(
            pool_id=pool.id,
            username=username,
            sub=f"00000000-0000-4000-8000-{len(username):012d}",
            stamp=f"stamp of {username}",
            created_at=NOW,
            modified_at=NOW,
            password=make_password(pool, username, PASSWORD, self.entropy.draw),
        )
        changed = replace(account, **changes)
        assert run(self.directory.add(changed))
        return changed

    def user(self, username: str = "ada", pool: Pool = POOL) -> Account:
        """Give a user as the directory now has them."""
        account = run(self.directory.find(pool.id, username))
        assert account is not None
        return account

    def initiate(
        self, auth_flow: str, client: Client = WEB, **parameters: str
    ) -> ChallengeReply | SuccessReply:
        """Begin a sign-in."""
        request = InitiateAuthRequest(client.id, auth_flow, parameters)
        return run(self.engine.initiate(request))

    def respond(
        self, reply: ChallengeReply, client: Client = WEB, **responses: str
    ) -> ChallengeReply | SuccessReply:
        """Answer a challenge."""
        request = RespondToAuthChallengeRequest(
            client.id, reply.challenge_name, reply.session, responses
        )
        return run(self.engine.respond(request))

    def access_token(self, username: str = "ada", client: Client = WEB) -> str:
        """Sign a user in by ``PASSWORD`` and give the access token."""
        reply = self.initiate("USER_PASSWORD_AUTH", client, USERNAME=username, PASSWORD=PASSWORD)
        assert isinstance(reply, SuccessReply)
        assert reply.authentication_result is not None
        return reply.authentication_result.access_token


def new_world(pool: Pool = POOL, *flows: FlowProgram, **engine: Any) -> World:
    """Put a world together; ``pool`` may be a changed ``POOL``, and ``flows`` are more of them."""
    pools = (pool, OTHER_POOL)
    directory = MemoryDirectory({one.id: one for one in pools})
    clock = FixedClock(NOW)
    parts: dict[str, Any] = {
        "sessions": MemorySessions(),
        "counters": MemoryCounters(),
        "directory": directory,
        "grants": MemoryGrants(),
        "functions": {"make_riddle": make_riddle},
        "pools": pools,
        "clients": (WEB, CONFIDENTIAL, OPEN, OTHER),
        "signing": signing(),
        "decoy_secret": bytes(range(32)),
        "clock": clock,
        "entropy": ScriptedEntropy("engine"),
    }
    return World(AsyncEngine((*programs(), *flows), **{**parts, **engine}), directory, clock)


def contended(*rivals: Rival) -> World:
    """Put a world together with the user ``ada``, whom others change at the same time."""
    directory = ContendedDirectory({POOL.id: POOL}, rivals)
    world = replace(new_world(directory=directory), directory=directory)
    world.add_user()
    return world


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end."""
    return asyncio.run(coroutine)
