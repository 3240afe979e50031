"""The main job, played by itself: ``make run``.

A server of its own in a process of its own, on loopback, with keys and passwords made on the
spot; then a sign-in over HTTP as a real client would, with what was decided on the way.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from flowengine import resources
from flowengine.cli.demo_client import CLIENT_ID, DemoClient, Person
from flowengine.cli.staging import draw_password

_COMMAND = (sys.executable, "-m", "flowengine")


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
        _command(folder, "users", "add", "carol", "--temporary", given=password)
        secret = re.search(r"secret: *(\S+)", _command(folder, "users", "totp", "bob"))
        people = (
            Person("alice", password),
            Person("bob", password, totp_secret=secret[1] if secret else None),
            Person("carol", password, next_password=draw_password()),
        )
        with _server(folder) as endpoint:
            click.echo(f"serving {endpoint} from SQLite, flow sign-in.flow.yaml\n")
            client = DemoClient(endpoint, folder / "log")
            for person in people:
                client.sign_in(person)
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


def _keep_serving(endpoint: str, password: str) -> int:
    """Say how to try it, and wait for Ctrl-C."""
    parameters = f"USERNAME=alice,PASSWORD={password}"
    click.echo("Try it yourself (made for this run, gone with it); Ctrl-C stops:\n")
    click.echo(
        f"  aws cognito-idp initiate-auth --endpoint-url {endpoint} --region eu-west-1 "
        f"--no-sign-request --auth-flow USER_PASSWORD_AUTH --client-id {CLIENT_ID} "
        f"--auth-parameters {parameters}\n"
    )
    call = (
        "import boto3; from botocore import UNSIGNED; from botocore.config import Config; "
        "print(boto3.client('cognito-idp', region_name='eu-west-1', "
        f"endpoint_url='{endpoint}', config=Config(signature_version=UNSIGNED))"
        f".initiate_auth(AuthFlow='USER_PASSWORD_AUTH', ClientId='{CLIENT_ID}', "
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
