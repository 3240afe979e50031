"""A `flowengine serve` in a process of its own, its users, and the client that talks to it."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock
from flowengine.stores.instants import microseconds
from tests import planted
from tests.clients import deployed, kept
from tests.clients.deployed import ADMIN_ID, DATABASE, POOL, WEB
from tests.clients.words import Told

PASSWORD: Final = planted.PASSWORD
WRONG_PASSWORD: Final = planted.OTHER_PASSWORD
_CHECKOUT: Final = Path(__file__).parents[2]
_STOPS_WITHIN_S: Final = 10
_SECRETS: Final = frozenset({"Session", "AccessToken", "IdToken", "RefreshToken", "SECRET_BLOCK"})


class RefusedError(Exception):
    """What a client library raised, in its own process."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(f"{told['class']}: {told['message']}")
        self.told = told


class Client:
    """A process that has boto3 and pycognito and nothing of ours; see ``client.py``."""

    def __init__(self, url: str, log: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "tests.clients.client", url),
                cwd=_CHECKOUT,
                env={**environment, **_boto3_settings(url)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.seen: set[str] = set()

    def ask(self, do: str, **command: Any) -> Any:
        """Have a command done; its result.

        Raises:
            RefusedError: The library raised.
        """
        asked, answered = self._pipes()
        asked.write(json.dumps({"do": do, **command}) + "\n")
        asked.flush()
        answer = json.loads(answered.readline())
        self.seen.update(_secrets_in(answer))
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer["result"]

    def stop(self) -> None:
        """End the process: it is done when there are no more commands."""
        asked, answered = self._pipes()
        asked.close()
        assert self._process.wait(_STOPS_WITHIN_S) == 0
        answered.close()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        return asked, answered


def _boto3_settings(url: str) -> dict[str, str]:
    """Give what any application may set, so that the libraries need nothing of ours."""
    return {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": url,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": ADMIN_ID,
        "AWS_SECRET_ACCESS_KEY": planted.ADMIN_SECRET,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _secrets_in(answer: Any) -> Iterator[str]:
    """Give the sessions and tokens of an answer, wherever they stand."""
    if isinstance(answer, list):
        for member in answer:
            yield from _secrets_in(member)
    if isinstance(answer, dict):
        for name, value in answer.items():
            if name in _SECRETS:
                yield value
            yield from _secrets_in(value)


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
        self.call("admin_create_user", **who, TemporaryPassword=PASSWORD, UserAttributes=given)
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
def serving(folder: Path) -> Iterator[Served]:
    """Serve a deployment with one user, alice; its log holds no secret in the end."""
    deployed.write(folder)
    users(folder, "add", "alice", given=PASSWORD)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "flowengine", "serve"),
            cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        client = Client(found[0], folder / "client.log")
        try:
            yield Served(folder, client)
        finally:
            client.stop()
    finally:
        process.terminate()
        stopped = process.wait(_STOPS_WITHIN_S)
        process.stdout.close()
    assert stopped == 0
    check_log((folder / "log").read_text(), client.seen)


def check_log(logged: str, handed_out: set[str]) -> None:
    """Check that a log tells of every operation, and holds nothing that is secret."""
    for operation in ("InitiateAuth", "RespondToAuthChallenge", "AdminCreateUser"):
        assert operation in logged
    secrets = {planted.MARK, *deployed.CLIENT_IDS, *handed_out}
    assert sum(secret in logged for secret in secrets) == 0  # a list would show them
