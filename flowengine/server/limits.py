"""What a request may cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a request may cost; past a limit it is refused, or its connection closed.

    Attributes:
        body_bytes: The longest body.
        body_time: From the end of the head until the whole body is there.
        head_bytes: The longest head: all names and values of headers.
        headers: The most headers.
        depth: The deepest nesting of a body.
    """

    body_bytes: int = 256 * 1024
    body_time: timedelta = timedelta(seconds=10)
    head_bytes: int = 32 * 1024
    headers: int = 100
    depth: int = 32
