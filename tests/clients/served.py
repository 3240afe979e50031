"""A `flowengine serve` in a process of its own, its users, and the client that talks to it."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock
from flowengine.stores.instants import microseconds
from tests import planted
from tests.clients import deployed, kept
from tests.clients.aws_name import aws_leads_to
from tests.clients.deployed import DATABASE, POOL, WEB
from tests.clients.processes import Client, RefusedError, python_client
from tests.clients.words import Told

PASSWORD: Final = planted.PASSWORD
WRONG_PASSWORD: Final = planted.OTHER_PASSWORD
_STOPS_WITHIN_S: Final = 10


@dataclass(frozen=True, slots=True)
class App:
    """A user's authenticator app."""

    secret: bytes = field(repr=False)

    def code(self, periods: int = 0) -> str:
        """Give the code of now, or of so many periods later."""
        return totp.code(self.secret, totp.counter_at(SystemClock().now()) + periods)

    def wrong_code(self) -> str:
        """Give six digits that are no code of now nor of two periods either side."""
        near = {self.code(periods) for periods in range(-2, 3)}
        return next(code for code in map("{:06}".format, itertools.count()) if code not in near)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    folder: Path
    url: str
    client: Client
    names: Iterator[int] = field(default_factory=itertools.count)

    def users(self, *words: str, given: str = "") -> str:
        """Run ``flowengine users``."""
        return users(self.folder, *words, given=given)

    def call(self, operation: str, **arguments: Any) -> Any:
        """Call an operation by boto3."""
        return self.client.ask("call", operation=operation, arguments=arguments)

    def pycognito(self, do: str, username: str, client_id: str = WEB, **more: Any) -> Any:
        """Have pycognito do something for a user."""
        who = {"pool": POOL, "client_id": client_id, "username": username}
        return self.client.ask(do, **who, **more)

    def new_user(self, *, temporary: bool = False, **attributes: str) -> str:
        """Make a user whose password is ``PASSWORD``, as an administrator does."""
        username = f"user-{next(self.names)}"
        who = {"UserPoolId": POOL, "Username": username}
        given = [{"Name": name, "Value": value} for name, value in attributes.items()]
        unsent = {"TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}
        self.call("admin_create_user", **who, **unsent, UserAttributes=given)
        if not temporary:
            self.call("admin_set_user_password", **who, Password=PASSWORD, Permanent=True)
        return username

    def new_user_with_app(self) -> tuple[str, App]:
        """Make a user who sets an authenticator app up, which spends the code of now."""
        username = self.new_user()
        token = self.by_password(username)["AuthenticationResult"]["AccessToken"]
        written = self.call("associate_software_token", AccessToken=token)["SecretCode"]
        self.client.seen.add(written)
        app = App(totp.from_text(written))
        self.call("verify_software_token", AccessToken=token, UserCode=app.code())
        return username, app

    def initiate(self, auth_flow: str, client_id: str = WEB, /, **parameters: str) -> Any:
        """Call InitiateAuth."""
        return self.call(
            "initiate_auth", AuthFlow=auth_flow, ClientId=client_id, AuthParameters=parameters
        )

    def by_password(
        self, username: str, password: str = PASSWORD, client_id: str = WEB, **more: str
    ) -> Any:
        """Sign in with a password that is sent."""
        parameters = {"USERNAME": username, "PASSWORD": password, **more}
        return self.initiate("USER_PASSWORD_AUTH", client_id, **parameters)

    def secret_hash(self, username: str, client_id: str, secret: str) -> str:
        """Have pycognito compute a SECRET_HASH."""
        return str(
            self.client.ask(
                "secret_hash", username=username, client_id=client_id, client_secret=secret
            )
        )

    def respond(
        self, asked: Mapping[str, Any], username: str, client_id: str = WEB, /, **responses: str
    ) -> Any:
        """Answer a challenge."""
        return self.call(
            "respond_to_auth_challenge",
            ClientId=client_id,
            ChallengeName=asked["ChallengeName"],
            ChallengeResponses={"USERNAME": username, **responses},
            **{"Session": asked["Session"]} if "Session" in asked else {},
        )

    def rows(self) -> kept.Rows:
        """Read all that the server keeps."""
        return kept.rows(self.folder / DATABASE)

    def raises(self, do: str, username: str, **more: Any) -> Mapping[str, Any]:
        """Have pycognito raise what is an exception of its own; what it told."""
        try:
            self.pycognito(do, username, **more)
        except RefusedError as error:
            return error.told
        raise AssertionError("nothing was raised")

    def expire_newest_sign_in(self) -> None:
        """Let the present step of the sign-in that was begun last be over."""
        path = self.folder / DATABASE
        kept.expire_newest(path, microseconds(SystemClock().now()) - 1)

    @contextmanager
    def refuses_in_words(self, told: Told) -> Iterator[None]:
        """Check that what is called within is refused in these words."""
        try:
            yield
        except RefusedError as error:
            got = error.told
        else:
            raise AssertionError(f"not refused: {told}")
        assert Told(got["class"], got["message"]) == told, got
        assert (got["code"], got["status"]) == (told.exception, 400), got

    @contextmanager
    def refuses(self, told: Told, *changed: str) -> Iterator[None]:
        """Check that what is called within is refused in these words, changing only this.

        Args:
            changed: The rows that it changes, in the words of ``kept.changes``.
        """
        before = self.rows()
        with self.refuses_in_words(told):
            yield
        found = kept.changes(before, self.rows())
        assert found == sorted(changed), found


def users(folder: Path, *words: str, given: str = "") -> str:
    """Run ``flowengine users`` beside a deployment."""
    return subprocess.run(
        (sys.executable, "-m", "flowengine", "users", *words),
        cwd=folder, input=given, text=True, capture_output=True, check=True,
    ).stdout  # fmt: skip


@contextmanager
def serving(folder: Path, write: Callable[[Path], None] = deployed.write) -> Iterator[Served]:
    """Serve a deployment with one user, alice; its log holds no secret in the end."""
    write(folder)
    users(folder, "add", "alice", "--pool", "main", given=PASSWORD)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "flowengine", "serve"),
            cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        with aws_leads_to(found[0], folder) as settings:
            client = python_client(found[0], folder, settings)
            try:
                yield Served(folder, found[0], client)
            finally:
                client.stop()
    finally:
        process.terminate()
        stopped = process.wait(_STOPS_WITHIN_S)
        process.stdout.close()
    assert stopped == 0
    check_log((folder / "log").read_text(), client.seen)


def check_log(logged: str, handed_out: set[str]) -> None:
    """Check that a log tells of operations, whichever tests called, and of nothing secret."""
    assert re.search(r"flowengine\.server operation=[A-Za-z]+ status=[0-9]{3} ", logged)
    secrets = {planted.MARK, *deployed.CLIENT_IDS, *handed_out}
    assert sum(secret in logged for secret in secrets) == 0  # a list would show them
