"""Refresh tokens that are good for months and never replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "refresh-long-lived"

_LONGEST: Final = timedelta(days=90)


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find clients with tokens of more than ninety days and no rotation."""
    definition = deployment.definition
    for pool in definition.pools:
        for client in pool.clients:
            tokens = client.client.tokens
            if tokens.refresh > _LONGEST and tokens.rotation is None:
                yield Diagnostic(
                    NAME,
                    f"refresh tokens of client '{client.name.text}' are good for "
                    f"{tokens.refresh.days} days and never replaced",
                    definition.source,
                    client.name.span,
                    hint="add `rotation: {grace: 10s}` under tokens: a stolen one is found out",
                    severity=Severity.WARNING,
                )
