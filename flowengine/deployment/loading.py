"""From a file to a deployment in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from flowengine import documents
from flowengine.deployment.checks import check_clients, check_parts
from flowengine.deployment.definition import Deployment, DeploymentDefinition
from flowengine.deployment.environment import substitute
from flowengine.deployment.findings import Findings
from flowengine.deployment.flow_files import FlowCheck, load_flows
from flowengine.deployment.reader import Reader
from flowengine.documents import schemas
from flowengine.flow.library import Library
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, SourceText

SCHEMA: Final = "deployment.schema.json"

AdapterCheck: TypeAlias = Callable[
    [DeploymentDefinition, Mapping[str, FlowProgram] | None, Findings], None
]
"""Checks what only adapters can read; of the flows it is given None where one has an error."""


def _compile(source: SourceText, library: Library) -> tuple[FlowProgram | None, list[Diagnostic]]:
    return load_source(source, library=library)


def _leave_to_adapters(
    _definition: DeploymentDefinition,
    _flows: Mapping[str, FlowProgram] | None,
    _findings: Findings,
) -> None:
    """Check nothing: an adapter refuses what it cannot read when it is opened."""


def load_deployment(
    path: Path,
    environment: Mapping[str, str],
    check_flow: FlowCheck = _compile,
    check_adapters: AdapterCheck = _leave_to_adapters,
) -> tuple[Deployment | None, list[Diagnostic]]:
    """Read, check and compile a deployment and all its flows.

    Args:
        environment: What ``${NAME}`` stands for; the caller's, never read here.
        check_flow: Compiles a flow; the layer above runs its rules in it.
        check_adapters: Checks where stores, codes and texts are; the layer above has them.

    Returns:
        The deployment, or None when there is an error; and what was found, by place.
    """
    source, unreadable = documents.read(path)
    if source is None:
        return None, unreadable
    definition, found = read_definition(source, environment)
    if definition is None:
        return None, found
    findings = Findings(definition.source)
    channels = [channel.text for channel, _ in definition.delivery]
    flows = load_flows(definition.flows, path.parent, check_flow, channels, findings)
    if flows is not None:
        check_clients(definition, flows, findings)
    check_adapters(definition, flows, findings)
    found = _ordered(_causes([*found, *findings.found]))
    if flows is None or any(each.is_fatal for each in found):
        return None, found
    return Deployment(definition, MappingProxyType(flows)), found


def read_definition(
    source: SourceText, environment: Mapping[str, str]
) -> tuple[DeploymentDefinition | None, list[Diagnostic]]:
    """Read a deployment's text alone, without its flows.

    Returns:
        The definition, or None where the text does not fit the schema, with what was found. It
        is there beside errors that leave its flows worth checking.
    """
    schema = schemas.load(SCHEMA)
    document, found = documents.load_checked(source, schema)
    if document is None or found:
        return None, found
    findings = Findings(document.source)
    definition = Reader(substitute(document, schema, environment, findings), findings).read()
    check_parts(definition, findings)
    return definition, _ordered(_causes(findings.found))


def _causes(found: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out what is only said because a variable of the environment is not there."""
    unset = [each for each in found if each.rule.startswith("env-")]
    return [
        each
        for each in found
        if not (each.rule.endswith("-form") or each.rule.startswith("duplicate-"))
        or not any(_holds(each, cause) for cause in unset)
    ]


def _holds(found: Diagnostic, cause: Diagnostic) -> bool:
    within = found.span.start <= cause.span.start and cause.span.end <= found.span.end
    return within and found.source.name == cause.source.name


def _ordered(found: list[Diagnostic]) -> list[Diagnostic]:
    unique = {(each.rule, each.message, each.source.name, each.span): each for each in found}
    return sorted(unique.values(), key=Diagnostic.sort_key)
