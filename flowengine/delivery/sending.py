"""What every way of sending has in common: what is handed to it, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from flowengine.errors import WorldError
from flowengine.runtime.messages import Message

Note = Callable[[str, Mapping[str, str]], None]
"""Is told an event and its fields, as ``Observer.note``: never an address, a name or a code."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its text, ready to leave.

    Attributes:
        id: ``msg_`` and 32 hexadecimal digits, unpredictable; the same at every try, so that a
            receiver can tell a repetition.
        time: When the code was issued; UTC.
        subject: One line; empty where the channel has none.
    """

    id: str
    time: datetime
    message: Message
    subject: str = field(repr=False)
    text: str = field(repr=False)


class Sender(Protocol):
    """Sends letters; blocks until the receiver has taken one over. Called by several threads."""

    def send(self, letter: Letter) -> None:
        """Send one.

        Raises:
            UndeliverableError: Another try would fail as well.
            SendingError: This try failed. So does any other exception.
        """


class SendingError(WorldError):
    """A try to send failed, and another may not.

    Attributes:
        reason: A word for logs, such as ``http-503``; never an address, a name or a code.
        wait_s: How long the receiver asked to be left alone; 0 where it did not.
    """

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        """Keep the reason, which is the message's end too."""
        super().__init__(f"the message was not sent: {reason}")
        self.reason = reason
        self.wait_s = wait_s


class UndeliverableError(SendingError):
    """A try to send failed, and so would every other."""


def rfc3339(instant: datetime) -> str:
    """Write an instant in UTC with milliseconds (RFC 3339, section 5.6)."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
