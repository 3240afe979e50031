"""Each example is started and signed in to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock

EXAMPLES = Path(__file__).parents[2] / "examples"
PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def run_script(answers: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, EXAMPLES / "embed_script.py"),
        input=answers, text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_the_script_signs_in_by_two_steps() -> None:
    assert "signed in: alice by quiz and code" in run_script("blue\n424242\n").stdout


def test_the_script_does_not_sign_in_by_wrong_answers() -> None:
    done = run_script("red\nred\nred\n")
    assert done.returncode != 0
    assert "signed in" not in done.stdout


@pytest.fixture
def page(tmp_path: Path) -> Iterator[httpx.Client]:
    environment = {**os.environ, "EMBED_DATA": str(tmp_path)}
    process = subprocess.Popen(
        (sys.executable, "-m", "uvicorn", "app:app", "--port", "0"),
        cwd=EXAMPLES / "embed_fastapi", env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"http://[0-9.:]+", line)
        if found:
            break
    else:
        pytest.fail("the example did not start")
    with httpx.Client(base_url=found[0], follow_redirects=True) as client:
        yield client
    process.terminate()
    process.wait(10)
    process.stderr.close()


def test_the_page_lets_in_by_a_password(page: httpx.Client) -> None:
    assert "Password" in page.get("/").text
    form = {"login": "alice", "password": PASSWORD}
    assert "Hello, Alice" in page.post("/password", data=form).text


def test_the_page_asks_for_the_code_and_refuses_what_is_wrong(page: httpx.Client) -> None:
    wrong = page.post("/password", data={"login": "bob", "password": "wrong"})
    assert wrong.status_code == httpx.codes.UNAUTHORIZED
    assert "Incorrect username or password." in wrong.text
    asked = page.post("/password", data={"login": "bob", "password": PASSWORD}).text
    session = re.search(r'name="session" value="([^"]+)"', asked)
    assert session is not None
    form = {"login": "bob", "session": session[1], "code": "000000"}
    assert "Invalid code received for user" in page.post("/code", data=form).text
    right = totp.code(totp.from_text(SECRET), totp.counter_at(SystemClock().now()))
    assert "Hello, Bob" in page.post("/code", data={**form, "code": right}).text
    assert "Hello, Bob" in page.get("/").text
