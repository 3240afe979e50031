"""What a step-up is refused for (COGNITO.md, B.1): levels, the age of a sign-in, whose token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine.levels import LEVELS
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.stage import AUTH_FLOWS, RIGHT, TOTP, Act, Stage, good

FLOWS: Final = {
    **AUTH_FLOWS,
    "USER_AUTH": "levels",
    "USER_PASSWORD_AUTH": "levels",
}
STAGE: Final = {"flow": LEVELS, "client": {"auth_flows": FLOWS}}


def step_up(stage: Stage, token: str, **parameters: str | None) -> Any:
    return stage.initiate("USER_AUTH", ACCESS_TOKEN=token, **parameters)


def beside_a_token(username: str = "ada", **parameters: str) -> Callable[[Stage], Scene]:
    """Refuse a step-up, after which the same token is good for one that is asked for rightly."""

    def scene(stage: Stage) -> Scene:
        stage.add(**TOTP)
        if username != "ada":
            stage.add(username, attributes={})
        token = stage.tokens()["AccessToken"]

        def then() -> Any:
            asked = good(step_up(stage, token, TARGET_ACR_VALUES="strong"))
            return stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())

        return Scene(lambda: step_up(stage, token, USERNAME=username, **parameters), then)

    return scene


def without_a_token(stage: Stage) -> Act:
    stage.add()
    asked = {"PASSWORD": RIGHT, "TARGET_ACR_VALUES": "urn:cognito:loa:4"}
    return lambda: stage.initiate("USER_AUTH", **asked)


def not_reached(stage: Stage) -> Scene:
    """Ask for the higher level, and be led to the lower one. The grant that is new is revoked."""
    stage.add(**TOTP)
    token = stage.tokens()["AccessToken"]
    stage.wait(seconds=2)
    wanted = {"TARGET_ACR_VALUES": "strong", "MAX_AGE": "1"}
    asked = good(step_up(stage, token, **wanted))
    return Scene(lambda: stage.respond(asked, PASSWORD=RIGHT), stage.password)


LED_ASTRAY: Final = LEVELS.replace("when: auth_flow.target.strong", "when: proved.totp")
CASES: Final = {
    "no level is asked for beside a token": Case(beside_a_token(), stage=STAGE),
    "no level is known beside a token": Case(
        beside_a_token(TARGET_ACR_VALUES="urn:cognito:loa:4 urn:cognito:loa:3"), stage=STAGE
    ),
    "no level is known": Case(without_a_token, stage=STAGE),
    "MAX_AGE is no number of seconds": Case(
        beside_a_token(TARGET_ACR_VALUES="strong", MAX_AGE="-1"), stage=STAGE
    ),
    "the token has the level": Case(beside_a_token(TARGET_ACR_VALUES="weak strong"), stage=STAGE),
    "the token is another user's": Case(
        beside_a_token("grace", TARGET_ACR_VALUES="strong"), stage=STAGE
    ),
    "the level is not reached": Case(
        not_reached,
        ("grants: new", "sessions: success"),
        stage={**STAGE, "flow": LED_ASTRAY},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_step_up_is_held_to_what_is_asked_for(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
