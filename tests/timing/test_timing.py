"""The measurement of how long answers take; what it finds is asserted by ``make soak`` alone."""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests import planted
from tests.authenticator import ES256, RS256
from tests.timing.pairs import (
    NAMELESS,
    TRIALS,
    Caller,
    Difference,
    alike,
    measure,
    register,
)

_SOAK = "FLOWENGINE_SOAK" in os.environ
_PAIRS = 2000 if _SOAK else 10
_MOST = 0.01
"""Of the median: the difference that an attacker would have to see through."""

_FLOWS = Path(__file__).parents[2] / "flows"
_SHIPPED = ("password", "post-password", "second-factor", "device", "choice", "passkey-first")
_USERS = [f"user-{number}" for number in range(16 if _SOAK else 4)]
_NOBODY = [f"none-{number}" for number in range(400 if _SOAK else 40)]
"""Names that nobody has, of which some look as the users do."""
_POOL_ID = "eu-west-1_Example01"
_ADMIN_ID = "AKIDTIMING"
_CUSTOM = """
flow: quiz
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {quiz: knowledge}
require: [proved.quiz]
start: quiz
nodes:
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next: done
  done:
    end: success
"""
_DEPLOYMENT = f"""
pools:
  main:
    id: {_POOL_ID}
    issuer: endpoint
    lockout: none
    passkeys: {{relying_party: example.com, origins: ['https://app.example.com']}}
    clients:
      web:
        id: {planted.CLIENT_ID}
        auth_flows:
          USER_SRP_AUTH: password
          USER_PASSWORD_AUTH: password
          ADMIN_USER_PASSWORD_AUTH: password
          CUSTOM_AUTH: quiz
          USER_AUTH: choice
      nameless:
        id: {NAMELESS}
        auth_flows: {{USER_SRP_AUTH: password, USER_AUTH: passkey-first}}
flows: [.]
functions: quiz
delivery: {{email: 'outbox:outbox.jsonl', sms: 'outbox:outbox.jsonl'}}
sessions: sqlite:///sessions.db
directory: sqlite:///users.db
admin: {{keys: [{{id: {_ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""
_FUNCTIONS = f"""
def ask():
    return {{"public": {{}}, "private": {{"answer": "{planted.CODE}"}}}}
"""


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = tmp_path_factory.mktemp("timing")
    for name in _SHIPPED:
        shutil.copy(_FLOWS / f"{name}.flow.yaml", folder)
    (folder / "quiz.flow.yaml").write_text(_CUSTOM)
    (folder / "quiz.py").write_text(_FUNCTIONS)
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    for name in _USERS:
        has = (f"email={name}@example.com", "email_verified=true", "phone_number=+15550100123")
        options = [word for each in has for word in ("--attribute", each)]
        _run(folder, "users", "add", name, *options, given=planted.PASSWORD)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "flowengine", "serve"),
            cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None, (folder / "log").read_text()
    made = Caller(
        found[0], planted.CLIENT_ID, _POOL_ID, Credentials(_ADMIN_ID, planted.ADMIN_SECRET)
    )
    for number, name in enumerate(_USERS):
        register(made, name, planted.PASSWORD, ES256 if number % 8 else RS256)
    gc.collect()
    gc.disable()  # of ours: what it collects is no part of an answer
    yield made
    gc.enable()
    made.close()
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.fixture(scope="module")
def nobody(caller: Caller) -> Sequence[str]:
    """Give names that look as the users do."""
    return alike(caller, _USERS[0], _NOBODY)


def _run(folder: Path, *words: str, given: str) -> None:
    command = (sys.executable, "-m", "flowengine", *words)
    done = subprocess.run(
        command, cwd=folder, input=given, text=True, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", TRIALS)
def test_a_known_user_takes_as_long_as_an_unknown_one(
    caller: Caller,
    nobody: Sequence[str],
    what: str,
    record_property: Callable[[str, object], None],
) -> None:
    found: Difference = measure(caller, what, _USERS, nobody, _PAIRS)
    record_property("difference", str(found))
    sys.stdout.write(f"{found}\n")
    assert found.low_us <= found.high_us
    if _SOAK:
        assert found.share < _MOST, str(found)
