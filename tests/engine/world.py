"""A whole engine over memory stores, with a clock and randomness that tests decide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.credentials import make_password
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserStatus
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.crypto import srp_client, totp
from flowengine.engine.engine import Engine
from flowengine.engine.parts import PoolKeys
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.flow.library import NO_FLOWS, Library
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from flowengine.stores.memory_devices import MemoryDevices
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.testing.fakes import FixedClock, KeptMessages, ScriptedEntropy
from tests import planted

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
POOL = Pool("eu-west-1_AbCdEfGhI", "main", issuer="https://issuer.example/eu-west-1_AbCdEfGhI")
PASSWORD = planted.PASSWORD
TOTP_SECRET = planted.TOTP_SECRET
CONTEXT = {"EncodedData": planted.USER_CONTEXT}
WEB = planted.CLIENT_ID
OTHER = planted.OTHER_CLIENT_ID
NO_KEYS: Mapping[str, PoolKeys] = {}

SIGN_IN = """
flow: sign-in
version: 1
auth_flows:
  USER_SRP_AUTH: {start: password}
  USER_PASSWORD_AUTH: {start: plain}
require:
  - proved.password
  - that: proved.totp || !user.has.totp
    because: A second factor must be used by those who have one.
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: after
  plain:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: after
  after:
    choose:
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - else: second
  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD, 'userAttributes.*?']
    next: second
  second:
    choose:
      - when: user.has.totp
        goto: totp
      - else: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    attempts: 3
    next: done
  done:
    end: success
"""


def program(text: str, catalog: Catalog | None = None, library: Library = NO_FLOWS) -> FlowProgram:
    """Compile a flow that must be right."""
    kinds = catalog or builtin_catalog()
    compiled, found = load_source(SourceText("test.flow.yaml", text), kinds, library)
    assert compiled is not None, [(f.rule, f.message, f.span) for f in found]
    return compiled


class Notes:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, str]]] = []

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        self.events.append((event, dict(fields)))


class World:
    """One engine, its stores, and a client that can do the arithmetic."""

    def __init__(
        self,
        flow: str | FlowProgram = SIGN_IN,
        pool: Pool = POOL,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        catalog: Catalog | None = None,
        library: Library = NO_FLOWS,
        signing: Mapping[str, PoolKeys] = NO_KEYS,
        **client: Any,
    ) -> None:
        self.pool = pool
        self.clock = FixedClock(NOW)
        self.entropy = ScriptedEntropy("world")
        self.sessions = MemorySessions()
        self.counters = MemoryCounters()
        self.directory = MemoryDirectory({pool.id: pool})
        self.devices = MemoryDevices()
        self.delivery = KeptMessages()
        self.notes = Notes()
        compiled = program(flow, catalog, library) if isinstance(flow, str) else flow
        doors = dict.fromkeys(compiled.doors, compiled.name)
        self.client = replace(Client(WEB, "web", pool.id, auth_flows=doors), **client)
        other = replace(self.client, id=OTHER, name="other")
        self.engine = Engine(
            [compiled],
            sessions=self.sessions,
            counters=self.counters,
            directory=self.directory,
            delivery=self.delivery,
            devices=self.devices,
            grants=MemoryGrants(),
            signing=signing,
            functions=functions or {},
            pools=[pool],
            clients=[self.client, other],
            decoy_secret=planted.KEY,
            clock=self.clock,
            entropy=self.entropy,
            observer=self.notes,
        )

    def add_user(
        self, username: str = "alice", *, with_totp: bool = False, **changes: Any
    ) -> Account:
        account = Account(
            pool_id=self.pool.id,
            username=username,
            sub=f"sub-of-{username}",
            stamp=f"stamp-of-{username}",
            created_at=NOW,
            modified_at=NOW,
            password=make_password(self.pool, username, PASSWORD, self.entropy.draw),
            totp=TotpFactor(TOTP_SECRET) if with_totp else None,
        )
        account = replace(account, **changes)
        assert asyncio.run(self.directory.add(account))
        return account

    def find(self, username: str = "alice") -> Account:
        account = asyncio.run(self.directory.find(self.pool.id, username))
        assert account is not None
        return account

    def save(self, account: Account, old_stamp: str) -> None:
        assert asyncio.run(self.directory.save(account, old_stamp))

    def srp(
        self, username: str = "alice", password: str = PASSWORD
    ) -> tuple[ChallengeReply, dict[str, str]]:
        """Begin USER_SRP_AUTH and work out the right answer."""
        ephemeral = srp_client.begin(self.entropy.draw)
        parameters = {"USERNAME": username, "SRP_A": ephemeral.srp_a}
        reply = self.engine.initiate(InitiateAuthRequest(WEB, "USER_SRP_AUTH", parameters))
        assert isinstance(reply, ChallengeReply)
        told = reply.challenge_parameters
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        user = told["USER_ID_FOR_SRP"]
        claim = srp_client.answer(
            ephemeral, self.pool.srp_name, user, password, server, self.clock.now()
        )
        return reply, {"USERNAME": user, **claim.responses()}

    def sign_in_by_srp(self, username: str = "alice", password: str = PASSWORD) -> Reply:
        _, responses = self.srp(username, password)
        return self.answer("PASSWORD_VERIFIER", None, responses)

    def sign_in_by_password(self, username: str = "alice", password: str = PASSWORD) -> Reply:
        parameters = {"USERNAME": username, "PASSWORD": password}
        return self.engine.initiate(
            InitiateAuthRequest(WEB, "USER_PASSWORD_AUTH", parameters, user_context_data=CONTEXT)
        )

    def answer(
        self,
        challenge: str,
        session: str | None,
        responses: Mapping[str, str],
        client_id: str = WEB,
    ) -> Reply:
        return self.engine.respond(
            RespondToAuthChallengeRequest(
                client_id, challenge, session, responses, user_context_data=CONTEXT
            )
        )

    def answer_totp(self, reply: Reply, code: str | None = None, username: str = "alice") -> Reply:
        assert isinstance(reply, ChallengeReply)
        responses = {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code or self.totp_code()}
        return self.answer("SOFTWARE_TOKEN_MFA", reply.session, responses)

    def totp_code(self, steps: int = 0) -> str:
        counter = int(self.clock.now().timestamp()) // 30 + steps
        return totp.code(TOTP_SECRET, counter)


FORCED = UserStatus.FORCE_CHANGE_PASSWORD
LATER = NOW.replace(day=8)
