"""PreAuthentication: may refuse a sign-in before anything is asked.

Source: Amazon Cognito developer guide, "Pre authentication Lambda trigger".
"""

from __future__ import annotations

from typing import Final

from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import Event, envelope, not_found, user_attributes
from flowengine.engine.triggers.running import Trigger


def ask() -> Event:
    """Make the event; ClientMetadata of InitiateAuth is its ``validationData``."""
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "validationData": dict(context.client_metadata),
        **not_found(context),
    }
    return envelope(context, "PreAuthentication_Authentication", request, {})


PRE_AUTHENTICATION: Final = Trigger("PreAuthentication", ask, lambda _: None)
