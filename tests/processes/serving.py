"""A real ``flowengine serve`` that can be killed and started again on the same folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx

from tests.server.wire import AMZ_JSON, PREFIX

CLIENT: Final = "webclient1234"
POOL: Final = "eu-west-1_Example01"
KEYS: Final = {"FLOWENGINE_KEYS": "only:" + "A" * 43 + "="}
FLOW: Final = """
flow: sign-in
version: 1
auth_flows: [USER_SRP_AUTH]
require: [proved.password, proved.totp]
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next:
      - when: user.status == "FORCE_CHANGE_PASSWORD"
        goto: new-password
      - else: totp
  new-password:
    challenge: NEW_PASSWORD_REQUIRED
    responses: [NEW_PASSWORD]
    needs: proved.password
    next: totp
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done:
    end: success
"""
_DEPLOYMENT: Final = """
pools:
  main:
    id: {pool}
    issuer: endpoint
    clients:
      web: {{id: {client}, auth_flows: {{USER_SRP_AUTH: sign-in}}}}
flows: [sign-in.flow.yaml]
sessions: '{sessions}'
directory: '{directory}'
keys: ${{FLOWENGINE_KEYS}}
listen: 127.0.0.1:0
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a deployment.

    Attributes:
        directory: The URL of its users, from anywhere.
    """

    folder: Path
    directory: str

    @property
    def deployment(self) -> Path:
        return self.folder / "flowengine.yaml"

    def log(self) -> str:
        """Give what all servers of this folder have logged."""
        return (self.folder / "serve.log").read_text()


def set_up(folder: Path, directory: str, sessions: str | None = None) -> Place:
    """Write a deployment; sign-ins are kept beside the users unless ``sessions`` says where."""
    (folder / "sign-in.flow.yaml").write_text(FLOW)
    place = Place(folder, directory)
    written = _DEPLOYMENT.format(
        pool=POOL, client=CLIENT, directory=directory, sessions=sessions or directory
    )
    place.deployment.write_text(written)
    return place


class Server:
    """A server in a process of its own; within ``with``, it can be killed and started again."""

    def __init__(self, place: Place, client: httpx.Client) -> None:
        self._place = place
        self._client = client
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def post(self, operation: str, members: Mapping[str, Any]) -> httpx.Response:
        """Call an operation.

        Raises:
            httpx.TransportError: The server was killed before it had answered.
        """
        headers = {"content-type": AMZ_JSON, "x-amz-target": PREFIX + operation}
        return self._client.post(self._url, content=json.dumps(members), headers=headers)

    def kill(self) -> None:
        """End it by SIGKILL, which no process can prepare for."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def start_again(self) -> None:
        """Start it on the same folder, after it was killed."""
        assert self._process.returncode == -signal.SIGKILL, "it had ended before it was killed"
        self._start()

    def _start(self) -> None:
        with (self._place.folder / "serve.log").open("a") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "flowengine", "serve"),
                cwd=self._place.folder,
                env={**os.environ, **KEYS},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        found = re.search(r"http://\S+", self._process.stdout.readline())
        if found is None:
            self.kill()
            raise RuntimeError(self._place.log())
        self._url = found[0]
