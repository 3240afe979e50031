"""A client of the protocol for ``make run``: signs in over HTTP, and tells each step.

It has what a client has (the endpoint, the pool's id, the client's id) and verifies the tokens as a
backend does: with the keys that the issuer publishes.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from flowengine.crypto import srp_client, totp
from flowengine.engine.system import SystemClock, SystemEntropy
from flowengine.tokens.discovery import CONFIGURATION_PATH
from flowengine.tokens.jwt import verify_published
from flowengine.tokens.keys import TokenUse

CLIENT_ID = "1example23456789"
POOL_ID = "eu-west-1_Example01"

_TIMEOUT_S = 10
_BRANCH = re.compile(
    r"branch .*node='([^']*)' outcome='([^']*)' target='([^']*)' because='([^']*)'"
)
_SHOWN = ("iss", "sub", "token_use", "exp")


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in.

    Attributes:
        totp_secret: The Base32 text of the authenticator app, or None.
        next_password: What to answer where a new one is demanded.
    """

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    next_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client at an address; ``log`` is the server's, which says which branch was taken."""

    endpoint: str
    log: Path

    def sign_in(self, person: Person) -> None:
        """Sign in by SRP and answer whatever the flow asks next; tell each step.

        Raises:
            ClickException: The flow asks for something that this person does not have.
            NotAuthorizedError: A token does not verify.
        """
        click.secho(f"{person.username} signs in by USER_SRP_AUTH", bold=True)
        seen = len(self._branches())
        ephemeral = srp_client.begin(SystemEntropy().draw)
        reply = self._call("InitiateAuth", {
            "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT_ID,
            "AuthParameters": {"USERNAME": person.username, "SRP_A": ephemeral.srp_a},
        })  # fmt: skip
        while "AuthenticationResult" not in reply:
            name = reply["ChallengeName"]
            answer = self._answers(person, ephemeral).get(name)
            if answer is None:
                raise click.ClickException(f"nothing to answer {name} with")
            reply = self._respond(name, reply, person, answer(reply["ChallengeParameters"]))
            seen = self._tell_branches(seen)
        self._tell_tokens(reply["AuthenticationResult"])

    def _answers(
        self, person: Person, ephemeral: srp_client.ClientEphemeral
    ) -> dict[str, Callable[[Mapping[str, str]], dict[str, str]]]:
        answers: dict[str, Callable[[Mapping[str, str]], dict[str, str]]] = {
            "PASSWORD_VERIFIER": lambda told: _proof(ephemeral, person.password, told)
        }
        if (secret := person.totp_secret) is not None:
            answers["SOFTWARE_TOKEN_MFA"] = lambda _: {"SOFTWARE_TOKEN_MFA_CODE": _code(secret)}
        if (chosen := person.next_password) is not None:
            answers["NEW_PASSWORD_REQUIRED"] = lambda _: {"NEW_PASSWORD": chosen}
        return answers

    def _respond(
        self, name: str, reply: Mapping[str, Any], person: Person, responses: Mapping[str, str]
    ) -> dict[str, Any]:
        click.echo(f"  challenge  {name}")
        click.echo(f"  answered   {', '.join(f'{key}=***' for key in responses)}")
        body = {
            "ClientId": CLIENT_ID,
            "ChallengeName": name,
            "ChallengeResponses": {"USERNAME": person.username, **responses},
        }
        if "Session" in reply:
            body["Session"] = reply["Session"]
        return self._call("RespondToAuthChallenge", body)

    def _call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        return _fetch(urllib.request.Request(self.endpoint, json.dumps(body).encode(), headers))  # noqa: S310 - our own server's address

    def _tell_branches(self, seen: int) -> int:
        """Tell what the server decided since ``seen`` lines of its log; how many it is now."""
        branches = self._branches()
        for node, outcome, target, because in branches[seen:]:
            why = f"  because {because}" if because else ""
            click.echo(f"  branch     {node} ({outcome}) -> {target}{why}")
        return len(branches)

    def _branches(self) -> list[tuple[str, str, str, str]]:
        return _BRANCH.findall(self.log.read_text())

    def _tell_tokens(self, result: Mapping[str, str]) -> None:
        """Verify both tokens with the published keys, then show what they say."""
        issuer = f"{self.endpoint.rstrip('/')}/{POOL_ID}"
        where = _fetch(issuer + CONFIGURATION_PATH)
        document = _fetch(where["jwks_uri"])
        for kind, use in (("IdToken", TokenUse.ID), ("AccessToken", TokenUse.ACCESS)):
            claims = verify_published(
                result[kind],
                document,
                where["issuer"],
                use,
                SystemClock().now(),
                client_ids={CLIENT_ID},
            )
            name = "cognito:username" if use is TokenUse.ID else "username"
            shown = {key: claims[key] for key in (name, *_SHOWN)}
            click.echo(f"  verified   {json.dumps(shown)}")
        user = self._call("GetUser", {"AccessToken": result["AccessToken"]})
        click.secho(f"  signed in  GetUser answers {user['Username']}\n", fg="green")


def _proof(
    ephemeral: srp_client.ClientEphemeral, password: str, told: Mapping[str, str]
) -> dict[str, str]:
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    pool_name = POOL_ID.partition("_")[2]
    user = told["USER_ID_FOR_SRP"]
    now = SystemClock().now()
    return srp_client.answer(ephemeral, pool_name, user, password, server, now).responses()


def _code(secret: str) -> str:
    return totp.code(totp.from_text(secret), totp.counter_at(SystemClock().now()))


def _fetch(what: str | urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(what, timeout=_TIMEOUT_S) as response:  # noqa: S310 - our own server's address
        answer: dict[str, Any] = json.load(response)
    return answer
