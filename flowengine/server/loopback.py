"""Keeps what is meant for this machine from pages and names of others.

A server on loopback can still be asked by any page that a browser on the machine shows: by
its address, or by a name of the page's own that was pointed there (DNS rebinding). The first
brings an Origin that is not this machine's, the second a Host that is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flowengine.server.http import HttpRequest

NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
"""What this machine calls itself, as a Host header writes it."""

_ORIGIN: Final = re.compile(
    rf"https?://({'|'.join(map(re.escape, NAMES))})(:[0-9]{{1,5}})?", re.ASCII | re.IGNORECASE
)
_HTTP_PORT: Final = 80


@dataclass(frozen=True, slots=True)
class LoopbackGate:
    """Lets in whoever asks for this machine, from no page or from one of this machine.

    Attributes:
        port: The one that the server listens on, which every Host must name.
    """

    port: int

    def objection(self, request: HttpRequest) -> str | None:
        """Say why a request is refused, or None; what it sent is not repeated."""
        hosts, origins = request.values("host"), request.values("origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts():
            return f"Host must be localhost, 127.0.0.1 or [::1], with port {self.port}."
        if any(_ORIGIN.fullmatch(origin) is None for origin in origins) or len(origins) > 1:
            return "Only pages of this machine may ask: Origin is another one's."
        return None

    def _hosts(self) -> set[str]:
        bare = NAMES if self.port == _HTTP_PORT else ()
        return {*bare, *(f"{name}:{self.port}" for name in NAMES)}
