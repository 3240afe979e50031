"""Checks a deployment as far as nothing has to be opened, imported or connected for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from flowengine.analysis.checking import Prover, check_flow
from flowengine.analysis.deployed.rules import DEPLOYMENT_RULES
from flowengine.analysis.proof.claims import Replayer
from flowengine.analysis.proof.deployed import check_deployed
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.suppressing import suppressed
from flowengine.assembly.deliveries import sent_by, texts_of
from flowengine.delivery import urls as deliveries
from flowengine.delivery.texts import BUILT_IN, Key
from flowengine.delivery.urls import SmtpPlace
from flowengine.deployment.definition import Deployment, DeploymentDefinition, Setting
from flowengine.deployment.findings import Findings
from flowengine.deployment.loading import load_deployment
from flowengine.errors import InvalidDocumentError, UnavailableError
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic
from flowengine.stores import urls as stores


def check_deployment(
    path: Path,
    environment: Mapping[str, str],
    replayer: Replayer | None = None,
    prove: Prover = FlowProof,
) -> tuple[Deployment | None, list[Diagnostic]]:
    """Load a deployment, with every rule run over its flows; None when there is an error.

    Args:
        replayer: Plays counter-examples before they are told, where there is one; those of what
            clients and pools demand.
        prove: Makes the proof of each flow.
    """
    check = partial(check_flow, prove=prove)
    deployment, found = load_deployment(path, environment, check, check_adapters)
    if deployment is None:
        return None, found
    definition = deployment.definition
    told = [each for rule in DEPLOYMENT_RULES for each in rule.check(deployment)]
    told += check_deployed(definition, deployment.flows, replayer)
    ordered = sorted([*found, *suppressed(definition.source, told)], key=Diagnostic.sort_key)
    return (None if any(each.is_fatal for each in ordered) else deployment), ordered


def check_adapters(
    definition: DeploymentDefinition, flows: Mapping[str, FlowProgram] | None, findings: Findings
) -> None:
    """Check where stores are and codes go, in the adapters' own words; the texts."""
    _check_stores(definition, findings)
    for channel, where in definition.delivery:
        _check_place(channel.text, where, findings)
    if flows is not None:
        _check_texts(definition, flows, findings)


def _check_stores(definition: DeploymentDefinition, findings: Findings) -> None:
    for written, read in (
        (definition.sessions, stores.parse_sign_ins),
        (definition.directory, stores.parse),
    ):
        try:
            read(written.text)
        except UnavailableError as error:
            findings.error("store-form", str(error), written.span)


def _check_place(channel: str, written: Setting, findings: Findings) -> None:
    try:
        place = deliveries.parse(channel, written.text)
    except UnavailableError as error:
        findings.error("delivery-form", str(error), written.span)
        return
    if isinstance(place, SmtpPlace) and not place.sender:
        message = "the URL of a mail server must say whom the mail is from"
        hint = "add it: smtp://…?from=codes@example.com"
        findings.error("delivery-sender", message, written.span, hint)


def _check_texts(
    definition: DeploymentDefinition, flows: Mapping[str, FlowProgram], findings: Findings
) -> None:
    messages = definition.messages
    if not definition.delivery:
        if messages is not None:
            message = "there are texts, and no delivery that sends them"
            findings.error("messages-unused", message, messages.span)
        return
    if messages is None:
        _check_built_in(definition, set(sent_by(definition, flows)), findings)
        return
    try:
        texts_of(definition, flows)
    except InvalidDocumentError as error:
        findings.found.extend(error.diagnostics)


def _check_built_in(definition: DeploymentDefinition, sent: set[Key], findings: Findings) -> None:
    for channel, _ in definition.delivery:
        missing = {purpose for purpose, by in sent - BUILT_IN.keys() if by == channel.text}
        for purpose in sorted(missing):
            message = f"a flow sends '{purpose}' by {channel.text}, and there is no such text"
            hint = f"name a folder under messages, with a file {purpose}.{channel.text}.txt"
            findings.error("text-missing", message, channel.span, hint)
