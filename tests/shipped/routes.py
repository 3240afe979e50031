"""A way through a flow that ships: who signs in, and the right answer at each step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from flowengine.accounts.account import Passkey
from flowengine.accounts.pool import Pool
from flowengine.crypto import srp_client, totp
from flowengine.crypto.passkeys import user_handle
from flowengine.engine.parts import ADMIN_FLOWS, PoolKeys
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.engine.triggers.registering import lambda_triggers
from flowengine.flow.loading import FlowFiles
from flowengine.flow.program import FlowProgram
from flowengine.testing.earlier import earlier_token
from flowengine.testing.fakes import ScriptedEntropy
from flowengine.tokens.keys import TokenUse, generate
from tests import planted
from tests.authenticator import RELYING_PARTY, Authenticator, cose_of
from tests.engine.test_devices import DEVICE_SECRET, GROUP, KEY, device_of
from tests.engine.triggered import Event, Handler, verify_passwordless
from tests.engine.world import PASSWORD, POOL, TOTP_SECRET, WEB, World, program

FLOWS = Path(__file__).parents[2] / "flows"
NEW_PASSWORD = planted.OTHER_PASSWORD
APPS_AND_CODES = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")
ADDRESSES = {
    "email": "ada@example.com",
    "email_verified": "true",
    "phone_number": "+15551231234",
    "phone_number_verified": "true",
}
Responses = dict[str, str]


@cache
def keys() -> Mapping[str, PoolKeys]:
    """Make signing keys; once, since making them takes long."""
    draw = ScriptedEntropy("keys").draw
    return {POOL.id: PoolKeys(generate(TokenUse.ID, draw), generate(TokenUse.ACCESS, draw))}


@cache
def shipped(flow: str) -> FlowProgram:
    """Compile a flow that ships; once, since compiling takes longer than a step."""
    library = FlowFiles(sorted(FLOWS.glob("*.flow.yaml")))
    return program((FLOWS / f"{flow}.flow.yaml").read_text(), library=library)


def triggers(define: Handler) -> Mapping[str, Callable[..., Any]]:
    """Give the functions that handlers become, which ask all for one code."""
    return lambda_triggers(define=define, create=create_code, verify=verify_passwordless)


def create_code(event: Event, _context: Any) -> Event:
    """Ask for the code that everybody has; nothing that is told is a user's own."""
    event["response"]["publicChallengeParameters"] = {"channel": "paper"}
    event["response"]["privateChallengeParameters"] = {"secretLoginCode": planted.CODE}
    return event


class Shipped(World):
    """A world that runs one of the flows that ship, and a user who can answer whatever it asks."""

    def __init__(self, flow: str, pool: Pool = POOL, **user: Any) -> None:
        compiled = shipped(flow)
        signs = any(door.continues for door in compiled.doors.values())
        define = user.pop("define", None)
        functions = {} if define is None else triggers(define)
        super().__init__(compiled, pool, functions, signing=keys() if signs else {})
        self.ephemeral = srp_client.begin(self.entropy.draw)
        self.secret: bytes | None = None
        self.periods = 0
        self.switch: str | None = None
        self.names_device = user.pop("names_device", False)
        with_device = user.pop("device", False)
        self.key = user.pop("authenticator", None)
        self.account = self.add_user(**user)
        if self.key is not None:
            self._register(self.key)
        if with_device:
            assert asyncio.run(self.devices.add(device_of(self.account)))
        self.passwords = {"alice": PASSWORD}

    def _register(self, key: Authenticator) -> None:
        passkey = Passkey(
            credential_id=key.credential_id,
            public_key=cose_of(key.key),
            sign_count=0,
            relying_party=RELYING_PARTY,
            created_at=self.clock.now(),
        )
        account = self.find()
        key.handle = user_handle(account.pool_id, account.sub)
        self.save(replace(account, passkeys=(passkey,), stamp="with a passkey"), account.stamp)

    def begin(self, auth_flow: str, username: str = "alice", **more: str) -> Reply:
        """Begin a sign-in; ``SRP``, ``DEVICE`` and ``TOKEN`` bring what they stand for."""
        parameters = {"USERNAME": username, **more}
        if parameters.pop("SRP", None):
            parameters["SRP_A"] = self.ephemeral.srp_a
        if parameters.pop("DEVICE", None):
            parameters["DEVICE_KEY"] = KEY
        if parameters.pop("TOKEN", None):
            parameters["ACCESS_TOKEN"] = self._token(username)
            parameters["TARGET_ACR_VALUES"] = "fresh"
        request = InitiateAuthRequest(WEB, auth_flow, parameters)
        return self.engine.initiate(request, admin=auth_flow in ADMIN_FLOWS)

    def _token(self, username: str) -> str:
        """Give the access token of a sign-in by password that was a moment ago."""
        proved = {"password": self.clock.now()}
        parts, account = self.engine.parts, self.find(username)
        return asyncio.run(earlier_token(parts, self.client, account, proved))

    def right(self, asked: ChallengeReply, username: str = "alice") -> Responses:
        """Give the right answer to a challenge."""
        right = {"USERNAME": username, **self._answers[asked.challenge_name](self, asked)}
        if self.names_device and asked.challenge_name == "PASSWORD_VERIFIER":
            right["DEVICE_KEY"] = KEY
        return right

    def reply_to(self, asked: ChallengeReply, username: str = "alice") -> Reply:
        """Answer rightly, with the newest Session."""
        responses = self.right(asked, username)
        session = asked.session
        if asked.challenge_name == "MFA_SETUP":
            session = self.enrolled(asked)
        return self.answer(asked.challenge_name, session, responses)

    def enrolled(self, asked: ChallengeReply) -> str:
        """Set an app up inside the sign-in; the Session that comes after it."""
        assert asked.session is not None
        done = self.engine.advance(asked.session, "AssociateSoftwareToken")
        self.secret = totp.from_text(done.result["SecretCode"])
        code = {"UserCode": self._code(self.secret)}
        return self.engine.advance(done.session, "VerifySoftwareToken", code).session

    def _code(self, secret: bytes) -> str:
        return totp.code(secret, totp.counter_at(self.clock.now()) + self.periods)

    def _password(self, _: ChallengeReply) -> Responses:
        return {"PASSWORD": PASSWORD}

    def _verifier(self, asked: ChallengeReply) -> Responses:
        user = asked.challenge_parameters["USER_ID_FOR_SRP"]
        return self._claim(asked, self.pool.srp_name, user, PASSWORD)

    def _device_verifier(self, asked: ChallengeReply) -> Responses:
        return {"DEVICE_KEY": KEY, **self._claim(asked, GROUP, KEY, DEVICE_SECRET)}

    def _claim(self, asked: ChallengeReply, group: str, user: str, secret: str) -> Responses:
        told = asked.challenge_parameters
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        now = self.clock.now()
        return srp_client.answer(self.ephemeral, group, user, secret, server, now).responses()

    def _totp(self, _: ChallengeReply) -> Responses:
        return {"SOFTWARE_TOKEN_MFA_CODE": self._code(self.secret or TOTP_SECRET)}

    def _sent(self, key: str) -> Responses:
        return {key: self.delivery.messages[-1].code}

    def _passkey(self, asked: ChallengeReply) -> Responses:
        if self.switch is not None:
            return {"SWITCH": self.switch}
        options = json.loads(asked.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
        self.key.count += 1
        return {"CREDENTIAL": json.dumps(self.key.get(options))}

    _answers: Mapping[str, Callable[[Shipped, ChallengeReply], Responses]] = {
        "PASSWORD": _password,
        "PASSWORD_SRP": lambda self, _: {"SRP_A": self.ephemeral.srp_a},
        "PASSWORD_VERIFIER": _verifier,
        "NEW_PASSWORD_REQUIRED": lambda _, __: {"NEW_PASSWORD": NEW_PASSWORD},
        "SOFTWARE_TOKEN_MFA": _totp,
        "SMS_MFA": lambda self, _: self._sent("SMS_MFA_CODE"),
        "SMS_OTP": lambda self, _: self._sent("SMS_OTP_CODE"),
        "EMAIL_OTP": lambda self, _: self._sent("EMAIL_OTP_CODE"),
        "SELECT_MFA_TYPE": lambda _, __: {"ANSWER": "SMS_MFA"},
        "SELECT_CHALLENGE": lambda self, _: {"ANSWER": self.choice},
        "MFA_SETUP": lambda _, __: {},
        "DEVICE_SRP_AUTH": lambda self, _: {"DEVICE_KEY": KEY, "SRP_A": self.ephemeral.srp_a},
        "DEVICE_PASSWORD_VERIFIER": _device_verifier,
        "WEB_AUTHN": _passkey,
        "CUSTOM_CHALLENGE": lambda _, __: {"ANSWER": planted.CODE},
    }
    choice = "EMAIL_OTP"


@dataclass(frozen=True, slots=True)
class Route:
    """One way through a flow.

    Attributes:
        asks: The challenges on the way, in their order.
        proved: What was proved in the end.
        begin: The auth flow's parameters.
        choice: What is answered to SELECT_CHALLENGE.
        switch: What is asked for instead of a passkey.
        known: The steps at the beginning that another way has too; nobody needs them twice.
        define: The handler that decides what is asked, where the flow has one.
    """

    name: str
    flow: str
    auth_flow: str
    asks: tuple[str, ...]
    proved: frozenset[str]
    begin: Mapping[str, str] = field(default_factory=dict)
    pool: Pool = POOL
    user: Mapping[str, Any] = field(default_factory=dict)
    choice: str = "EMAIL_OTP"
    switch: str | None = None
    known: int = 0
    define: Handler | None = None

    def world(self) -> Shipped:
        """Make the world that it is walked in."""
        user = dict(self.user)
        if user.pop("passkey", False):
            user["authenticator"] = Authenticator()
        world = Shipped(self.flow, self.pool, define=self.define, **user)
        world.choice, world.switch = self.choice, self.switch
        return world

    def start(self, world: Shipped, username: str = "alice") -> Reply:
        """Begin."""
        return world.begin(self.auth_flow, username, **self.begin)
