"""CEL's network extension: IP addresses and their ranges.

A run-time ``net.IP`` is an address of Python's ``ipaddress``, an IPv4 address mapped into IPv6
being the IPv4 address; a ``net.CIDR`` is an interface, which keeps its host bits.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from flowengine.errors import EvaluationError
from flowengine.expr.functions import Function
from flowengine.expr.types import BOOL, INT, STRING, ScalarType

IP = ScalarType("net.IP")
CIDR = ScalarType("net.CIDR")

_Address = IPv4Address | IPv6Address
_Range = IPv4Interface | IPv6Interface
_BROADCAST = IPv4Address("255.255.255.255")
_LINK_LOCAL_MULTICAST = (
    ipaddress.ip_network("224.0.0.0/24"),
    ipaddress.ip_network("ff02::/16"),
)


def _ip(text: str) -> _Address:
    try:
        if "%" in text:
            raise EvaluationError("an IP address has no zone here")
        address = ipaddress.ip_address(text)
    except ValueError:
        raise EvaluationError("the text is not an IP address") from None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _is_ip(text: str) -> bool:
    try:
        _ip(text)
    except EvaluationError:
        return False
    return True


def _is_canonical(text: str) -> bool:
    return str(_ip(text)) == text


def _cidr(text: str) -> _Range:
    address, slash, length = text.partition("/")
    if not slash or not (length.isascii() and length.isdigit()) or length != str(int(length)):
        raise EvaluationError("the text is not a range of IP addresses")
    if "%" in address or (":" in address and isinstance(_ip(address), IPv4Address)):
        raise EvaluationError("a range has neither a zone nor an address that is mapped")
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        raise EvaluationError("the text is not a range of IP addresses") from None


def _is_cidr(text: str) -> bool:
    try:
        _cidr(text)
    except EvaluationError:
        return False
    return True


def _family(address: _Address) -> int:
    return address.version


def _is_global_unicast(address: _Address) -> bool:
    """Tell what is neither special nor to many; private addresses count, as in Go."""
    return not (
        address.is_unspecified
        or address.is_loopback
        or address.is_multicast
        or address.is_link_local
        or address == _BROADCAST
    )


def _is_link_local_multicast(address: _Address) -> bool:
    return any(address in network for network in _LINK_LOCAL_MULTICAST)


def _contains_ip(around: _Range, address: _Address) -> bool:
    return address in around.network


def _contains_ip_text(around: _Range, text: str) -> bool:
    return _contains_ip(around, _ip(text))


def _contains_cidr(around: _Range, other: _Range) -> bool:
    narrower = other.network.prefixlen >= around.network.prefixlen
    return narrower and other.ip in around.network


def _contains_cidr_text(around: _Range, text: str) -> bool:
    return _contains_cidr(around, _cidr(text))


def _masked(around: _Range) -> _Range:
    return ipaddress.ip_interface(around.network)


def _of_ip(name: str, test: Callable[[_Address], bool]) -> Function:
    return Function(name, (IP,), BOOL, test, method=True, total=True)


FUNCTIONS: tuple[Function, ...] = (
    Function("ip", (STRING,), IP, _ip),
    Function("isIP", (STRING,), BOOL, _is_ip, total=True),
    Function("ip.isCanonical", (STRING,), BOOL, _is_canonical),
    Function("string", (IP,), STRING, str, total=True),
    Function("family", (IP,), INT, _family, method=True, total=True),
    _of_ip("isUnspecified", lambda address: address.is_unspecified),
    _of_ip("isLoopback", lambda address: address.is_loopback),
    _of_ip("isGlobalUnicast", _is_global_unicast),
    _of_ip("isLinkLocalUnicast", lambda address: address.is_link_local),
    _of_ip("isLinkLocalMulticast", _is_link_local_multicast),
    Function("cidr", (STRING,), CIDR, _cidr),
    Function("isCIDR", (STRING,), BOOL, _is_cidr, total=True),
    Function("string", (CIDR,), STRING, str, total=True),
    Function("containsIP", (CIDR, IP), BOOL, _contains_ip, method=True, total=True),
    Function("containsIP", (CIDR, STRING), BOOL, _contains_ip_text, method=True),
    Function("containsCIDR", (CIDR, CIDR), BOOL, _contains_cidr, method=True, total=True),
    Function("containsCIDR", (CIDR, STRING), BOOL, _contains_cidr_text, method=True),
    Function("ip", (CIDR,), IP, lambda around: around.ip, method=True, total=True),
    Function("masked", (CIDR,), CIDR, _masked, method=True, total=True),
    Function(
        "prefixLength", (CIDR,), INT, lambda one: one.network.prefixlen, method=True, total=True
    ),
)
"""``ip``, ``cidr`` and what they have."""
