"""When a Session is no longer good, and when it still is (COGNITO.md, B.5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.accounts.pool import Mfa
from flowengine.crypto import totp
from flowengine.engine.triggers.registering import PoolTriggers
from tests.engine.triggered import create_passwordless, define_passwordless
from tests.planted import CODE
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.stage import HANDLERS, LEGACY, TOTP, Act, Stage, good

REQUIRED: Final = {"pool": {"mfa": Mfa.REQUIRED}}


def raising(_event: Any, _context: Any) -> Any:
    raise RuntimeError("Bot detected")


RAISING: Final = PoolTriggers(
    define_auth_challenge=define_passwordless,
    create_auth_challenge=create_passwordless,
    verify_auth_challenge_response=raising,
)


def used(stage: Stage) -> Act:
    stage.add(**TOTP)
    asked = stage.second()
    good(stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code()))
    return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def asked_anew(stage: Stage) -> Scene:
    stage.add()
    asked = stage.asked("CUSTOM_AUTH")
    again = good(stage.respond(asked, ANSWER="wrong"))
    assert again["Session"] != asked["Session"]
    return Scene(
        lambda: stage.respond(asked, ANSWER=CODE), lambda: stage.respond(again, ANSWER=CODE)
    )


def wrong_mail(stage: Stage) -> Scene:
    stage.add()
    asked = stage.first("EMAIL_OTP")
    return Scene(
        lambda: stage.respond(asked, EMAIL_OTP_CODE="0"),
        lambda: stage.respond(asked, EMAIL_OTP_CODE=stage.sent()),
    )


def wrong_app(stage: Stage) -> Scene:
    stage.add(**TOTP)
    asked = stage.second()
    return Scene(
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.wrong_code()),
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code()),
    )


def raised_before(stage: Stage) -> Act:
    stage.add()
    asked = stage.asked("CUSTOM_AUTH")
    assert stage.respond(asked, ANSWER="wrong").status_code == 400
    return lambda: stage.respond(asked, ANSWER=CODE)


def associated(stage: Stage) -> Scene:
    stage.add(attributes={})
    first = stage.second()["Session"]
    second = good(stage.call("AssociateSoftwareToken", Session=first))["Session"]
    return Scene(
        lambda: stage.call("AssociateSoftwareToken", Session=first),
        lambda: stage.call("AssociateSoftwareToken", Session=second),
    )


def verified(stage: Stage) -> Scene:
    stage.add(attributes={})
    asked = stage.second()
    made = good(stage.call("AssociateSoftwareToken", Session=asked["Session"]))
    secret = totp.from_text(made["SecretCode"])
    code = totp.code(secret, totp.counter_at(stage.clock.now()))
    members = {"Session": made["Session"], "UserCode": code}
    after = good(stage.call("VerifySoftwareToken", **members))["Session"]
    return Scene(
        lambda: stage.respond({**asked, "Session": made["Session"]}),
        lambda: stage.respond({**asked, "Session": after}),
    )


def expired(stage: Stage) -> Act:
    stage.add(**TOTP)
    asked = stage.second()
    stage.wait(minutes=3)
    return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def of_another_client(stage: Stage) -> Scene:
    stage.add(**TOTP)
    asked = stage.second()
    return Scene(
        lambda: stage.respond(asked, LEGACY, SOFTWARE_TOKEN_MFA_CODE=stage.code()),
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code()),
    )


def made_up(stage: Stage) -> Act:
    stage.add(**TOTP)
    asked = {**stage.second(), "Session": "A" * 68}
    return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def by_an_administrator(stage: Stage) -> Act:
    stage.add(**TOTP)
    good(stage.by_admin("AdminGetUser", Username="ada"))
    asked = stage.second()
    members = {
        "ClientId": stage.client.id,
        "ChallengeName": asked["ChallengeName"],
        "Session": asked["Session"],
    }

    def act() -> Any:
        responses = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": stage.code()}
        sent = {**members, "ChallengeResponses": responses}
        return stage.by_admin("AdminRespondToAuthChallenge", **sent)

    return act


CASES: Final = {
    "a session was used": Case(used),
    "a wrong answer was given and the challenge asked anew": Case(
        asked_anew, stage={"triggers": HANDLERS}
    ),
    "a wrong EMAIL_OTP code leaves the session good": Case(
        wrong_mail, ("counters: new", "sessions: used+1")
    ),
    "a wrong SOFTWARE_TOKEN_MFA code leaves the session good": Case(
        wrong_app, ("counters: new", "sessions: used+1")
    ),
    "a trigger raised before": Case(raised_before, stage={"triggers": RAISING}),
    "AssociateSoftwareToken replaced the session": Case(associated, stage=REQUIRED),
    "VerifySoftwareToken replaced the session": Case(verified, stage=REQUIRED),
    "a session expired": Case(expired),
    "a session is another client's": Case(of_another_client),
    "a session was made up": Case(made_up),
    "an administrator goes on with a user's session": Case(
        by_an_administrator, ("grants: new", "sessions: success", "spent: new", "spent: new")
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_session_is_good_once_and_for_whom_it_was_made(
    name: str, template: Path, tmp_path: Path
) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
