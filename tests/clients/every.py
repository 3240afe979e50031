"""The people of a deployment in which every challenge is asked, and the clients they use."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.authenticator import Authenticator
from tests.clients import every_challenge, kept
from tests.clients.chromium import Browser
from tests.clients.deployed import POOL, WEB
from tests.clients.every_challenge import OUTBOX
from tests.clients.pages import OF_AMPLIFY, RELYING_PARTY, Pages, serving_pages
from tests.clients.processes import ClientProcess, node_client
from tests.clients.served import PASSWORD, App, Served, serving
from tests.clients.speaking import AMPLIFY, AWS_JWT_VERIFY, AWS_SDK_JS, IDENTITY_JS

_SETTINGS: Final = {
    "SMS_MFA": "SMSMfaSettings",
    "EMAIL_OTP": "EmailMfaSettings",
    "SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaSettings",
}
_COMES_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Every:
    """The server, and a process with the JavaScript libraries beside the one with Python's.

    Attributes:
        pages: Where a browser goes.
        browser: Where aws-amplify runs; in Node.js where there is none.
        opened: Which letters were read, by their place in the outbox.
    """

    served: Served
    node: ClientProcess
    pages: Pages
    browser: Browser | None = None
    numbers: Iterator[int] = field(default_factory=itertools.count)
    opened: set[int] = field(default_factory=set)

    def identity(self, do: str, **more: Any) -> Any:
        """Have amazon-cognito-identity-js do something."""
        return self.node.ask(do, library=IDENTITY_JS, **more)

    def amplify(self, do: str, **more: Any) -> Any:
        """Have aws-amplify do something; a browser opens its page at an ``origin``."""
        if self.browser is None:
            return self.node.ask(do, library=AMPLIFY, **more)
        if do == "open":
            self.browser.open(more.pop("origin", self.pages.origin), OF_AMPLIFY)
        return self.browser.ask(do, library=AMPLIFY, **more)

    def sdk(self, do: str, **more: Any) -> Any:
        """Have the AWS SDK for JavaScript do something, with cognito-srp-helper."""
        return self.node.ask(do, library=AWS_SDK_JS, **more)

    def jwt_verify(self, do: str, **more: Any) -> Any:
        """Have aws-jwt-verify do something."""
        return self.node.ask(do, library=AWS_JWT_VERIFY, **more)

    def who(self, username: str, client_id: str = WEB) -> dict[str, str]:
        """Say who signs in, in the words of all libraries."""
        return {
            "pool": POOL, "client_id": client_id, "username": username, "password": PASSWORD,
        }  # fmt: skip

    def user(self, *, temporary: bool = False) -> str:
        """Make a user with a verified address of each kind and no second factor."""
        return self.served.new_user(temporary=temporary, name="Fay", **self._addresses())

    def address_of(self, username: str, attribute: str = "email") -> str:
        """Read an address of a user, by which they may sign in too."""
        who = {"UserPoolId": POOL, "Username": username}
        about = self.served.call("admin_get_user", **who)["UserAttributes"]
        return next(str(each["Value"]) for each in about if each["Name"] == attribute)

    def user_of(self, pool: str) -> str:
        """Make a user of another pool."""
        username = f"of-another-pool-{next(self.numbers)}"
        who = {"UserPoolId": pool, "Username": username}
        unsent = {"TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}
        self.served.call("admin_create_user", **who, **unsent)
        self.served.call("admin_set_user_password", **who, Password=PASSWORD, Permanent=True)
        return username

    def user_with(self, *factors: str) -> str:
        """Make a user with second factors other than an app, none of them preferred."""
        username = self.user()
        self.prefer(username, *factors)
        return username

    def user_with_app(self) -> tuple[str, App]:
        """Make a user with an authenticator app, and a mailbox and a telephone."""
        username, app = self.served.new_user_with_app()
        who = {"UserPoolId": POOL, "Username": username}
        about = [{"Name": n, "Value": v} for n, v in self._addresses().items()]
        self.served.call("admin_update_user_attributes", **who, UserAttributes=about)
        return username, app

    def prefer(self, username: str, *factors: str) -> None:
        """Turn second factors on, as an administrator does."""
        settings = {_SETTINGS[factor]: {"Enabled": True} for factor in factors}
        who = {"UserPoolId": POOL, "Username": username}
        self.served.call("admin_set_user_mfa_preference", **who, **settings)

    def code_for(self, username: str, channel: str) -> str:
        """Wait for a letter to a user that was not read yet; the code in the newest one."""
        until = time.monotonic() + _COMES_WITHIN_S
        while time.monotonic() < until:
            letters = [
                (number, each)
                for number, each in enumerate(self._letters())
                if each["username"] == username and number not in self.opened
            ]
            if letters and letters[-1][1]["channel"] == channel:
                self.opened.update(number for number, _ in letters)
                return str(letters[-1][1]["code"])
            time.sleep(0.02)
        raise AssertionError(f"no code came by {channel}")

    def user_with_passkey(self) -> tuple[str, Authenticator]:
        """Make a user who registers a passkey with an authenticator of ours."""
        username, passkey = self.user(), self.new_passkey()
        token = self.token(username)
        self.complete(token, passkey.create(self.creation_options(token), self.pages.origin))
        return username, passkey

    def new_passkey(self) -> Authenticator:
        """Make an authenticator of ours, with a passkey that is not registered."""
        identifier = next(self.numbers).to_bytes(32, "big")
        return Authenticator(credential_id=identifier, relying_party=RELYING_PARTY)

    def token(self, username: str, client_id: str = WEB) -> str:
        """Sign a user in by a password; the access token."""
        reply = self.served.by_password(username, client_id=client_id)
        return str(reply["AuthenticationResult"]["AccessToken"])

    def creation_options(self, token: str) -> dict[str, Any]:
        """Begin to register a passkey, by boto3."""
        begun = self.served.call("start_web_authn_registration", AccessToken=token)
        options: dict[str, Any] = begun["CredentialCreationOptions"]
        return options

    def complete(self, token: str, credential: Any) -> None:
        """Register a passkey, by boto3."""
        about = {"AccessToken": token, "Credential": credential}
        self.served.call("complete_web_authn_registration", **about)

    def is_remembered(self, device_key: str) -> bool | None:
        """Read from the database whether a device is remembered; None where there is none."""
        rows = (row for (table, _), row in self.served.rows().items() if table == "devices")
        found = [bool(row["remembered"]) for row in rows if row["key"] == device_key]
        return found[0] if found else None

    def answered(self, before: kept.Rows) -> set[str]:
        """Give the challenges that were answered rightly since, as the sign-ins' records tell."""
        now = self.served.rows()
        records = (
            json.loads(row["record"])
            for at, row in now.items()
            if at[0] == "sessions" and before.get(at) != row
        )
        return {name for record in records for name, right, _ in record["history"] if right}

    def _addresses(self) -> dict[str, str]:
        """Give addresses that nobody else has: the codes to each are limited."""
        number = next(self.numbers)
        addresses = {"email": f"fay{number}@example.com", "phone_number": f"+1555{number:07}"}
        return {**addresses, **{f"{name}_verified": "true" for name in addresses}}

    def _letters(self) -> list[dict[str, Any]]:
        path = self.served.folder / OUTBOX
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


@contextmanager
def serving_every_challenge(folder: Path) -> Iterator[Every]:
    """Serve the deployment; its log holds no secret in the end."""
    with serving_pages(folder / "pages") as pages:
        write = partial(every_challenge.write, origin=pages.origin)
        with serving(folder, write) as served:
            node = node_client(served.url, folder, served.client.seen)
            try:
                yield Every(served, node, pages)
            finally:
                node.stop()
