"""A server that lets anybody say which address a request comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "proxies-any"

_WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix of a network that can be one's own (RFC 1918: 10.0.0.0/8)."""


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find proxies that are a large part of the internet."""
    definition = deployment.definition
    for address, span in zip(definition.proxies, definition.proxy_spans, strict=True):
        network = ipaddress.ip_network(address, strict=False)
        if network.prefixlen < _WIDEST[network.version]:
            yield Diagnostic(
                NAME,
                "so large a network cannot be all proxies of yours",
                definition.source,
                span,
                hint="name the proxy's own address: whoever it trusts may say any `request.ip`",
                severity=Severity.WARNING,
            )
