"""Messages, letters and senders that tests use."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flowengine.delivery.sending import Letter
from flowengine.runtime.messages import Message
from tests.planted import CODE, MARK

TIME = datetime(2026, 11, 27, 8, 30, 0, 250_000, tzinfo=UTC)
ADDRESS = f"ann.{MARK}@example.com"
IDENTITY = "msg_" + "0f" * 16


def message(**fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "channel": "email",
        "to": ADDRESS,
        "username": f"ann-{MARK}",
        "code": CODE,
        "purpose": "sign-in",
    }
    return Message(**defaults | fields)


def letter(*, subject: str = "Your code", text: str = f"It is {CODE}\n", **fields: Any) -> Letter:
    return Letter(IDENTITY, TIME, message(**fields), subject, text)


class Noted:
    """Keeps what it was told, from any thread."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, str]]] = []
        self._changed = threading.Condition()

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        with self._changed:
            self.events.append((event, dict(fields)))
            self._changed.notify_all()

    def wait_for(self, event: str, count: int = 1, timeout_s: float = 10) -> list[dict[str, str]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._of(event)) >= count, timeout_s), (
                f"no {event} within {timeout_s} s: {[name for name, _ in self.events]}"
            )
            return self._of(event)

    def _of(self, event: str) -> list[dict[str, str]]:
        return [fields for name, fields in self.events if name == event]
