"""What must agree between the parts of a deployment, and between it and its flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowengine.crypto.keyring import Keyring
from flowengine.deployment.definition import (
    ClientDefinition,
    DeploymentDefinition,
    PoolDefinition,
)
from flowengine.deployment.findings import Findings
from flowengine.deployment.values import is_loopback
from flowengine.errors import KeyringError
from flowengine.expr import BOOL, Environment
from flowengine.flow.definition import Name
from flowengine.flow.program import ChallengeNode, FlowProgram


def check_parts(definition: DeploymentDefinition, findings: Findings) -> None:
    """Check what needs no flow: names that must be unique, and the keys."""
    _check_unique(definition, findings)
    _check_admin(definition, findings)
    _check_keys(definition, findings)


def check_clients(
    definition: DeploymentDefinition, flows: Mapping[str, FlowProgram], findings: Findings
) -> None:
    """Check every client against the flows that it runs."""
    for _, client in _clients(definition):
        for auth_flow, flow in client.auth_flows:
            program = flows.get(flow.text)
            if program is None:
                findings.unknown("unknown-flow", "flow", flow, flows)
                continue
            _check_door(program, auth_flow, findings)
            _check_expiry(program, client, flow, findings)
            _check_inputs(program, flow, findings)
            _check_require(program, client, findings)


def _clients(
    definition: DeploymentDefinition,
) -> Iterator[tuple[PoolDefinition, ClientDefinition]]:
    for pool in definition.pools:
        for client in pool.clients:
            yield pool, client


def _check_unique(definition: DeploymentDefinition, findings: Findings) -> None:
    pools: dict[str, str] = {}
    for pool in definition.pools:
        other = pools.setdefault(pool.id.text, pool.name.text)
        if other != pool.name.text:
            message = f"pool '{other}' has this id already"
            findings.error("duplicate-pool", message, pool.id.span)
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for pool, client in _clients(definition):
        name = client.name.text
        where = f"{name}' of pool '{pool.name.text}"
        other = ids.setdefault(client.client.id, where)
        if other != where:
            findings.error("duplicate-client", f"client '{other}' has this id", client.id_span)
        other = names.setdefault(name, pool.name.text)
        if other != pool.name.text:
            message = f"pool '{other}' has a client '{name}' already"
            hint = "records of sign-ins name their client: give it a name of its own"
            findings.error("duplicate-client", message, client.name.span, hint)


def _check_admin(definition: DeploymentDefinition, findings: Findings) -> None:
    seen: set[str] = set()
    for key in definition.admin:
        if key.id in seen:
            message = "another access key has this id: only one of their secrets would be good"
            findings.error("duplicate-admin-key", message, key.span)
        seen.add(key.id)


def _check_keys(definition: DeploymentDefinition, findings: Findings) -> None:
    keys = definition.keys
    if keys is not None:
        try:
            Keyring.parse(keys.text)
        except KeyringError as error:
            findings.error("keys-form", str(error), keys.span)
        return
    hint = "set keys: ${FLOWENGINE_KEYS}; `flowengine keys` makes one"
    if definition.directory.text.startswith("postgres"):
        message = "a directory in PostgreSQL needs keys, the same for every process"
        findings.error("keys-missing", message, definition.directory.span, hint)
    elif not is_loopback(definition.listen.host):
        message = "keys are made on first start only where nothing but this machine can connect"
        findings.error("keys-missing", message, definition.directory.span, hint)


def _check_door(program: FlowProgram, auth_flow: Name, findings: Findings) -> None:
    if auth_flow.text in program.doors:
        return
    offered = ", ".join(program.doors) or "none: only other flows may use it"
    findings.error(
        "auth-flow-not-offered",
        f"flow '{program.name}' cannot be started by {auth_flow.text}",
        auth_flow.span,
        hint=f"its auth_flows are {offered}",
    )


def _check_expiry(
    program: FlowProgram, client: ClientDefinition, flow: Name, findings: Findings
) -> None:
    """Refuse a code that would outlive the Session it is answered with."""
    validity = client.client.session_validity
    for node in program.nodes.values():
        if not isinstance(node, ChallengeNode) or node.expires is None or node.expires <= validity:
            continue
        findings.error(
            "expires-too-long",
            f"node '{node.name}' of flow '{program.name}' expires later than the sessions of "
            f"client '{client.name.text}', which end after {validity.total_seconds():g}s",
            flow.span,
            hint="raise session_validity (15m at most), or lower the node's `expires`",
        )


def _check_inputs(program: FlowProgram, flow: Name, findings: Findings) -> None:
    for name, declared in program.inputs.items():
        if declared.required:
            findings.error(
                "input-missing",
                f"flow '{program.name}' needs the input '{name}', which no client can give "
                "in this version",
                flow.span,
                hint="give the input a default, or embed the engine and pass it there",
            )


def _check_require(program: FlowProgram, client: ClientDefinition, findings: Findings) -> None:
    """Check the client's conditions in the scope of a flow that it runs."""
    environment = Environment(program.variables).with_definitions(program.definitions)
    for condition in client.require:
        _, found = environment.check(condition, BOOL)
        findings.found.extend(found)
