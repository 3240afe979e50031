"""Admin operations that the network can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.deployment.values import is_loopback
from flowengine.source import Diagnostic, Severity

NAME: Final = "admin-exposed"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find access keys of a server that listens to more than its own machine."""
    definition = deployment.definition
    if definition.admin and not is_loopback(definition.listen.host):
        yield Diagnostic(
            NAME,
            "Admin operations are allowed where others than this machine can connect",
            definition.source,
            definition.admin[0].span,
            hint="serve them from a process of their own that listens at 127.0.0.1",
            severity=Severity.WARNING,
        )
