"""What must agree between the parts of a deployment, and between it and its flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flowengine.accounts.pool import FunctionInput
from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS
from flowengine.crypto.keyring import Keyring
from flowengine.deployment.definition import (
    ClientDefinition,
    DeploymentDefinition,
    PoolDefinition,
)
from flowengine.deployment.findings import Findings
from flowengine.deployment.values import is_loopback
from flowengine.errors import KeyringError
from flowengine.expr import BOOL
from flowengine.flow.definition import Name
from flowengine.flow.program import ChallengeNode, FlowProgram

_WEB_AUTHN: Final = "WEB_AUTHN"


def check_parts(definition: DeploymentDefinition, findings: Findings) -> None:
    """Check what needs no flow: names that must be unique, and the keys."""
    _check_unique(definition, findings)
    _check_admin(definition, findings)
    _check_keys(definition, findings)


def check_clients(
    definition: DeploymentDefinition, flows: Mapping[str, FlowProgram], findings: Findings
) -> None:
    """Check every client against the flows that it runs."""
    for pool, client in _clients(definition):
        for auth_flow, flow in client.auth_flows:
            program = flows.get(flow.text)
            if program is None:
                findings.unknown("unknown-flow", "flow", flow, flows)
                continue
            _check_door(program, auth_flow, findings)
            _check_expiry(program, client, flow, findings)
            _check_inputs(program, client, flow, findings)
            _check_inputs_of_nobody(program, client, auth_flow, findings)
            _check_require(program, client, findings)
            _check_passkeys(program, pool, flow, findings)
            _check_triggers(program, pool, flow, findings)
        _check_inputs_known(client, flows, findings)
    for pool in definition.pools:
        _check_levels(pool, flows, findings)


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


def _check_inputs(
    program: FlowProgram, client: ClientDefinition, flow: Name, findings: Findings
) -> None:
    """Check that a client gives what a flow needs, and literals of the declared type."""
    given = {each.name.text: each for each in client.inputs}
    for name, declared in program.inputs.items():
        written = given.get(name)
        if written is None and declared.required:
            findings.error(
                "input-missing",
                f"flow '{program.name}' needs the input '{name}', which client "
                f"'{client.name.text}' does not give",
                flow.span,
                hint=f"write it under the client's inputs, `inputs: {{{name}: my_backend:{name}}}`"
                ", or give it a default in the flow",
            )
        if written is None or isinstance(written.input, FunctionInput):
            continue
        if not declared.takes(written.input.value):
            message = (
                f"this is not of the type that flow '{program.name}' declares for the input "
                f"'{name}'"
            )
            findings.error("input-type", message, written.span)


def _check_inputs_of_nobody(
    program: FlowProgram, client: ClientDefinition, auth_flow: Name, findings: Findings
) -> None:
    """Refuse a function of the user where the sign-in begins before anyone is named."""
    door = program.doors.get(auth_flow.text)
    if door is None or door.names_user:
        return
    for written in client.inputs:
        if written.name.text in program.inputs and isinstance(written.input, FunctionInput):
            findings.error(
                "input-of-nobody",
                f"the input '{written.name.text}' is a function of the user, and {auth_flow.text} "
                f"of flow '{program.name}' begins before anyone is named",
                written.span,
                hint="call a function by a node behind the one that names the user",
            )


def _check_inputs_known(
    client: ClientDefinition, flows: Mapping[str, FlowProgram], findings: Findings
) -> None:
    """Refuse an input that no flow of the client declares, once all of them are there."""
    names = {flow.text for _, flow in client.auth_flows}
    if not names <= flows.keys():
        return
    known = {each for name in names for each in flows[name].inputs}
    for written in client.inputs:
        if written.name.text not in known:
            findings.unknown("unknown-input", "input", written.name, known)


def _check_passkeys(
    program: FlowProgram, pool: PoolDefinition, flow: Name, findings: Findings
) -> None:
    """Refuse a flow that asks for passkeys of a pool where nobody can have one."""
    if pool.pool.passkeys is not None:
        return
    for node in program.nodes.values():
        if isinstance(node, ChallengeNode) and node.kind.facts.name == _WEB_AUTHN:
            findings.error(
                "passkeys-missing",
                f"node '{node.name}' of flow '{program.name}' asks for a passkey, and pool "
                f"'{pool.name.text}' has no passkeys",
                flow.span,
                hint="say for whom they are made: `passkeys: {relying_party: example.com, "
                "origins: ['https://example.com']}`",
            )


def _check_levels(
    pool: PoolDefinition, flows: Mapping[str, FlowProgram], findings: Findings
) -> None:
    """Refuse a name of a level that no client's flow has, and one that two levels would have."""
    run = {flow.text for client in pool.clients for _, flow in client.auth_flows}
    levels = {level for name in sorted(run & flows.keys()) for level in flows[name].levels}
    called: dict[str, str] = {level: level for level in levels - pool.pool.acr.keys()}
    for level, value in pool.acr:
        if level.text not in levels:
            findings.unknown("unknown-level", "level", level, sorted(levels))
        other = called.setdefault(value.text, level.text)
        if other != level.text:
            findings.error(
                "duplicate-level",
                f"tokens would say of '{level.text}' what they say of '{other}'",
                value.span,
            )


def _check_triggers(
    program: FlowProgram, pool: PoolDefinition, flow: Name, findings: Findings
) -> None:
    """Refuse a flow that calls triggers which its client's pool does not have."""
    given = {trigger.text for trigger, _ in pool.triggers}
    for name in CUSTOM_AUTH_TRIGGERS:
        if name in program.functions and name not in given:
            findings.error(
                "trigger-missing",
                f"flow '{program.name}' calls '{name}', and pool '{pool.name.text}' has no such "
                "trigger",
                flow.span,
                hint=f"name it under the pool: `triggers: {{{name}: my_backend.auth:handler}}`",
            )


def _check_require(program: FlowProgram, client: ClientDefinition, findings: Findings) -> None:
    """Check the client's conditions in the scope of a flow that it runs."""
    for condition in client.require:
        _, found = program.environment.check(condition, BOOL)
        findings.found.extend(found)
