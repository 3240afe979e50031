"""Step-up by USER_AUTH, as boto3 asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests import planted
from tests.clients.deployed import ADMIN_ID, DATABASE, POOL, WEB
from tests.clients.served import PASSWORD, App, Served, serving
from tests.clients.words import Told
from tests.engine.levels import LEVELS
from tests.operations.refreshing import claims_of

_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    acr: {{weak: 'urn:cognito:loa:1', strong: 'urn:cognito:loa:4'}}
    clients:
      web:
        id: {WEB}
        auth_flows: {{USER_AUTH: levels, USER_PASSWORD_AUTH: levels}}
flows: [levels.flow.yaml]
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""
WEAK: Final = "urn:cognito:loa:1"
STRONG: Final = "urn:cognito:loa:4"
MISSING: Final = Told("InvalidParameterException", "Missing required parameter TARGET_ACR_VALUES")
REACHED: Final = Told(
    "InvalidParameterException",
    "The access token already has the requested authentication level",
)


def _write(folder: Path) -> None:
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    (folder / "levels.flow.yaml").write_text(LEVELS)


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("levels"), _write) as server:
        yield server


@pytest.fixture
def app(levels: Served) -> tuple[str, App]:
    return levels.new_user_with_app()


def token_of(reply: Any) -> str:
    return str(reply["AuthenticationResult"]["AccessToken"])


def step_up(levels: Served, username: str, token: str, **parameters: str) -> Any:
    return levels.initiate("USER_AUTH", USERNAME=username, ACCESS_TOKEN=token, **parameters)


def test_it_steps_a_signed_in_user_up(levels: Served, app: tuple[str, App]) -> None:
    username, codes = app
    token = token_of(levels.by_password(username))
    assert claims_of(token)["acr"] == WEAK
    asked = step_up(levels, username, token, TARGET_ACR_VALUES=f"{STRONG} {WEAK}", MAX_AGE="300")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    done = levels.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=codes.code(1))
    told = claims_of(token_of(done))
    assert (told["acr"], told["amr"]) == (STRONG, ["otp"])
    assert levels.call("get_user", AccessToken=token_of(done))["Username"] == username


def test_it_signs_in_at_a_level_at_once(levels: Served, app: tuple[str, App]) -> None:
    username, codes = app
    given = {"USERNAME": username, "PASSWORD": PASSWORD, "TARGET_ACR_VALUES": STRONG}
    asked = levels.initiate("USER_AUTH", **given)
    done = levels.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=codes.code(1))
    told = claims_of(token_of(done))
    assert (told["acr"], told["amr"]) == (STRONG, ["pwd", "otp", "mfa"])


def test_it_is_asked_for_everything_where_the_sign_in_is_too_old(
    levels: Served, app: tuple[str, App]
) -> None:
    username, codes = app
    token = token_of(levels.by_password(username))
    asked = step_up(levels, username, token, TARGET_ACR_VALUES=STRONG, MAX_AGE="0")
    assert asked["ChallengeName"] == "PASSWORD"
    asked = levels.respond(asked, username, PASSWORD=PASSWORD)
    done = levels.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=codes.code(1))
    assert claims_of(token_of(done))["amr"] == ["pwd", "otp", "mfa"]


def test_it_is_told_what_is_wrong(levels: Served, app: tuple[str, App]) -> None:
    username, _ = app
    token = token_of(levels.by_password(username))
    with levels.refuses(MISSING):
        step_up(levels, username, token)
    with levels.refuses(REACHED):
        step_up(levels, username, token, TARGET_ACR_VALUES=WEAK)
