"""Inputs of flows that a client gives: by a function of the backend, or as literals."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.engine.replies import SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RequestOrigin
from flowengine.errors import (
    InvalidLambdaResponseError,
    InvalidParameterError,
    NotAuthorizedError,
    UnavailableError,
    UserLambdaValidationError,
)
from flowengine.testing.fakes import FixedClock
from tests import planted
from tests.assembly.deployed import (
    CLIENT,
    NOW,
    SQLITE,
    add_user,
    opened,
    set_up,
    sign_in,
    sign_up,
    with_code,
    with_password,
)

RISKY: Final = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  risk: {type: {score: int}}
  note: {type: string, default: usual}
require: [proved.password]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: choice}
  choice:
    choose:
      - when: risk.score < 20 && note == "usual"
        goto: done
      - else: totp
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next:
      - when: risk.score < 90
        goto: done
      - else: refused
  done: {end: success}
"""
ORIGIN: Final = RequestOrigin("192.0.2.7", "a browser")
_NUMBERS: Final = count()
ANSWERS: Final = """
asked = []

def risk(request, user):
    asked.append((request, user))
    return {}
"""


def _module(folder: Path, text: str) -> str:
    name = f"inputs_of_a_deployment_{next(_NUMBERS)}"
    (folder / f"{name}.py").write_text(text)
    return name


def _keys(risk: str, more: str = "") -> str:
    return f"auth_flows: {{USER_PASSWORD_AUTH: sign-in}}, inputs: {{risk: {risk}{more}}}"


def _by_function(folder: Path, score: str) -> tuple[str, Any]:
    """Give the keys of a client whose risk a new module gives, and the module's name."""
    name = _module(folder, ANSWERS.replace("return {}", f"return {score}"))
    return _keys(f"'{name}:risk'"), name


@pytest.mark.parametrize(("score", "ends"), [(0, True), (19, True), (20, False)])
def test_a_function_of_the_backend_decides(tmp_path: Path, score: int, *, ends: bool) -> None:
    keys, _ = _by_function(tmp_path, f"{{'score': {score}}}")
    with opened(set_up(tmp_path, flow=RISKY, keys=keys)) as engine:
        sign_up(engine)
        assert isinstance(engine.initiate(with_password()), SuccessReply) is ends


def test_it_is_told_the_request_and_the_user_as_expressions_know_them(tmp_path: Path) -> None:
    keys, name = _by_function(tmp_path, "{'score': 0}")
    with opened(set_up(tmp_path, flow=RISKY, keys=keys)) as engine:
        sign_up(engine, attributes={"email": "ada@example.com"})
        engine.initiate(with_password(), ORIGIN)
    ((request, user),) = __import__(name).asked
    assert request == {
        "ip": "192.0.2.7",
        "user_agent": "a browser",
        "time": int(NOW.timestamp()) * 10**9,
        "metadata": {},
        "context": {"ip": "", "data": ""},
    }
    assert (user["username"], user["exists"], user["has"]["totp"]) == ("ada", True, True)
    assert user["attributes"]["email"] == "ada@example.com"


def test_it_is_told_that_a_user_does_not_exist_and_cannot_help_it(tmp_path: Path) -> None:
    keys, name = _by_function(tmp_path, "{'score': 0}")
    with opened(set_up(tmp_path, flow=RISKY, keys=keys)) as engine:
        unknown = {"USERNAME": "nobody", "PASSWORD": planted.PASSWORD}
        with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
            engine.initiate(InitiateAuthRequest(CLIENT, "USER_PASSWORD_AUTH", unknown))
    ((_, user),) = __import__(name).asked
    assert (user["username"], user["exists"]) == ("nobody", False)


def test_it_is_asked_once_and_its_answer_lasts_for_the_sign_in(tmp_path: Path) -> None:
    growing = "asked = []\n\ndef risk(request, user):\n    asked.append(0)\n"
    name = _module(tmp_path, f"{growing}    return {{'score': 40 * len(asked)}}\n")
    deployment = set_up(tmp_path, SQLITE, SQLITE, flow=RISKY, keys=_keys(f"'{name}:risk'"))
    with opened(deployment) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
    with opened(deployment) as engine:
        assert isinstance(engine.respond(with_code(reply)), SuccessReply)
    assert len(__import__(name).asked) == 1


def test_a_literal_is_the_same_for_everybody(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, flow=RISKY, keys=_keys("{value: {score: 5}}"))
    with opened(deployment) as engine:
        sign_up(engine)
        assert isinstance(engine.initiate(with_password()), SuccessReply)
    strange = _keys("{value: {score: 5}}", ", note: {value: strange}")
    with opened(set_up(tmp_path, flow=RISKY, keys=strange)) as engine:
        sign_up(engine)
        sign_in(engine)


def test_what_an_embedding_backend_gives_goes_before_the_clients(tmp_path: Path) -> None:
    keys, name = _by_function(tmp_path, "{'score': 50}")
    with opened(set_up(tmp_path, flow=RISKY, keys=keys)) as engine:
        sign_up(engine)
        given = {"risk": {"score": 0}}
        assert isinstance(engine.initiate(with_password(), inputs=given), SuccessReply)
        with pytest.raises(InvalidParameterError):
            engine.initiate(with_password(), inputs={"risk": {"score": "0"}})
    assert __import__(name).asked == []


@pytest.mark.parametrize(
    "returned",
    ["None", "{}", "0", "{'score': '0'}", "{'score': 0.0}", "{'score': True}",
     "{'score': 0, 'more': 1}", "[('score', 0)]", "{'score': 2 ** 63}"],
)  # fmt: skip
def test_a_function_that_returns_another_type_refuses_the_sign_in(
    tmp_path: Path, returned: str
) -> None:
    keys, _ = _by_function(tmp_path, returned)
    with opened(set_up(tmp_path, flow=RISKY, keys=keys)) as engine:
        sign_up(engine)
        with pytest.raises(InvalidLambdaResponseError):
            engine.initiate(with_password())


RAISING: Final = """
from flowengine.errors import UserLambdaValidationError

def risk(request, user):
    raise {error}
"""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (f"ValueError({planted.CODE!r})", "risk failed with error ValueError."),
        ("SystemExit(1)", "risk failed with error SystemExit."),
        ("UserLambdaValidationError('Not from here.')", "Not from here."),
    ],
)
def test_a_function_that_fails_refuses_the_sign_in_and_says_no_more_than_its_name(
    tmp_path: Path, error: str, told: str
) -> None:
    name = _module(tmp_path, RAISING.replace("{error}", error))
    with opened(set_up(tmp_path, flow=RISKY, keys=_keys(f"'{name}:risk'"))) as engine:
        sign_up(engine)
        with pytest.raises(UserLambdaValidationError) as refused:
            engine.initiate(with_password())
    assert refused.value.message == told


def test_on_an_event_loop_it_may_be_a_coroutine(tmp_path: Path) -> None:
    text = "async def risk(request, user):\n    return {'score': 0}\n"
    keys = _keys(f"'{_module(tmp_path, text)}:risk'")
    deployment = set_up(tmp_path, flow=RISKY, keys=keys)

    async def once() -> bool:
        assembled = assemble(deployment, clock=FixedClock(NOW))
        try:
            await add_user(assembled.engine.parts)
            return isinstance(await assembled.engine.initiate(with_password()), SuccessReply)
        finally:
            await assembled.close()

    assert asyncio.run(once())


@pytest.mark.parametrize(
    ("function", "message"),
    [("no_such_module_anywhere:risk", "ModuleNotFoundError"), ("json:risk", "no function risk"),
     ("json:__name__", "is not a function")],
)  # fmt: skip
def test_a_function_that_is_not_there_is_refused_before_anything_is_opened(
    tmp_path: Path, function: str, message: str
) -> None:
    deployment = set_up(tmp_path, SQLITE, SQLITE, flow=RISKY, keys=_keys(f"'{function}'"))
    with pytest.raises(UnavailableError, match=message):
        assemble_blocking(deployment)
    assert not (tmp_path / "users.db").exists()


@pytest.mark.parametrize("taken", ["user", "request, user, more", "request, users", ""])
def test_a_function_of_other_arguments_is_refused(tmp_path: Path, taken: str) -> None:
    name = _module(tmp_path, f"def risk({taken}): return 0")
    deployment = set_up(tmp_path, flow=RISKY, keys=_keys(f"'{name}:risk'"))
    with pytest.raises(UnavailableError, match="the keyword arguments request and user"):
        assemble_blocking(deployment)
