"""How many wrong answers there may be (COGNITO.md, E.4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.engine.locking import lock_key
from tests.operations.world import run
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.stage import RIGHT, TOTP, WRONG, Act, Stage, good


def passwords(then: str) -> Callable[[Stage], Scene]:
    """Send five wrong passwords and one more; a second later the right one is good."""

    def scene(stage: Stage) -> Scene:
        stage.add()
        for _ in range(5):
            assert stage.password(WRONG).json()["message"] == "Incorrect username or password."

        def later() -> object:
            stage.wait(seconds=1)
            return stage.password()

        return Scene(lambda: stage.password(then), later)  # type: ignore[arg-type]

    return scene


def choosing(stage: Stage) -> Scene:
    """Choose the password at a menu and send it at once: the menu's Session stays good."""
    stage.add()
    asked = stage.asked("USER_AUTH")
    for _ in range(5):
        stage.password(WRONG)
    answer = {"ANSWER": "PASSWORD", "PASSWORD": RIGHT}

    def later() -> object:
        stage.wait(seconds=1)
        return stage.respond(asked, **answer)

    return Scene(lambda: stage.respond(asked, **answer), later)  # type: ignore[arg-type]


def preferring(stage: Stage) -> Act:
    stage.add()
    for _ in range(5):
        stage.password(WRONG)
    chosen = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": RIGHT}
    return lambda: stage.initiate("USER_AUTH", **chosen)


def by_srp(stage: Stage) -> Scene:
    stage.add()
    asked = stage.srp()
    for _ in range(5):
        stage.password(WRONG)
    claim = stage.claim(asked)

    def later() -> object:
        stage.wait(seconds=1)
        return stage.respond(asked, **stage.claim(asked))

    return Scene(lambda: stage.respond(asked, **claim), later)  # type: ignore[arg-type]


def every_way(stage: Stage) -> Scene:
    """Be wrong five times, each time by another way to the same user's password."""
    stage.add()
    good(stage.by_admin("AdminGetUser", Username="ada"))  # at whose time the clock then is
    asked = stage.srp()
    by_admin = {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "ClientId": stage.client.id}
    parameters = {"USERNAME": "ada", "PASSWORD": WRONG}
    for wrong in (
        stage.by_admin("AdminInitiateAuth", **by_admin, AuthParameters=parameters),
        stage.password(WRONG),
        stage.password(WRONG, USERNAME="ada@example.com"),
        stage.respond(asked, **stage.claim(asked, WRONG)),
        stage.initiate("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=WRONG),
    ):
        assert wrong.json()["message"] == "Incorrect username or password."

    def later() -> object:
        stage.wait(seconds=1)
        return stage.password()

    return Scene(stage.password, later)  # type: ignore[arg-type]


def lock_over(stage: Stage) -> Scene:
    stage.add()
    for _ in range(5):
        stage.password(WRONG)
    stage.wait(seconds=1)

    def twice_as_long() -> object:
        stage.wait(seconds=1)
        assert stage.password().json()["message"] == "Password attempts exceeded"
        stage.wait(seconds=1)
        return stage.password()

    return Scene(lambda: stage.password(WRONG), twice_as_long)  # type: ignore[arg-type]


def apps(stage: Stage) -> Act:
    stage.add(**TOTP)
    for _ in range(5):
        stage.respond(stage.second(), SOFTWARE_TOKEN_MFA_CODE=stage.wrong_code())
    asked = stage.second()
    return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def mails(stage: Stage) -> Act:
    stage.add()
    asked = stage.first("EMAIL_OTP")
    for _ in range(4):
        stage.respond(asked, EMAIL_OTP_CODE="0")
    asked = stage.first("EMAIL_OTP")
    stage.respond(asked, EMAIL_OTP_CODE="0")
    return lambda: stage.respond(asked, EMAIL_OTP_CODE=stage.sent())


def at_once(stage: Stage) -> Act:
    account = stage.add()
    counters, policy = stage.world.parts.counters, stage.pool.lockout
    assert isinstance(policy, LockoutPolicy)
    key = lock_key(stage.pool, account.sub, "password")
    for _ in range(policy.threshold):
        run(counters.try_now(key, policy, stage.clock.now()))
    return stage.password


CASES: Final = {
    "five passwords were wrong": Case(passwords(WRONG)),
    "five passwords were wrong, the right one comes": Case(passwords(RIGHT)),
    "five passwords were wrong, one comes with a choice": Case(choosing),
    "five passwords were wrong, one is preferred": Case(preferring),
    "five passwords were wrong, SRP goes on": Case(by_srp),
    "five passwords were wrong, each by another way": Case(every_way),
    "the lock is over": Case(lock_over, ("counters: failures+1", "sessions: new, refused")),
    "five codes of an app were wrong": Case(apps),
    "five codes by e-mail were wrong": Case(mails),
    "too many answers at once": Case(at_once),
}


@pytest.mark.parametrize("name", CASES)
def test_tries_are_counted(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
