"""Codes that are written into a file of a server that others connect to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.deployment.values import is_loopback
from flowengine.source import Diagnostic, Severity

NAME: Final = "insecure-delivery"

_FILE: Final = "outbox:"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find channels that end in a file although the server is no development server."""
    definition = deployment.definition
    if is_loopback(definition.listen.host):
        return
    for channel, place in definition.delivery:
        if place.text.lower().startswith(_FILE):
            yield Diagnostic(
                NAME,
                f"codes by {channel.text} are written into a file, and reach nobody else",
                definition.source,
                channel.span,
                hint="name a mail server, a webhook or a function; outbox: is for development",
                severity=Severity.WARNING,
            )
