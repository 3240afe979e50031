"""When an adapter stops to throw away what is no longer needed."""

from __future__ import annotations

import itertools

PURGE_EVERY = 256
"""So many writes pass between two purges."""

PURGE_ROWS = 1024
"""So many rows go at once: more than come in between two purges, and a bounded time."""


class Turns:
    """Counts writes; safe under threads."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def is_due(self) -> bool:
        """Say whether this write is one that purges."""
        return next(self._count) % PURGE_EVERY == 0
