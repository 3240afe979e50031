"""What is sent to a user by another way."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A code on its way.

    Attributes:
        channel: ``email`` or ``sms``.
        to: The address, out of the directory.
        purpose: Which text carries it: ``sign-in``, or a template's name.
        locale: The user's ``locale`` attribute, or the empty string.
        name: The user's ``name`` attribute, or the empty string; whoever signs up chooses it.
    """

    channel: str
    to: str = field(repr=False)
    username: str = field(repr=False)
    code: str = field(repr=False)
    purpose: str
    locale: str = ""
    name: str = field(default="", repr=False)
