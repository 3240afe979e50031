"""What the server is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flowengine.engine.engine import AsyncEngine


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


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the application serves.

    Attributes:
        admin: Secrets by key id, for the signatures of administrative operations; where it
            is empty these operations are refused.
        proxies: Addresses and networks (``10.0.0.0/8``) whose X-Forwarded-For is believed.
    """

    engine: AsyncEngine
    admin: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxies: tuple[str, ...] = ()
    limits: ServerLimits = field(default_factory=ServerLimits)
