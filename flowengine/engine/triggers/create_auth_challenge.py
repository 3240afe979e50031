"""CreateAuthChallenge: makes a challenge, and keeps what its answer is compared with.

Source: Amazon Cognito developer guide, "Create auth challenge Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.define_auth_challenge import session
from flowengine.engine.triggers.events import (
    Event,
    client_metadata,
    envelope,
    not_found,
    text,
    texts,
    user_attributes,
)
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import NotAuthorizedError

_SOURCE: Final = "CreateAuthChallenge_Authentication"


def ask() -> Event:
    """Make the event."""
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "challengeName": "CUSTOM_CHALLENGE",
        "session": session(context),
        **client_metadata(context),
        **not_found(context),
    }
    response = {
        "publicChallengeParameters": None,
        "privateChallengeParameters": None,
        "challengeMetadata": None,
    }
    return envelope(context, _SOURCE, request, response)


def read(response: Mapping[str, Any]) -> ChallengeParameters:
    """Read the parameters.

    Raises:
        InvalidLambdaResponseError: One of them is no text.
        NotAuthorizedError: There is no private one, which Cognito refuses (COGNITO.md, C.3).
    """
    parameters = _read_any(response)
    if not parameters.private:
        raise NotAuthorizedError
    return parameters


def _read_any(response: Mapping[str, Any]) -> ChallengeParameters:
    """Read them where the handler that judges answers needs no private ones."""
    public = texts(response, "publicChallengeParameters")
    private = texts(response, "privateChallengeParameters")
    return ChallengeParameters(public, private, text(response, "challengeMetadata"))


_NAME: Final = "CreateAuthChallenge"
CREATE_AUTH_CHALLENGE: Final = Trigger(_NAME, ask, read)
CREATE_AUTH_CHALLENGES: Final[Mapping[bool, Trigger]] = MappingProxyType(
    {False: CREATE_AUTH_CHALLENGE, True: Trigger(_NAME, ask, _read_any)}
)
"""By whether there may be no private parameters."""
