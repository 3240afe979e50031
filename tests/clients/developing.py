"""A server to develop against in a process of its own, and a tool that makes what it needs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.cli.commanding import COMMAND, surroundings

OUTBOX = "flowengine-dev-outbox.jsonl"
EXPORT = re.compile(r"  export (\w+)=(\S+)\n")
WEAK = {"PasswordPolicy": {"MinimumLength": 8}}
FLOWS = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


@dataclass(frozen=True)
class Served:
    """A server to develop against.

    Attributes:
        settings: What its banner says to export.
    """

    folder: Path
    banner: str
    settings: dict[str, str]

    @property
    def url(self) -> str:
        return self.settings["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]

    def client(self) -> Any:
        """Give boto3's client, as a tool makes one out of its environment."""
        return boto3.client(
            "cognito-idp",
            region_name="eu-west-1",
            endpoint_url=self.url,
            aws_access_key_id=self.settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.settings["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )


@contextmanager
def developing(folder: Path, *words: str) -> Iterator[Served]:
    """Serve a folder; what is logged is in ``serve.log``, and is free of the key."""
    log = folder / "serve.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            (*COMMAND, "serve", "--dev", "--listen", "127.0.0.1:0", *words),
            cwd=folder, env=surroundings(), stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as process,
    ):  # fmt: skip
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or "Ctrl-C" not in lines[-1]:
                lines.append(process.stdout.readline())
                assert lines[-1], log.read_text()
            banner = "".join(lines)
            yield Served(folder, banner, dict(EXPORT.findall(banner)))
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    told = log.read_text()
    assert "Traceback" not in told
    for secret in dict(EXPORT.findall(banner)).values():
        assert secret.startswith("http") or secret not in told


def made(cognito: Any, **members: Any) -> tuple[str, str]:
    """Make a pool and a client of it; their ids."""
    pool = cognito.create_user_pool(
        PoolName="made", Policies=WEAK, AutoVerifiedAttributes=["email"], **members
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=FLOWS
    )["UserPoolClient"]["ClientId"]
    return pool, client


def letters_to(served: Served, address: str) -> list[dict[str, Any]]:
    """Wait until something was sent to an address; all that was, in order."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        file = served.folder / OUTBOX
        lines = file.read_text().splitlines() if file.exists() else []
        letters = [letter for letter in map(json.loads, lines) if letter["to"] == address]
        if letters:
            return letters
        time.sleep(0.05)
    raise AssertionError("no code was sent")


def code_to(served: Served, address: str) -> str:
    """Wait for the code that was sent to an address first."""
    return str(letters_to(served, address)[0]["code"])
