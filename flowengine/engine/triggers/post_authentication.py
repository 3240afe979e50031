"""PostAuthentication: is told of a sign-in, and may still refuse it.

Source: Amazon Cognito developer guide, "Post authentication Lambda trigger".
"""

from __future__ import annotations

from typing import Final

from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import Event, client_metadata, envelope, user_attributes
from flowengine.engine.triggers.running import Trigger


def ask(*, new_device: bool) -> Event:
    """Make the event."""
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "newDeviceUsed": new_device,
        **client_metadata(context),
    }
    return envelope(context, "PostAuthentication_Authentication", request, {})


POST_AUTHENTICATION: Final = Trigger("PostAuthentication", ask, lambda _: None)
