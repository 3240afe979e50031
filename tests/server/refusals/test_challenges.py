"""What each challenge refuses (COGNITO.md, A)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.accounts.pool import Mfa
from flowengine.accounts.user import UserStatus
from tests.flow_texts import chain
from tests.planted import CODE
from tests.server.refusals.checking import Case, Scene, check
from tests.server.refusals.scenes import (
    SMS,
    TEMPORARY,
    TRIGGERED,
    device,
    first,
    menu,
    no_key,
    second,
    signed_at,
    verifier,
)
from tests.server.refusals.stage import (
    RIGHT,
    TOTP,
    UNKNOWN_CLIENT,
    UNKNOWN_DEVICE,
    WRONG,
    Act,
    Stage,
    good,
)
from tests.server.refusals.words import KEYS

FRESH: Final = f"{CODE}-of-her-own"
LATE: Final = chain("late", "sms", more="expires: 1m")
UNSENT: Final = chain("unsent", "password", "sms")
APP: Final = chain("app", "password", "totp")
APP_FIRST: Final = chain("app-first", "totp")


class Undelivered:
    """A delivery that fails, which is found out where nobody waits for it."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def send(self, message: Any) -> None:
        """Take it into the queue; the network fails later."""


def no_username(stage: Stage) -> Act:
    stage.add(**TOTP)
    asked = stage.second()
    return lambda: stage.respond(asked, USERNAME=None, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def no_username_at_start(stage: Stage) -> Act:
    return lambda: stage.password(USERNAME=None)


def no_session(stage: Stage) -> Scene:
    stage.add(**TOTP)
    asked = stage.second()
    bare = {"ChallengeName": asked["ChallengeName"]}
    code = stage.code()
    return Scene(
        lambda: stage.respond(bare, SOFTWARE_TOKEN_MFA_CODE=code),
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=code),
    )


def other_username(stage: Stage) -> Scene:
    stage.add(**TOTP)
    stage.add("grace", attributes={})
    asked = stage.second()
    code = stage.code()
    return Scene(
        lambda: stage.respond(asked, USERNAME="grace", SOFTWARE_TOKEN_MFA_CODE=code),
        lambda: stage.respond(asked, USERNAME="ada@example.com", SOFTWARE_TOKEN_MFA_CODE=code),
    )


def sms_late(stage: Stage) -> Act:
    stage.add()
    asked = stage.asked("CUSTOM_AUTH")
    code = stage.sent()
    stage.wait(minutes=1)
    return lambda: stage.respond(asked, SMS_MFA_CODE=code)


def sms_spent(stage: Stage) -> Act:
    stage.add(**SMS)
    asked = stage.second()
    code = stage.sent()
    good(stage.respond(asked, SMS_MFA_CODE=code))
    return lambda: stage.respond(asked, SMS_MFA_CODE=code)


def undelivered(stage: Stage) -> Act:
    stage.add(**SMS)
    return stage.password


def totp_wrong(stage: Stage) -> Scene:
    stage.add(**TOTP)
    asked = stage.second()
    return Scene(
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.wrong_code()),
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code()),
    )


def totp_used(stage: Stage) -> Act:
    stage.add(**TOTP)
    good(stage.respond(stage.second(), SOFTWARE_TOKEN_MFA_CODE=stage.code()))
    asked = stage.second()
    return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())


def no_app(stage: Stage) -> Act:
    stage.add()
    asked = stage.asked("CUSTOM_AUTH")
    return lambda: stage.respond(asked, PASSWORD=RIGHT)


def no_app_at_first(stage: Stage) -> Act:
    stage.add()
    return lambda: stage.initiate("CUSTOM_AUTH")


def no_address(stage: Stage) -> Act:
    stage.add(attributes={})
    asked = stage.asked("CUSTOM_AUTH")
    return lambda: stage.respond(asked, PASSWORD=RIGHT)


def set_up(stage: Stage) -> tuple[Any, str]:
    """Associate an app in the course of a sign-in; what was asked, and the session then."""
    stage.add(attributes={})
    asked = stage.second()
    assert asked["ChallengeName"] == "MFA_SETUP"
    return asked, good(stage.call("AssociateSoftwareToken", Session=asked["Session"]))["Session"]


def mfa_setup_too_early(stage: Stage) -> Act:
    asked, _ = set_up(stage)
    return lambda: stage.respond(asked)


def mfa_setup_foreign(stage: Stage) -> Act:
    asked, session = set_up(stage)
    foreign = session[:-1] + ("A" if session[-1] != "A" else "Q")
    return lambda: stage.respond({**asked, "Session": foreign})


def mfa_setup_bare(stage: Stage) -> Act:
    set_up(stage)
    return lambda: stage.respond({"ChallengeName": "MFA_SETUP"})


def wrong_password_by_srp(stage: Stage) -> Act:
    stage.add()
    asked = stage.srp()
    claim = stage.claim(asked, WRONG)
    return lambda: stage.respond(asked, **claim)


def srp_late(stage: Stage) -> Act:
    stage.add()
    asked = stage.srp()
    stage.wait(minutes=3)
    claim = stage.claim(asked)
    return lambda: stage.respond(asked, **claim)


def srp_unknown_device(stage: Stage) -> Scene:
    stage.add()
    asked = stage.srp()
    claim = stage.claim(asked)
    return Scene(
        lambda: stage.respond(asked, **claim, DEVICE_KEY=UNKNOWN_DEVICE),
        lambda: stage.respond(asked, **claim, DEVICE_KEY=None),
    )


def custom_failed(stage: Stage) -> Act:
    stage.add()
    asked = stage.asked("CUSTOM_AUTH")
    for _ in range(2):
        asked = good(stage.respond(asked, ANSWER="wrong"))
    return lambda: stage.respond(asked, ANSWER="wrong")


def password_again(stage: Stage) -> Act:
    stage.add(**TEMPORARY)
    asked = stage.second()
    return lambda: stage.respond(asked, NEW_PASSWORD=RIGHT)


def foreign_origin(stage: Stage) -> Act:
    stage.add_with_passkey()
    asked = stage.first("WEB_AUTHN")
    signed = stage.assertion(asked, origin="https://evil.example")
    return lambda: stage.respond(asked, CREDENTIAL=signed)


def answering(name: str, **responses: str) -> Callable[[Stage], Scene]:
    """Answer another challenge than the one that is asked."""

    def scene(stage: Stage) -> Scene:
        stage.add(**TOTP)
        asked = stage.second()
        return Scene(
            lambda: stage.respond({**asked, "ChallengeName": name}, **responses),
            lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code()),
        )

    return scene


def by_password(**user: Any) -> Callable[[Stage], Act]:
    """Send the right password of a user."""

    def scene(stage: Stage) -> Act:
        stage.add(**user)
        return stage.password

    return scene


def on_the_way(operation: str) -> Callable[[Stage], Act]:
    """Have an administrator change the user while a code is asked for."""

    def scene(stage: Stage) -> Act:
        stage.add(**TOTP)
        good(stage.by_admin("AdminGetUser", Username="ada"))  # at whose time the clock then is
        asked = stage.second()
        good(stage.by_admin(operation, Username="ada"))
        return lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=stage.code())

    return scene


def unknown_client(stage: Stage) -> Act:
    stage.add()
    return lambda: stage.password(RIGHT, UNKNOWN_CLIENT)


def unknown_client_answers(stage: Stage) -> Scene:
    stage.add(**TOTP)
    asked = stage.second()
    code = stage.code()
    return Scene(
        lambda: stage.respond(asked, UNKNOWN_CLIENT, SOFTWARE_TOKEN_MFA_CODE=code),
        lambda: stage.respond(asked, SOFTWARE_TOKEN_MFA_CODE=code),
    )


def unknown_pool(stage: Stage) -> Act:
    members = {"UserPoolId": "eu-west-1_Nowhere", "Username": "ada"}
    return lambda: stage.by_admin("AdminGetUser", **members)


TRY: Final = ("sessions: used+1",)
ENDED: Final = ("sessions: refused",)
FAILED: Final = ("counters: new",)
CASES: Final = {
    **{f"{each} is missing": no_key(*each.split(" ")) for each in KEYS},
    "USERNAME is missing in an answer": Case(no_username),
    "USERNAME is missing at the start": Case(no_username_at_start),
    "Session is missing": Case(no_session),
    "USERNAME is another user's": Case(other_username),
    "the SMS_MFA code is wrong": Case(second({"SMS_MFA_CODE": "000000"}, **SMS), TRY + FAILED),
    "the SMS_MFA code is late": Case(sms_late, ENDED, stage={"flow": LATE}),
    "the SMS_MFA session is gone": Case(sms_spent),
    "a code cannot be delivered": Case(
        undelivered, ("counters: new", "sessions: new"), {"delivery": Undelivered()}
    ),
    "the EMAIL_OTP code is wrong": Case(first("EMAIL_OTP", {"EMAIL_OTP_CODE": "0"}), TRY + FAILED),
    "the SMS_OTP code is wrong": Case(first("SMS_OTP", {"SMS_OTP_CODE": "0"}), TRY + FAILED),
    "the SOFTWARE_TOKEN_MFA code is wrong": Case(totp_wrong, TRY + FAILED),
    "the SOFTWARE_TOKEN_MFA code was used": Case(totp_used, TRY + FAILED),
    "there is no app for SOFTWARE_TOKEN_MFA": Case(no_app, ENDED, stage={"flow": APP}),
    "there is no app for SOFTWARE_TOKEN_MFA at the start": Case(
        no_app_at_first, stage={"flow": APP_FIRST}
    ),
    "SELECT_MFA_TYPE does not offer it": Case(second({"ANSWER": "EMAIL_OTP"}, **TOTP, **SMS), TRY),
    "there is no address for the factor": Case(no_address, ENDED, stage={"flow": UNSENT}),
    "MFA_SETUP has the session before VerifySoftwareToken": Case(
        mfa_setup_too_early, stage={"pool": {"mfa": Mfa.REQUIRED}}
    ),
    "MFA_SETUP has another session": Case(mfa_setup_foreign, stage={"pool": {"mfa": Mfa.REQUIRED}}),
    "MFA_SETUP has no session": Case(mfa_setup_bare, stage={"pool": {"mfa": Mfa.REQUIRED}}),
    "PASSWORD_VERIFIER: wrong password": Case(wrong_password_by_srp, ENDED + FAILED),
    "PASSWORD_VERIFIER: wrong signature": Case(
        verifier(PASSWORD_CLAIM_SIGNATURE="AAAA"), ENDED + FAILED
    ),
    "PASSWORD_VERIFIER: wrong secret block": Case(verifier(PASSWORD_CLAIM_SECRET_BLOCK="AAAA")),
    "PASSWORD_VERIFIER: wrong weekday": Case(
        signed_at("Tue Mar 4 05:06:07 UTC 2026"), ENDED + FAILED
    ),
    "PASSWORD_VERIFIER: day with a zero": Case(
        signed_at("Wed Mar 04 05:06:07 UTC 2026"), ENDED + FAILED
    ),
    "PASSWORD_VERIFIER: too late": Case(srp_late),
    "PASSWORD_VERIFIER: a time stamp of five minutes and a second ago": Case(
        signed_at("Wed Mar 4 05:01:06 UTC 2026"), ENDED + FAILED
    ),
    "PASSWORD_VERIFIER: no TIMESTAMP": Case(verifier(TIMESTAMP="2026-03-04T05:06:07Z")),
    "PASSWORD_VERIFIER: unknown device": Case(srp_unknown_device),
    "CUSTOM_CHALLENGE: failAuthentication": Case(custom_failed, ENDED, stage=TRIGGERED),
    "NEW_PASSWORD_REQUIRED: too short": Case(second({"NEW_PASSWORD": "short"}, **TEMPORARY), TRY),
    "NEW_PASSWORD_REQUIRED: used before": Case(password_again, TRY),
    "NEW_PASSWORD_REQUIRED: no required attribute": Case(
        second({"NEW_PASSWORD": FRESH}, **TEMPORARY),
        TRY,
        stage={"pool": {"required_attributes": ("name",)}},
    ),
    "NEW_PASSWORD_REQUIRED: email was given before": Case(
        second({"NEW_PASSWORD": FRESH, "userAttributes.email": "x@example.com"}, **TEMPORARY), TRY
    ),
    "DEVICE_SRP_AUTH: unknown device": Case(device(DEVICE_KEY=UNKNOWN_DEVICE)),
    "DEVICE_SRP_AUTH: no device key": Case(device(DEVICE_KEY="no key")),
    "DEVICE_SRP_AUTH: no SRP_A": Case(device(SRP_A="0")),
    "DEVICE_PASSWORD_VERIFIER: wrong": Case(
        device(proof=True, PASSWORD_CLAIM_SIGNATURE="AAAA"), ENDED + FAILED
    ),
    "SELECT_CHALLENGE does not offer it": Case(menu({"ANSWER": "WEB_AUTHN"}), TRY),
    "PASSWORD: wrong": Case(first("PASSWORD", {"PASSWORD": WRONG}), ENDED + FAILED),
    "PASSWORD_SRP: no SRP_A": Case(first("PASSWORD_SRP", {"SRP_A": "xyz"})),
    "WEB_AUTHN: another origin": Case(foreign_origin, ENDED + FAILED),
    "WEB_AUTHN: no credential": Case(first("WEB_AUTHN", {"CREDENTIAL": "{}"})),
    "ADMIN_NO_SRP_AUTH is answered": Case(answering("ADMIN_NO_SRP_AUTH", PASSWORD=WRONG)),
    "the challenge has no such name": Case(answering("EMAIL_MFA", EMAIL_MFA_CODE="0")),
    "the challenge is another one": Case(answering("SMS_MFA", SMS_MFA_CODE="0")),
    "the user is disabled": Case(by_password(enabled=False)),
    "the user is disabled on the way": Case(on_the_way("AdminDisableUser")),
    "the user is not confirmed": Case(by_password(status=UserStatus.UNCONFIRMED)),
    "the password must be reset": Case(
        by_password(status=UserStatus.RESET_REQUIRED), ("sessions: new, refused",)
    ),
    "the password is reset on the way": Case(on_the_way("AdminResetUserPassword")),
    "the user is removed on the way": Case(on_the_way("AdminDeleteUser")),
    "there is no such client": Case(unknown_client),
    "there is no such client to answer": Case(unknown_client_answers),
    "there is no such pool": Case(unknown_pool),
}


@pytest.mark.parametrize("name", CASES)
def test_a_challenge_refuses(name: str, template: Path, tmp_path: Path) -> None:
    check(name, CASES[name], template, tmp_path / "stage.db")
