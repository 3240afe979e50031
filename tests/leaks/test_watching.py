"""The search for secrets finds what it is there to find."""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine.runtime.token import StepToken
from tests.leaks.plugin import WATCH
from tests.leaks.watching import Watch
from tests.planted import KEY, PASSWORD

ROOT = Path(__file__).parents[2]
TOKEN = StepToken(b"i" * 16, 3, bytes(range(150, 182)))
LEAKING = """
import logging, subprocess, sys
from dataclasses import dataclass
import pytest
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import NotAuthorizedError
from tests.planted import PASSWORD

def test_log():
    logging.getLogger("flowengine.server").debug("got %s", PASSWORD)

def test_error():
    with pytest.raises(NotAuthorizedError):
        raise NotAuthorizedError(f"no: {PASSWORD}")

def test_repr():
    InitiateAuthRequest("c", PASSWORD)

def test_output():
    print(PASSWORD)

def test_captured(capsys):
    print(PASSWORD)
    assert capsys.readouterr().out

def test_process():
    subprocess.run((sys.executable, "-c", f"print({PASSWORD!r})"), capture_output=True)

def test_traceback():
    InitiateAuthRequest("c", "f")
    raise ValueError(PASSWORD)

def test_file(tmp_path):
    (tmp_path / "log").write_text(PASSWORD)

def test_clean():
    InitiateAuthRequest(PASSWORD, "f", {"PASSWORD": PASSWORD})
"""


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.mark.parametrize(
    "text",
    [
        f"got {PASSWORD}",
        PASSWORD.upper(),
        repr(KEY),
        KEY.hex(),
        *(base64.b64encode(b"x" * n + PASSWORD.encode()).decode() for n in range(3)),
        base64.urlsafe_b64encode(KEY).decode(),
    ],
)
def test_a_planted_secret_is_found_however_it_is_written(watch: Watch, text: str) -> None:
    watch.search(text, "log of x")
    assert watch.take() == ["a planted secret in log of x"]


@pytest.mark.parametrize(
    "text",
    [
        "flowengine-refresh." + "a" * 64,
        "eyJhbGciOiJSUzI1NiJ9.e30.xyz",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_a_token_or_key_is_found_by_its_form(watch: Watch, text: str) -> None:
    watch.search(text, "log of x")
    assert watch.take() == ["a token or private key in log of x"]


@pytest.mark.parametrize("text", [TOKEN.session(), TOKEN.secret_block()])
def test_a_session_is_found_once_it_exists(watch: Watch, text: str) -> None:
    watch.search(text, "log of x")
    assert watch.take() == []
    watch.plant(TOKEN)
    watch.search(text, "log of x")
    assert watch.take() == ["a session in log of x"]


def test_what_holds_no_secret_is_searched_and_passes(watch: Watch) -> None:
    watch.plant(TOKEN)
    watch.search("operation=InitiateAuth status=200 error=- ms=0.9", "log of x")
    assert watch.take() == []
    assert watch.searched == {"log": 1}


def test_what_a_client_answered_is_found_as_a_whole_word(watch: Watch) -> None:
    watch.hear({"USERNAME": "somebody", "SOFTWARE_TOKEN_MFA_CODE": "314159", "ANSWER": "yes"})
    watch.search("somebody said yes at 3141592", "repr of X")
    assert watch.take() == []
    watch.search("code='314159'", "repr of X")
    assert watch.take() == ["an answer in repr of X"]
    watch.forget()
    watch.search("code='314159'", "repr of X")
    assert watch.take() == []


def test_objects_of_every_layer_are_looked_at() -> None:
    before = WATCH.of_class["StepToken"]
    StepToken(b"i" * 16, 3, b"s" * 32)
    assert WATCH.of_class["StepToken"] == before + 1


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that is gone before the end of the run, which searches what is left."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_the_plugin_fails_each_test_in_which_a_secret_comes_to_light(folder: Path) -> None:
    (folder / "test_leaking.py").write_text(LEAKING)
    words = (
        *("-q", "-p", "no:cacheprovider", "-p", "tests.leaks.plugin", "-c", "pyproject.toml"),
        *("--rootdir", str(ROOT), "--basetemp", str(folder / "base"), "--color=no"),
    )
    with (folder / "told").open("w") as told:
        done = subprocess.run(
            (sys.executable, "-m", "pytest", *words, str(folder / "test_leaking.py")),
            cwd=ROOT, stdout=told, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    lines = set((folder / "told").read_text().splitlines())
    assert done.returncode == 1
    places = [
        "log of flowengine.server",
        "error of NotAuthorizedError",
        "error of a failed test",
        "repr of InitiateAuthRequest",
        "output of Captured stdout call",
        "output of CaptureFixture",
        "output of Popen",
    ]
    for place in places:
        assert f"a planted secret in {place}" in lines
    assert "SECRET a planted secret in file log" in lines
    # The clean one passes, and the one whose file is found at the end.
    assert any(line.startswith("7 failed, 2 passed in") for line in lines)
