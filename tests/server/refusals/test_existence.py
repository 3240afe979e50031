"""What tells whether a user exists, and to which clients (COGNITO.md, G)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.triggers.registering import PoolTriggers
from tests.planted import CODE
from tests.server.refusals.checking import Case, check
from tests.server.refusals.stage import HANDLERS, LEGACY, RIGHT, WRONG, Act, Stage, good


def pre_authentication(event: Any, _context: Any) -> Any:
    found = event["request"].get("userNotFound")
    raise LookupError(f"Not found: {found}")


ASKING: Final = {"triggers": PoolTriggers(pre_authentication=pre_authentication)}
FOUND: Final = {"USERNAME": "nobody"}


def starting(auth_flow: str, client: str, **more: str) -> Callable[[Stage], Act]:
    """Begin a sign-in of somebody who is not there."""
    return lambda stage: lambda: stage.initiate(auth_flow, client, **FOUND, **more)


def by_srp(client: str) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        begun = {**FOUND, "SRP_A": stage.ephemeral.srp_a}
        return lambda: stage.initiate("USER_SRP_AUTH", client, **begun)

    return scene


def srp_answered(stage: Stage) -> Act:
    asked = stage.srp(**FOUND)
    claim = stage.claim(asked)
    return lambda: stage.respond(asked, **FOUND, **claim)


def custom_answered(stage: Stage) -> Act:
    asked = stage.asked("CUSTOM_AUTH", **FOUND)
    return lambda: stage.respond(asked, **FOUND, ANSWER=CODE)


def choice_answered(stage: Stage) -> Act:
    named = {"USERNAME": "nobody@example.com"}
    asked = stage.asked("USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP", **named)
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "n***@e***"
    return lambda: stage.respond(asked, **named, EMAIL_OTP_CODE="00000000")


def locked(stage: Stage) -> Act:
    for _ in range(5):
        stage.password(WRONG, **FOUND)
    return lambda: stage.password(WRONG, **FOUND)


def locked_at_a_menu(stage: Stage) -> Act:
    asked = stage.asked("USER_AUTH", **FOUND)
    for _ in range(5):
        stage.password(WRONG, **FOUND)
    return lambda: stage.respond(asked, **FOUND, ANSWER="PASSWORD", PASSWORD=WRONG)


def ada(status: UserStatus, client: str | None = None, password: str = RIGHT) -> Any:
    def scene(stage: Stage) -> Act:
        stage.add(status=status)
        return lambda: stage.password(password, client or stage.client.id)

    return scene


def recovering(
    operation: str, client: str | None = None, *, asked: bool = False, **sent: str
) -> Any:
    """Do without a password what is for users, for somebody who is not there."""

    def scene(stage: Stage) -> Act:
        named = {"ClientId": client or stage.client.id, "Username": "nobody"}
        if asked:
            good(stage.call("ForgotPassword", **named))
        return lambda: stage.call(operation, **named, **sent)

    return scene


def taken(stage: Stage) -> Act:
    stage.add()
    members = {"ClientId": stage.client.id, "Username": "ada", "Password": WRONG}
    return lambda: stage.call("SignUp", **members)


def by_admin(operation: str, **members: Any) -> Callable[[Stage], Act]:
    def scene(stage: Stage) -> Act:
        return lambda: stage.by_admin(operation, **members)

    return scene


NEW: Final[Mapping[str, Any]] = {"ConfirmationCode": "0", "Password": WRONG}
ENDED: Final = ("sessions: new, refused",)
CASES: Final = {
    "LEGACY: unknown user, password": Case(starting("USER_PASSWORD_AUTH", LEGACY, PASSWORD=WRONG)),
    "LEGACY: unknown user, SRP": Case(by_srp(LEGACY)),
    "LEGACY: unknown user, custom": Case(
        starting("CUSTOM_AUTH", LEGACY), stage={"triggers": HANDLERS}
    ),
    "LEGACY: unknown user, choice": Case(starting("USER_AUTH", LEGACY)),
    "LEGACY: imported user": Case(ada(UserStatus.RESET_REQUIRED, LEGACY), ENDED),
    "LEGACY: ForgotPassword": Case(recovering("ForgotPassword", LEGACY)),
    "LEGACY: ConfirmForgotPassword": Case(recovering("ConfirmForgotPassword", LEGACY, **NEW)),
    "LEGACY: ConfirmSignUp": Case(recovering("ConfirmSignUp", LEGACY, ConfirmationCode="0")),
    "LEGACY: pre-authentication is not called": Case(
        starting("USER_PASSWORD_AUTH", LEGACY, PASSWORD=WRONG), stage=ASKING
    ),
    "ENABLED: unknown user, password": Case(
        lambda stage: lambda: stage.password(WRONG, **FOUND),
        ("counters: new", "sessions: new, refused"),
    ),
    "ENABLED: unknown user, SRP": Case(srp_answered, ("counters: new", "sessions: refused")),
    # Whatever a trigger says, a decoy has no evidence.
    "ENABLED: unknown user, custom": Case(
        custom_answered, ("sessions: refused",), {"triggers": HANDLERS}
    ),
    "ENABLED: unknown user, choice": Case(choice_answered, ("counters: new", "sessions: used+1")),
    "ENABLED: unknown user, locked": Case(locked),
    "ENABLED: unknown user, locked, with a choice": Case(locked_at_a_menu),
    "ENABLED: imported user": Case(ada(UserStatus.RESET_REQUIRED), ENDED),
    "ENABLED: imported user, wrong password": Case(
        ada(UserStatus.RESET_REQUIRED, None, WRONG), ("counters: new", "sessions: new, refused")
    ),
    "ENABLED: unconfirmed user": Case(ada(UserStatus.UNCONFIRMED)),
    "ENABLED: ForgotPassword": Case(
        recovering("ForgotPassword"), ("counters: new", "sessions: new")
    ),
    "ENABLED: ConfirmForgotPassword": Case(
        recovering("ConfirmForgotPassword", asked=True, **NEW), ("counters: new",)
    ),
    "ENABLED: ConfirmForgotPassword without a code": Case(
        recovering("ConfirmForgotPassword", **NEW), ("counters: new",)
    ),
    "ENABLED: ConfirmSignUp": Case(
        recovering("ConfirmSignUp", ConfirmationCode="0"), ("counters: new",)
    ),
    "ENABLED: pre-authentication is called": Case(
        lambda stage: lambda: stage.password(WRONG, **FOUND), stage=ASKING
    ),
    "SignUp with a name that is taken": Case(taken),
    "an administrator looks for nobody": Case(by_admin("AdminGetUser", Username="nobody")),
    "an administrator signs nobody in": Case(
        lambda stage: (
            lambda: stage.by_admin(
                "AdminInitiateAuth",
                ClientId=stage.client.id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={**FOUND, "PASSWORD": WRONG},
            )
        ),
        ("counters: new", "sessions: new, refused"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_who_exists_is_told_to_those_who_may_know(
    name: str, template: Path, tmp_path: Path
) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
