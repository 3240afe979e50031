"""A clock that stands still and entropy that repeats itself: for tests and replays only."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta

from flowengine.runtime.messages import Message


class FixedClock:
    """A ``Clock`` that moves only when it is told to."""

    def __init__(self, now: datetime) -> None:
        """Take the time that it shows; aware, UTC."""
        if now.utcoffset() != timedelta(0):
            raise ValueError("a clock shows aware instants in UTC")
        self._now = now

    def now(self) -> datetime:
        """Say what time it is."""
        return self._now

    def advance(self, duration: timedelta) -> datetime:
        """Move on, or back where the duration is negative; gives the new time."""
        self._now += duration
        return self._now


class KeptMessages:
    """A ``Delivery`` that sends nothing and keeps what it was given, oldest first."""

    def __init__(self) -> None:
        """Begin with none."""
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        """Keep it."""
        self.messages.append(message)


class ScriptedEntropy:
    """An ``Entropy`` whose bytes follow from its seed: SHA-256 of the seed and a running number.

    Nothing that it draws is secret.
    """

    def __init__(self, seed: str = "") -> None:
        """Take a seed; equal seeds draw equal bytes in equal order."""
        self._seed = seed.encode()
        self._block = 0
        self._left = b""
        self._lock = threading.Lock()

    def draw(self, size_bytes: int) -> bytes:
        """Draw that many bytes."""
        with self._lock:
            while len(self._left) < size_bytes:
                number = self._block.to_bytes(8, "big")
                self._left += hashlib.sha256(number + self._seed).digest()
                self._block += 1
            drawn, self._left = self._left[:size_bytes], self._left[size_bytes:]
            return drawn
