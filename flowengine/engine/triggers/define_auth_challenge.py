"""DefineAuthChallenge: decides what comes next in a custom sign-in.

Source: Amazon Cognito developer guide, "Define auth challenge Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.engine.triggers.context import TriggerContext, current
from flowengine.engine.triggers.events import (
    Event,
    client_metadata,
    envelope,
    flag,
    not_found,
    text,
    user_attributes,
)
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import InvalidLambdaResponseError

_SOURCE: Final = "DefineAuthChallenge_Authentication"
_TOLD: Final = frozenset(
    {
        "CUSTOM_CHALLENGE",
        "SRP_A",
        "PASSWORD_VERIFIER",
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "NEW_PASSWORD_REQUIRED",
    }
)
"""The challenges that a session tells of (COGNITO.md, C.5); a menu is none."""


def session(context: TriggerContext) -> list[dict[str, Any]]:
    """Give ``request.session``: the challenges that were answered, in that order."""
    return [
        {
            "challengeName": entry.challenge,
            "challengeResult": entry.result,
            "challengeMetadata": entry.metadata or None,
        }
        for entry in context.history
        if entry.challenge in _TOLD
    ]


def ask() -> Event:
    """Make the event."""
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "session": session(context),
        **client_metadata(context),
        **not_found(context),
    }
    response = {"challengeName": None, "issueTokens": None, "failAuthentication": None}
    return envelope(context, _SOURCE, request, response)


def read(response: Mapping[str, Any]) -> dict[str, Any]:
    """Read the decision as the record that flows branch on: ``fail``, ``issue``, ``challenge``.

    Raises:
        InvalidLambdaResponseError: Nothing was decided.
    """
    decision = {
        "fail": flag(response, "failAuthentication") is True,
        "issue": flag(response, "issueTokens") is True,
        "challenge": text(response, "challengeName") or "",
    }
    if not any(decision.values()):
        raise InvalidLambdaResponseError
    return decision


DEFINE_AUTH_CHALLENGE: Final = Trigger("DefineAuthChallenge", ask, read)
