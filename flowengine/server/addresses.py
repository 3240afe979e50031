"""Where a request came from, when proxies stand between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def parse(cls, written: Sequence[str]) -> Proxies:
        """Read addresses and networks.

        Raises:
            ValueError: One is neither.
        """
        return cls(tuple(ip_network(text, strict=False) for text in written))

    def origin(self, peer: str, forwarded: Sequence[str]) -> str:
        """Give the address that a request came from.

        Each believed proxy appends the address of its own peer to X-Forwarded-For; what stands
        left of the first address that is not a believed proxy's was written by a stranger.

        Args:
            peer: The other end of the connection; may be empty or no address at all.
            forwarded: The values of X-Forwarded-For, in order.
        """
        nearest = _address(peer)
        if nearest is None:
            return peer
        hops = [hop for value in forwarded for hop in value.split(",")]
        while hops and self._believes(nearest):
            further = _address(hops.pop().strip())
            if further is None:
                break
            nearest = further
        return str(nearest)

    def _believes(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _address(text: str) -> Address | None:
    """Read an address, with or without a port; an IPv4 one mapped to IPv6 is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
