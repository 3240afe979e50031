"""``make run``: the main job by itself, from an empty folder to verified tokens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

DEMO = (sys.executable, "-m", "flowengine.cli.demo")


@pytest.fixture(scope="module")
def told() -> str:
    done = subprocess.run(
        (*DEMO, "--once"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize(
    ("user", "challenges"),
    [
        ("alice", ["PASSWORD_VERIFIER"]),
        ("bob", ["PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA"]),
        ("carol", ["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"]),
    ],
)
def test_each_user_is_asked_what_the_flow_says_and_signs_in(
    told: str, user: str, challenges: list[str]
) -> None:
    part = told.split(f"{user} signs in by USER_SRP_AUTH\n")[1].split("\n\n", maxsplit=1)[0]
    assert re.findall(r"challenge +(\S+)", part) == challenges
    assert re.findall(
        rf'verified +\{{"(?:cognito:)?username": "{user}".*"token_use": "(\w+)"', part
    ) == [
        "id",
        "access",
    ]
    assert f"signed in  GetUser answers {user}" in part


def test_a_branch_is_told_with_its_reason(told: str) -> None:
    assert "second-factor (decide) -> totp  because user.has.totp" in told
    assert 'new-password  because user.status == "FORCE_CHANGE_PASSWORD"' in told


def test_what_was_answered_is_masked(told: str) -> None:
    assert set(re.findall(r"\w+=(\S+?)(?:,|$)", told, re.MULTILINE)) == {"***"}


@pytest.fixture
def kept() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    with process:
        yield process
        process.kill()


def test_it_keeps_serving_and_ctrl_c_stops_it_cleanly(kept: subprocess.Popen[str]) -> None:
    assert kept.stdout is not None
    assert kept.stderr is not None
    lines: list[str] = []
    while not lines or "python -c" not in lines[-1]:
        lines.append(kept.stdout.readline())
        assert lines[-1] != "", "".join(lines)
    boto = re.search(r'python -c "(.*)"$', lines[-1].rstrip())
    assert boto is not None
    tried = subprocess.run(
        (sys.executable, "-c", boto[1]), capture_output=True, text=True, check=True
    )
    assert "AccessToken" in tried.stdout
    os.killpg(kept.pid, signal.SIGINT)  # as a terminal does: to everyone in the foreground
    assert kept.stdout.read().endswith("stopped\n")
    assert kept.stderr.read() == ""
    assert kept.wait(20) == 0
