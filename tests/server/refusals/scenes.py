"""A challenge that is asked, and an answer to it with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowengine.accounts.user import UserStatus
from tests.server.refusals.checking import Case
from tests.server.refusals.stage import DEVICE_KEY, HANDLERS, TOTP, Act, Stage

SMS: Final[Mapping[str, Any]] = {"sms_mfa": True}
TEMPORARY: Final[Mapping[str, Any]] = {"status": UserStatus.FORCE_CHANGE_PASSWORD}
TRIGGERED: Final = {"triggers": HANDLERS}


def second(answer: Mapping[str, str], **user: Any) -> Callable[[Stage], Act]:
    """Answer what is asked after the password."""

    def scene(stage: Stage) -> Act:
        stage.add(**user)
        asked = stage.second()
        return lambda: stage.respond(asked, **answer)

    return scene


def first(challenge: str, answer: Mapping[str, str], **user: Any) -> Callable[[Stage], Act]:
    """Answer a first factor."""

    def scene(stage: Stage) -> Act:
        stage.add_with_passkey(**user)
        asked = stage.first(challenge)
        return lambda: stage.respond(asked, **answer)

    return scene


def menu(answer: Mapping[str, str]) -> Callable[[Stage], Act]:
    """Answer SELECT_CHALLENGE."""

    def scene(stage: Stage) -> Act:
        stage.add()
        asked = stage.asked("USER_AUTH")
        return lambda: stage.respond(asked, **answer)

    return scene


def custom(answer: Mapping[str, str]) -> Callable[[Stage], Act]:
    """Answer a custom challenge."""

    def scene(stage: Stage) -> Act:
        stage.add()
        asked = stage.asked("CUSTOM_AUTH")
        return lambda: stage.respond(asked, **answer)

    return scene


def verifier(**changes: str | None) -> Callable[[Stage], Act]:
    """Answer PASSWORD_VERIFIER with one thing changed."""

    def scene(stage: Stage) -> Act:
        stage.add()
        asked = stage.srp()
        claim = {**stage.claim(asked), **changes}
        return lambda: stage.respond(asked, **claim)

    return scene


def signed_at(written: str) -> Callable[[Stage], Act]:
    """Answer PASSWORD_VERIFIER rightly but for how the time is written, as it is signed."""

    def scene(stage: Stage) -> Act:
        stage.add()
        asked = stage.srp()
        claim = stage.claim_at(asked, written)
        return lambda: stage.respond(asked, **claim)

    return scene


def device(*, proof: bool = False, **changes: str | None) -> Callable[[Stage], Act]:
    """Answer one of the two rounds of a remembered device with one thing changed."""

    def scene(stage: Stage) -> Act:
        stage.add_device(stage.add())
        asked = stage.device_proof_asked() if proof else stage.device_asked()
        right = {"DEVICE_KEY": DEVICE_KEY, "SRP_A": stage.ephemeral.srp_a}
        if proof:
            right = stage.device_claim(asked)
        return lambda: stage.respond(asked, **{**right, **changes})

    return scene


def no_key(challenge: str, key: str) -> Case:
    """Leave one key of a challenge out."""
    none: dict[str, str] = {}
    without: dict[str, Any] = {key: None}
    scenes: dict[str, Callable[[Stage], Act]] = {
        "SMS_MFA": second(none, **SMS),
        "SOFTWARE_TOKEN_MFA": second(none, **TOTP),
        "SELECT_MFA_TYPE": second(none, **TOTP, **SMS),
        "NEW_PASSWORD_REQUIRED": second(none, **TEMPORARY),
        "PASSWORD_VERIFIER": verifier(**without),
        "DEVICE_SRP_AUTH": device(**without),
        "DEVICE_PASSWORD_VERIFIER": device(proof=True, **without),
        "CUSTOM_CHALLENGE": custom(none),
        "SELECT_CHALLENGE": menu(none),
    }
    return Case(scenes.get(challenge, first(challenge, none)), stage=TRIGGERED)
