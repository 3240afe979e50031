"""SECRET_HASH, where it is demanded and where it is not (COGNITO.md, A.2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.operations.world import CONFIDENTIAL
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.stage import LEGACY, RIGHT, TOTP, Act, Stage, good


def at_start(sent: str | None) -> Callable[[Stage], Scene]:
    def scene(stage: Stage) -> Scene:
        stage.add()
        named = {} if sent is None else {"SECRET_HASH": sent}
        return Scene(
            lambda: stage.password(RIGHT, CONFIDENTIAL.id, **named),
            lambda: stage.password(RIGHT, CONFIDENTIAL.id, SECRET_HASH=stage.hash()),
        )

    return scene


def in_answer(sent: str | None) -> Callable[[Stage], Scene]:
    def scene(stage: Stage) -> Scene:
        stage.add(**TOTP)
        asked = good(stage.password(RIGHT, CONFIDENTIAL.id, SECRET_HASH=stage.hash()))
        code = {"SOFTWARE_TOKEN_MFA_CODE": stage.code()}
        return Scene(
            lambda: stage.respond(asked, CONFIDENTIAL.id, SECRET_HASH=sent, **code),
            lambda: stage.respond(asked, CONFIDENTIAL.id, SECRET_HASH=stage.hash(), **code),
        )

    return scene


def at_refresh(stage: Stage) -> Act:
    stage.add()
    signed_in = good(stage.password(RIGHT, CONFIDENTIAL.id, SECRET_HASH=stage.hash()))
    token = signed_in["AuthenticationResult"]["RefreshToken"]
    sent = {"REFRESH_TOKEN": token, "SECRET_HASH": stage.hash("ada@example.com")}
    return lambda: stage.initiate("REFRESH_TOKEN_AUTH", CONFIDENTIAL.id, **sent)


def unasked(stage: Stage) -> Act:
    stage.add()
    return lambda: stage.password(RIGHT, LEGACY, SECRET_HASH=stage.hash())


CASES: Final = {
    "SECRET_HASH is absent": Case(at_start(None)),
    "SECRET_HASH is absent in an answer": Case(in_answer(None)),
    "SECRET_HASH is wrong": Case(at_start("AAAA")),
    "SECRET_HASH is wrong in an answer": Case(in_answer("AAAA")),
    "SECRET_HASH is wrong at a refresh": Case(at_refresh),
    "SECRET_HASH to a client without a secret": Case(unasked),
}


@pytest.mark.parametrize("name", CASES)
def test_a_secret_hash_is_checked(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
