"""An account recovery by what a sign-in of the pool counts beside the password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.accounts.pool import Recovery
from flowengine.analysis.beside_password import SignIns, counted_beside_password
from flowengine.deployment.definition import Deployment, PoolDefinition
from flowengine.flow.definition import Name
from flowengine.source import Diagnostic, Severity

NAME: Final = "recovery-counts-twice"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find for each pool the recoveries that one of its auth flows keeps from taking place."""
    for pool in deployment.definition.pools:
        for recovery in pool.pool.account_recovery:
            found = next(_counting(deployment, pool, recovery), None)
            if found is not None:
                yield _found(deployment, pool, recovery, *found)


def _counting(
    deployment: Deployment, pool: PoolDefinition, recovery: Recovery
) -> Iterator[tuple[str, Name, str]]:
    """Give where the code is asked for beside the password: auth flow, flow and evidence."""
    for client in pool.clients:
        for auth_flow, flow in client.auth_flows:
            program = deployment.flows[flow.text]
            if auth_flow.text not in program.doors:
                continue
            sign_ins = SignIns(program, auth_flow.text, pool.pool, client.client.require)
            evidence = counted_beside_password(sign_ins, recovery)
            if evidence is not None:
                yield f"{auth_flow.text} of client '{client.name.text}'", flow, evidence


def _found(
    deployment: Deployment,
    pool: PoolDefinition,
    recovery: Recovery,
    where: str,
    flow: Name,
    by: str,
) -> Diagnostic:
    written = (name.span for name in pool.recovery if name.text == recovery.value)
    return Diagnostic(
        NAME,
        f"pool '{pool.name.text}' recovers by {recovery.value}, which flow '{flow.text}' counts as "
        f"'{by}' beside the password ({where}): nobody is sent a code there",
        deployment.definition.source,
        next(written, flow.span),
        hint="name what recovers in its place, `account_recovery: [admin_only]` if nothing does",
        severity=Severity.WARNING,
    )
