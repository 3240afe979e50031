"""The application over a SQLite file of its own, with the flows that ship, and what a client does.

Nothing stands in for anything: requests are HTTP, rows are read from the file.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import httpx

from flowengine.accounts.account import Account, Passkey, SrpCredential, TotpFactor
from flowengine.accounts.device import Device, DeviceSettings
from flowengine.accounts.pool import Client, PasskeySettings, Pool
from flowengine.crypto import secret_hash, srp, srp_client, totp
from flowengine.crypto.keyring import Keyring, KeyringKey
from flowengine.crypto.passkeys import user_handle
from flowengine.engine.system import InlineWork
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.flow.loading import FlowFiles
from flowengine.flow.program import FlowProgram
from flowengine.server.app import App
from flowengine.stores.devices import SqlDevices
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.grants import SqlGrants
from flowengine.stores.sqlite import SqliteCounters, SqliteSessions
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.urls import parse
from flowengine.testing.fakes import KeptMessages, ScriptedEntropy
from tests import planted
from tests.authenticator import ORIGIN, RELYING_PARTY, Authenticator, cose_of
from tests.clients import kept
from tests.engine.triggered import (
    create_passwordless,
    define_passwordless,
    verify_passwordless,
)
from tests.engine.world import program
from tests.operations import world as worlds
from tests.operations.world import CONFIDENTIAL, NOW, OTHER, OTHER_POOL, PASSWORD, WEB, World, run
from tests.server.wire import admin, app_of, post

FLOWS: Final = Path(__file__).parents[3] / "flows"
POOL: Final = replace(
    worlds.POOL,
    mfa_methods=("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"),
    devices=DeviceSettings(),
    passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)),
)
AUTH_FLOWS: Final = {
    "USER_SRP_AUTH": "password",
    "USER_PASSWORD_AUTH": "password",
    "ADMIN_USER_PASSWORD_AUTH": "password",
    "CUSTOM_AUTH": "lambda-triggers",
    "USER_AUTH": "choice",
}
LEGACY: Final = f"3{planted.MARK}client0000"
NARROW: Final = f"5{planted.MARK}client0000"
UNKNOWN_CLIENT: Final = "nosuchclient"
UNKNOWN_DEVICE: Final = "eu-west-1_00000000-0000-4000-8000-000000000000"
DEVICE_KEY: Final = "eu-west-1_11111111-2222-4333-8444-555555555555"
GROUP: Final = "-Group123"
DEVICE_SECRET: Final = f"device-{planted.MARK}"
RIGHT: Final = planted.PASSWORD
WRONG: Final = planted.OTHER_PASSWORD
TOTP: Final[Mapping[str, Any]] = {"totp": TotpFactor(planted.TOTP_SECRET)}
HANDLERS: Final = PoolTriggers(
    define_auth_challenge=define_passwordless,
    create_auth_challenge=create_passwordless,
    verify_auth_challenge_response=verify_passwordless,
)
"""Three rounds of ``planted.CODE``."""
ADDRESSES: Final = {
    "email": "ada@example.com",
    "email_verified": "true",
    "phone_number": "+15550100100",
    "phone_number_verified": "true",
}
Act = Callable[[], httpx.Response]


@cache
def shipped() -> tuple[FlowProgram, ...]:
    """Compile the flows; once, since they are immutable."""
    library = FlowFiles(sorted(FLOWS.glob("*.flow.yaml")))
    names = ("password", "choice", "lambda-triggers")
    texts = ((FLOWS / f"{name}.flow.yaml").read_text() for name in names)
    return tuple(program(text, library=library) for text in texts)


class Stage:
    """One server, its users, and a client that can do the arithmetic."""

    def __init__(
        self,
        template: Path,
        path: Path,
        *,
        pool: Mapping[str, Any] | None = None,
        client: Mapping[str, Any] | None = None,
        triggers: PoolTriggers | None = None,
        flow: str | None = None,
        **engine: Any,
    ) -> None:
        """Copy a file that has its tables, and serve what is kept in it.

        Args:
            flow: The text of one more flow, which then is CUSTOM_AUTH's.
        """
        shutil.copy(template, path)
        self.path = path
        self.pool: Pool = replace(POOL, **(pool or {}))
        self.delivery = KeptMessages()
        own = () if flow is None else (program(flow),)
        custom = own[0].name if own else AUTH_FLOWS["CUSTOM_AUTH"]
        flows = {**AUTH_FLOWS, "CUSTOM_AUTH": custom}
        self.client: Client = replace(WEB, **{"auth_flows": flows, **(client or {})})
        self.world = self._world(own, triggers, engine)
        self.clock = self.world.clock
        self.app: App = app_of(self.world)
        self.ephemeral = srp_client.begin(self.world.entropy.draw)

    def _world(self, own: Any, triggers: PoolTriggers | None, engine: Mapping[str, Any]) -> World:
        entropy, work = ScriptedEntropy("file").draw, InlineWork()
        keyring = Keyring((KeyringKey("one", planted.KEY),))
        file, self.sql = SqliteFile(self.path), sql_engine(parse(f"sqlite:///{self.path}"))
        pools = {each.id: each for each in (self.pool, OTHER_POOL)}
        directory = SqlDirectory(self.sql, keyring, pools, work, entropy)
        own_triggers = {} if triggers is None else {self.pool.id: triggers}
        parts: dict[str, Any] = {
            "sessions": SqliteSessions(file),
            "counters": SqliteCounters(file),
            "directory": directory,
            "grants": SqlGrants(self.sql, work),
            "devices": SqlDevices(self.sql, keyring, work, entropy),
            "delivery": self.delivery,
            "work": work,
            "clients": self._clients(),
            # Another pool's, so that there are functions of these names.
            "triggers": {OTHER_POOL.id: HANDLERS, **own_triggers},
        }
        self.file = file
        made = worlds.new_world(self.pool, *shipped(), *own, **{**parts, **engine})
        return replace(made, directory=directory)

    def _clients(self) -> tuple[Client, ...]:
        client = self.client
        return (
            client,
            replace(client, id=CONFIDENTIAL.id, name="secretive", secret=planted.CLIENT_SECRET),
            replace(client, id=LEGACY, name="legacy", prevent_user_existence_errors=False),
            replace(client, id=NARROW, name="narrow", auth_flows={}),
            OTHER,
        )

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        self.sql.dispose()

    def rows(self) -> kept.Rows:
        """Read all that is kept; a counter that counts nothing is bookkeeping, and left out."""
        found = kept.rows(self.path)
        return {at: row for at, row in found.items() if row.get("failures", 1)}

    # Users

    def add(self, username: str = "ada", **changes: Any) -> Account:
        """Add a user who has ``PASSWORD`` and two verified addresses."""
        return self.world.add_user(
            username, **{"pool": self.pool, "attributes": ADDRESSES} | changes
        )

    def add_device(self, account: Account) -> None:
        """Let a user have a device that is remembered."""
        salt = 0x1234567890
        credential = SrpCredential(
            srp.to_hex(salt), srp.verifier(GROUP, DEVICE_KEY, DEVICE_SECRET, salt)
        )
        made = Device(
            pool_id=account.pool_id,
            sub=account.sub,
            key=DEVICE_KEY,
            group_key=GROUP,
            name="phone",
            credential=credential,
            remembered=True,
            created_at=NOW,
            modified_at=NOW,
            seen_at=NOW,
        )
        assert self.world.parts.devices is not None
        assert run(self.world.parts.devices.add(made))

    @cached_property
    def authenticator(self) -> Authenticator:
        """The user's authenticator."""
        return Authenticator()

    def add_with_passkey(self, **changes: Any) -> Account:
        """Add a user who has a passkey on ``authenticator``."""
        key = self.authenticator
        passkey = Passkey(key.credential_id, cose_of(key.key), 0, RELYING_PARTY, NOW)
        account = self.add(passkeys=(passkey,), **changes)
        key.handle = user_handle(account.pool_id, account.sub)
        return account

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**duration))

    # Requests

    def call(self, operation: str, **members: Any) -> httpx.Response:
        """Call an operation; members that are None are left out."""
        return post(self.app, operation, {k: v for k, v in members.items() if v is not None})

    def by_admin(self, operation: str, **members: Any) -> httpx.Response:
        """Call an operation as an administrator, which sets the clock to the system's time."""
        return admin(self.world, operation, {"UserPoolId": self.pool.id, **members})

    def initiate(
        self, auth_flow: str, client_id: str = WEB.id, /, **parameters: str | None
    ) -> httpx.Response:
        """Begin a sign-in of ada's, if USERNAME does not say whose."""
        sent = {"USERNAME": "ada", **parameters}
        return self.call(
            "InitiateAuth", AuthFlow=auth_flow, ClientId=client_id, AuthParameters=sent
        )

    def respond(
        self, asked: Mapping[str, Any], client_id: str = WEB.id, /, **responses: str | None
    ) -> httpx.Response:
        """Answer a challenge as ada, if USERNAME does not say who."""
        return self.call(
            "RespondToAuthChallenge",
            ClientId=client_id,
            ChallengeName=asked["ChallengeName"],
            Session=asked.get("Session"),
            ChallengeResponses={"USERNAME": "ada", **responses},
        )

    def password(
        self, password: str = PASSWORD, client_id: str = WEB.id, /, **more: str | None
    ) -> Any:
        """Send a password."""
        return self.initiate("USER_PASSWORD_AUTH", client_id, PASSWORD=password, **more)

    def asked(self, *where: str, **parameters: str) -> Any:
        """Begin a sign-in that asks something; the body."""
        return good(self.initiate(*where, **parameters))

    def second(self, **more: str) -> Any:
        """Send the right password, and be asked for more."""
        asked = good(self.password(**more))
        assert "ChallengeName" in asked
        return asked

    def tokens(self, **more: str) -> Any:
        """Sign in by the password alone."""
        return good(self.password(**more))["AuthenticationResult"]

    def first(self, challenge: str) -> Any:
        """Begin USER_AUTH with one of the first factors."""
        asked = self.asked("USER_AUTH", PREFERRED_CHALLENGE=challenge)
        assert asked["ChallengeName"] == challenge
        return asked

    def hash(self, username: str = "ada") -> str:
        """Compute SECRET_HASH for the client with a secret."""
        return secret_hash.compute(planted.CLIENT_SECRET, username, CONFIDENTIAL.id)

    # Answers

    def code(self) -> str:
        """Give the code of now of ada's app."""
        return totp.code(planted.TOTP_SECRET, totp.counter_at(self.clock.now()))

    def wrong_code(self) -> str:
        """Give six digits that are no code of now."""
        return "000000" if self.code() != "000000" else "000001"

    def sent(self) -> str:
        """Give the code that was sent last."""
        return self.delivery.messages[-1].code

    def srp(self, *where: str, **more: str) -> Any:
        """Begin by SRP."""
        begun = {"SRP_A": self.ephemeral.srp_a, **more}
        return self.asked(*(where or ("USER_SRP_AUTH",)), **begun)

    def claim(self, asked: Mapping[str, Any], password: str = PASSWORD) -> dict[str, str]:
        """Work the proof of a password out."""
        told = asked["ChallengeParameters"]
        return self._proof(told, self.pool.srp_name, told["USER_ID_FOR_SRP"], password)

    def claim_at(self, asked: Mapping[str, Any], written: str) -> dict[str, str]:
        """Prove the password, and sign a TIMESTAMP as it is written."""
        told = asked["ChallengeParameters"]
        user, salt = told["USER_ID_FOR_SRP"], int(told["SALT"], 16)
        private = srp.private_key(self.pool.srp_name, user, PASSWORD, salt)
        key = srp_client.session_key(self.ephemeral, private, int(told["SRP_B"], 16))
        assert key is not None
        block = base64.b64decode(told["SECRET_BLOCK"])
        proof = srp.signature(key, self.pool.srp_name, user, block, written)
        return {
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
            "PASSWORD_CLAIM_SECRET_BLOCK": told["SECRET_BLOCK"],
            "TIMESTAMP": written,
        }

    def device_claim(self, asked: Mapping[str, Any], secret: str = DEVICE_SECRET) -> dict[str, str]:
        """Work the proof of the device out."""
        proof = self._proof(asked["ChallengeParameters"], GROUP, DEVICE_KEY, secret)
        return {"DEVICE_KEY": DEVICE_KEY, **proof}

    def device_asked(self) -> Any:
        """Sign in by SRP on the remembered device, up to its own proof."""
        asked = self.srp(DEVICE_KEY=DEVICE_KEY)
        device = good(self.respond(asked, **self.claim(asked)))
        assert device["ChallengeName"] == "DEVICE_SRP_AUTH"
        return device

    def device_proof_asked(self) -> Any:
        """The same, up to the second round."""
        sent = {"DEVICE_KEY": DEVICE_KEY, "SRP_A": self.ephemeral.srp_a}
        return good(self.respond(self.device_asked(), **sent))

    def _proof(self, told: Mapping[str, str], group: str, user: str, secret: str) -> dict[str, str]:
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        now = self.clock.now()
        return srp_client.answer(self.ephemeral, group, user, secret, server, now).responses()

    def assertion(self, asked: Mapping[str, Any], **changes: Any) -> str:
        """Have ada's passkey sign."""
        options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        self.authenticator.count += 1
        return json.dumps(self.authenticator.get(options, **changes))


def good(response: httpx.Response) -> Any:
    """Give the body of what was not refused."""
    assert response.status_code == 200, response.text
    return response.json()
