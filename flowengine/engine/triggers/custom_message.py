"""CustomMessage: words the message that a code is sent in.

Source: Amazon Cognito developer guide, "Custom message Lambda trigger".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import (
    Event,
    client_metadata,
    envelope,
    text,
    user_attributes,
)
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import InvalidLambdaResponseError

CODE: Final = "{####}"
USERNAME: Final = "{username}"
ADMIN_CREATE_USER: Final = "AdminCreateUser"
_PLACEHOLDER: Final = re.compile(r"\{####\}|\{username\}")
_NO_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SOURCES: Final = {
    "sign-up": "SignUp",
    "forgot-password": "ForgotPassword",
    "admin-create-user": ADMIN_CREATE_USER,
    "verify-attribute": "VerifyUserAttribute",
}
"""By the purpose of a message; flows send theirs in the course of a sign-in."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the trigger wrote, by channel; None where it left the text as it is."""

    sms: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    subject: str | None = field(default=None, repr=False)

    def names_user(self) -> bool:
        """Say whether each text has a place for the user's name, as an invitation must."""
        return all(text is None or USERNAME in text for text in (self.sms, self.email))


def ask(purpose: str, source: str) -> Event:
    """Make the event; the code itself is never in it.

    Args:
        source: What it is for, where that is not what the purpose says.
    """
    context = current()
    source = source or _SOURCES.get(purpose, "Authentication")
    request = {
        "userAttributes": user_attributes(context),
        "codeParameter": CODE,
        "usernameParameter": USERNAME if source == ADMIN_CREATE_USER else None,
        **client_metadata(context),
    }
    response = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
    return envelope(context, f"CustomMessage_{source}", request, response)


def read(response: Mapping[str, Any]) -> Wording:
    """Read the texts.

    Raises:
        InvalidLambdaResponseError: One is no text, has no place for the code, or is a subject of
            several lines.
    """
    sms, email = text(response, "smsMessage"), text(response, "emailMessage")
    subject = text(response, "emailSubject")
    if any(each is not None and CODE not in each for each in (sms, email)):
        raise InvalidLambdaResponseError
    if subject is not None and _NO_LINE.search(subject):
        raise InvalidLambdaResponseError
    return Wording(sms, email, subject)


def filled(template: str | None, code: str, username: str) -> str | None:
    """Put the code and the name in, once: a name that looks like a placeholder stays that."""
    values = {CODE: code, USERNAME: username}
    if template is None:
        return None
    return _PLACEHOLDER.sub(lambda found: values[found[0]], template)


CUSTOM_MESSAGE: Final = Trigger("CustomMessage", ask, read)
