"""VerifyAuthChallengeResponse: judges an answer to a custom challenge.

Source: Amazon Cognito developer guide, "Verify auth challenge response Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.challenges.custom_settings import Judgement
from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import (
    Event,
    client_metadata,
    envelope,
    flag,
    not_found,
    user_attributes,
)
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import InvalidLambdaResponseError

_SOURCE: Final = "VerifyAuthChallengeResponse_Authentication"


def ask(answer: str, private: Mapping[str, str]) -> Event:
    """Make the event: no session, and of the parameters only the private ones."""
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "privateChallengeParameters": dict(private),
        "challengeAnswer": answer,
        **client_metadata(context),
        **not_found(context),
    }
    return envelope(context, _SOURCE, request, {"answerCorrect": None})


def read(response: Mapping[str, Any]) -> Judgement:
    """Read the judgement; a user who does not exist goes on and proves nothing by it.

    Raises:
        InvalidLambdaResponseError: It is neither true nor false.
    """
    match flag(response, "answerCorrect"):
        case None:
            raise InvalidLambdaResponseError
        case False:
            return Judgement.WRONG
        case True:
            return Judgement.PROVED if current().user.exists else Judgement.PASSED


VERIFY_AUTH_CHALLENGE_RESPONSE: Final = Trigger("VerifyAuthChallengeResponse", ask, read)
