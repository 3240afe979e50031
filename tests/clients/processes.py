"""Client libraries in processes of their own, driven by lines of JSON."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, Protocol

from tests import planted
from tests.clients.deployed import ADMIN_ID

_CHECKOUT: Final = Path(__file__).parents[2]
NODE: Final = Path(__file__).parent / "node"
_STOPS_WITHIN_S: Final = 10
_SECRETS: Final = frozenset(
    {"Session", "AccessToken", "IdToken", "RefreshToken", "SECRET_BLOCK", "SecretCode"}
)


class RefusedError(Exception):
    """What a client library raised, in its own process."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(f"{told['class']}: {told['message']}")
        self.told = told


class Client(Protocol):
    """What does the commands of ``client.py``; see ``ClientProcess``."""

    @property
    def seen(self) -> set[str]:
        """The sessions, tokens and secrets that libraries were given."""

    def ask(self, do: str, **command: Any) -> Any:
        """Have a command done; its result."""


class ClientProcess:
    """A process that has client libraries and nothing of ours.

    Attributes:
        seen: The sessions, tokens and secrets that libraries were given; others may share it.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        url: str,
        log: Path,
        seen: set[str] | None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                (*command, url),
                cwd=_CHECKOUT,
                env={**environment, **_aws_settings(url), **settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.seen: set[str] = set() if seen is None else seen

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


def python_client(url: str, folder: Path, settings: Mapping[str, str]) -> ClientProcess:
    """Run ``client.py``: boto3, pycognito and others, with settings of their environment."""
    command = (sys.executable, "-m", "tests.clients.client")
    whole = {**settings, **_american(folder)}
    return ClientProcess(command, url, folder / "client.log", None, whole)


def node_client(url: str, folder: Path, seen: set[str] | None = None) -> ClientProcess:
    """Run ``client.mjs``: the JavaScript libraries.

    Raises:
        RuntimeError: They are not installed, or there is no Node.js.
    """
    command = (node_program(), str(NODE / "client.mjs"))
    return ClientProcess(command, url, folder / "node.log", seen)


def node_program() -> str:
    """Find Node.js, where the libraries for it are.

    Raises:
        RuntimeError: One or the other is not installed.
    """
    beside_python = Path(sys.executable).parent
    node = shutil.which("node", path=f"{beside_python}{os.pathsep}{os.environ.get('PATH', '')}")
    if node is None or not (NODE / "node_modules").is_dir():
        raise RuntimeError("the JavaScript clients are not installed: run `make .venv/.node`")
    return node


def browser_programs() -> tuple[str, str]:
    """Find Chromium, and the driver that comes with it.

    Raises:
        LookupError: One or the other is not installed.
    """
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise LookupError("there is no chromium with its chromedriver on this machine")
    return chromium, chromedriver


def browser_client(
    programs: tuple[str, str], url: str, folder: Path, seen: set[str]
) -> ClientProcess:
    """Run ``browser.py``: a headless Chromium."""
    command = (sys.executable, "-m", "tests.clients.browser", *programs)
    direct = {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    return ClientProcess(command, url, folder / "browser.log", seen, direct)


def _american(folder: Path) -> dict[str, str]:
    """Give the settings with which a process has the locale en_US.UTF-8, which warrant-lite sets.

    Few containers have it. glibc's localedef makes it, and LOCPATH is where to look for it.
    """
    listing = (shutil.which("locale") or "locale", "-a")
    known = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    if "en_US.utf8" in known.split():
        return {}
    made = folder / "locales" / "en_US.UTF-8"
    made.parent.mkdir()
    localedef = shutil.which("localedef") or "localedef"
    command = (localedef, "-i", "en_US", "-f", "UTF-8", str(made))
    subprocess.run(command, check=True, capture_output=True)
    return {"LOCPATH": str(made.parent)}


def _aws_settings(url: str) -> dict[str, str]:
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
            if name in _SECRETS and isinstance(value, str):
                yield value
            yield from _secrets_in(value)
