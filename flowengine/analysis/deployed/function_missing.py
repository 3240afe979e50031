"""A flow that calls functions in a deployment that has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS
from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "function-missing"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find clients whose flows call what no module could register."""
    definition = deployment.definition
    if definition.functions:
        return
    for pool in definition.pools:
        for client in pool.clients:
            for _, flow in client.auth_flows:
                names = {*deployment.flows[flow.text].functions} - {*CUSTOM_AUTH_TRIGGERS}
                if names:
                    yield Diagnostic(
                        NAME,
                        f"flow '{flow.text}' calls '{min(names)}', and no module with functions "
                        "is named",
                        definition.source,
                        flow.span,
                        hint="name it, `functions: my_backend.auth`, unless who embeds the engine "
                        "gives them",
                        severity=Severity.WARNING,
                    )
