"""A pool whose passwords may be guessed for as long as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "lockout-off"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find pools with ``lockout: none``."""
    definition = deployment.definition
    for pool in definition.pools:
        if pool.pool.lockout is None:
            yield Diagnostic(
                NAME,
                f"pool '{pool.name.text}' locks nobody out: every sign-in gives new tries",
                definition.source,
                pool.lockout_span or pool.name.span,
                hint="write lockout: cognito",
                severity=Severity.WARNING,
            )
