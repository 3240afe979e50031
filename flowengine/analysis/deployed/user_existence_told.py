"""A client that is told whether a user exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "user-existence-told"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find clients with ``prevent_user_existence_errors: false``."""
    definition = deployment.definition
    for pool in definition.pools:
        for client in pool.clients:
            if not client.client.prevent_user_existence_errors:
                yield Diagnostic(
                    NAME,
                    f"client '{client.name.text}' is told which users exist",
                    definition.source,
                    client.name.span,
                    hint="leave out prevent_user_existence_errors, which is true by default",
                    severity=Severity.WARNING,
                )
