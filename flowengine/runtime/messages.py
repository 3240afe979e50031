"""What is sent to a user by another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

INVITATION: Final = "admin-create-user"
"""Carries a temporary password."""

OPERATION_PURPOSES: Final = (
    "sign-up",
    "forgot-password",
    INVITATION,
    "verify-attribute",
)
"""The texts that operations send, each by every channel; flows send ``sign-in`` and their own."""


@dataclass(frozen=True, slots=True)
class Message:
    """A code on its way.

    Attributes:
        channel: ``email`` or ``sms``.
        to: The address, out of the directory.
        purpose: Which text carries it: ``sign-in``, one of ``OPERATION_PURPOSES``, or the name
            of a flow's template.
        locale: The user's ``locale`` attribute, or the empty string.
        name: The user's ``name`` attribute, or the empty string; whoever signs up chooses it.
        subject: Goes before the subject of the text of its purpose; None for that one.
        text: The same for the text itself; the code is in it.
    """

    channel: str
    to: str = field(repr=False)
    username: str = field(repr=False)
    code: str = field(repr=False)
    purpose: str
    locale: str = ""
    name: str = field(default="", repr=False)
    subject: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
