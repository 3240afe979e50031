"""What the server is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.engine.engine import AsyncEngine
from flowengine.server.catalog import OPERATIONS, Operation
from flowengine.server.limits import ServerLimits
from flowengine.server.loopback import LoopbackGate


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the application serves.

    Attributes:
        admin: Secrets by key id, for the signatures of administrative operations; where it
            is empty these operations are refused.
        proxies: Addresses and networks (``10.0.0.0/8``) whose X-Forwarded-For is believed.
        operations: Those that are served.
        any_region: Whether administrative operations may be signed for a region without pools.
        gate: Refuses what did not come from this machine; None lets everybody ask.
    """

    engine: AsyncEngine
    admin: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxies: tuple[str, ...] = ()
    limits: ServerLimits = field(default_factory=ServerLimits)
    operations: Mapping[str, Operation] = field(default_factory=lambda: OPERATIONS, repr=False)
    any_region: bool = False
    gate: LoopbackGate | None = None
