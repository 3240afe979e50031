"""The main job, played by itself: ``make run``.

A server of its own in a process of its own, on loopback, with keys and passwords made on the
spot; then a sign-in over HTTP as a real client would, with what was decided on the way.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowengine import resources
from flowengine.cli.staging import draw_password
from flowengine.crypto import srp_client, totp
from flowengine.engine.system import SystemClock, SystemEntropy

_CLIENT_ID = "1example23456789"
_POOL_ID = "eu-west-1_Example01"
_COMMAND = (sys.executable, "-m", "flowengine")
_BRANCH = re.compile(
    r"branch .*node='([^']*)' outcome='([^']*)' target='([^']*)' because='([^']*)'"
)


def main() -> int:
    """Play the main job; with ``--once`` end by itself."""
    parser = argparse.ArgumentParser(prog="make run ARGS=…", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the sign-ins")
    once = parser.parse_args().once
    password = draw_password()
    with tempfile.TemporaryDirectory(prefix="flowengine-") as name:
        folder = Path(name)
        for file in ("flowengine.yaml", "sign-in.flow.yaml"):
            shutil.copy(resources.flows() / file, folder / file)
        _command(folder, "users", "add", "alice", given=password)
        _command(folder, "users", "add", "bob", given=password)
        secret = re.search(r"secret: *(\S+)", _command(folder, "users", "totp", "bob"))
        with _server(folder) as endpoint:
            click.echo(f"serving {endpoint} from SQLite, flow sign-in.flow.yaml\n")
            _sign_in(folder, endpoint, "alice", password, None)
            _sign_in(folder, endpoint, "bob", password, secret[1] if secret else "")
            return 0 if once else _keep_serving(endpoint, password)


def _command(folder: Path, *words: str, given: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - our own program with our own words
        (*_COMMAND, *words), cwd=folder, input=given, text=True, capture_output=True, check=True
    )
    return done.stdout


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Start the server on a free port and stop it at the end."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program with our own words
            (*_COMMAND, "serve", "--listen", "127.0.0.1:0"),
            cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            first = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+", first)
            if found is None:
                raise click.ClickException("the server did not start")
            yield found[0]
        finally:
            process.terminate()
            process.wait(10)


def _call(endpoint: str, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the address is our own server's
        endpoint,
        json.dumps(body).encode(),
        {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
        answer: dict[str, Any] = json.load(response)
    return answer


def _sign_in(folder: Path, endpoint: str, user: str, password: str, secret: str | None) -> None:
    """Sign in by SRP, and by a code where the flow asks for one."""
    seen = len(_branches(folder))
    clock, entropy = SystemClock(), SystemEntropy()
    ephemeral = srp_client.begin(entropy.draw)
    click.secho(f"{user} signs in by USER_SRP_AUTH", bold=True)
    reply = _call(endpoint, "InitiateAuth", {
        "AuthFlow": "USER_SRP_AUTH", "ClientId": _CLIENT_ID,
        "AuthParameters": {"USERNAME": user, "SRP_A": ephemeral.srp_a},
    })  # fmt: skip
    told = reply["ChallengeParameters"]
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    proof = srp_client.answer(
        ephemeral,
        _POOL_ID.partition("_")[2],
        told["USER_ID_FOR_SRP"],
        password,
        server,
        clock.now(),
    )
    reply = _answer(endpoint, reply, user, proof.responses())
    if reply.get("ChallengeName") == "SOFTWARE_TOKEN_MFA" and secret is not None:
        code = totp.code(totp.from_text(secret), totp.counter_at(clock.now()))
        reply = _answer(endpoint, reply, user, {"SOFTWARE_TOKEN_MFA_CODE": code})
    for node, outcome, target, because in _branches(folder)[seen:]:
        why = f"  because {because}" if because else ""
        click.echo(f"  branch     {node} ({outcome}) -> {target}{why}")
    _show_result(endpoint, reply["AuthenticationResult"])


def _answer(
    endpoint: str, reply: Mapping[str, Any], user: str, responses: Mapping[str, str]
) -> dict[str, Any]:
    name = reply["ChallengeName"]
    click.echo(f"  challenge  {name}")
    click.echo(f"  answered   {', '.join(f'{key}=***' for key in responses)}")
    body = {
        "ClientId": _CLIENT_ID,
        "ChallengeName": name,
        "ChallengeResponses": {"USERNAME": user, **responses},
    }
    if "Session" in reply:
        body["Session"] = reply["Session"]
    return _call(endpoint, "RespondToAuthChallenge", body)


def _branches(folder: Path) -> list[tuple[str, str, str, str]]:
    return _BRANCH.findall((folder / "log").read_text())


def _show_result(endpoint: str, result: Mapping[str, Any]) -> None:
    """Show the claims; the server itself verifies the access token when it answers GetUser."""
    payload = result["IdToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    shown = {key: claims[key] for key in ("iss", "cognito:username", "sub", "token_use", "exp")}
    click.echo(f"  id token   {json.dumps(shown)}")
    user = _call(endpoint, "GetUser", {"AccessToken": result["AccessToken"]})
    click.secho(
        f"  signed in  GetUser accepts the access token of {user['Username']}\n", fg="green"
    )


def _keep_serving(endpoint: str, password: str) -> int:
    """Say how to try it, and wait for Ctrl-C."""
    parameters = f"USERNAME=alice,PASSWORD={password}"
    click.echo("Try it yourself (made for this run, gone with it); Ctrl-C stops:\n")
    click.echo(
        f"  aws cognito-idp initiate-auth --endpoint-url {endpoint} --region eu-west-1 "
        f"--no-sign-request --auth-flow USER_PASSWORD_AUTH --client-id {_CLIENT_ID} "
        f"--auth-parameters {parameters}\n"
    )
    call = (
        "import boto3; from botocore import UNSIGNED; from botocore.config import Config; "
        "print(boto3.client('cognito-idp', region_name='eu-west-1', "
        f"endpoint_url='{endpoint}', config=Config(signature_version=UNSIGNED))"
        f".initiate_auth(AuthFlow='USER_PASSWORD_AUTH', ClientId='{_CLIENT_ID}', "
        f"AuthParameters={{'USERNAME': 'alice', 'PASSWORD': '{password}'}}))"
    )
    click.echo(f'  python -c "{call}"')
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nstopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
