"""A small deployment that is right, and what is said about it once it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowengine.deployment.definition import Deployment, DeploymentDefinition
from flowengine.deployment.loading import load_deployment, read_definition
from flowengine.source import Diagnostic, SourceText

CLIENT = """      web:
        id: 1example23456789
        auth_flows: {USER_PASSWORD_AUTH: sign-in}
"""
SMALL = f"""pools:
  main:
    id: eu-west-1_Example01
    clients:
{CLIENT}flows: [sign-in.flow.yaml]
sessions: 'memory:'
directory: 'memory:'
"""
FLOW = """flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: done
  done:
    end: success
"""
KEYS = "new:" + "A" * 43 + "=,old:" + "B" * 43 + "="
NOTHING: Mapping[str, str] = {}


def pool(text: str) -> str:
    """Add keys to the pool."""
    return SMALL.replace("    clients:\n", f"    {text}\n    clients:\n")


def client(text: str) -> str:
    """Add keys to the client."""
    return SMALL.replace(CLIENT, f"{CLIENT}        {text}\n")


def store(text: str) -> str:
    """Keep users elsewhere."""
    return SMALL.replace("directory: 'memory:'", f"directory: {text}")


def findings(text: str, environment: Mapping[str, str] = NOTHING) -> list[Diagnostic]:
    return read_definition(SourceText("flowengine.yaml", text), environment)[1]


def rules(text: str, environment: Mapping[str, str] = NOTHING) -> list[tuple[str, str]]:
    """Give the rule of each finding, and the text that its caret stands under."""
    return [(each.rule, spanned(each)) for each in findings(text, environment)]


def spanned(found: Diagnostic) -> str:
    return found.source.text[found.span.start : found.span.end]


def read(text: str, environment: Mapping[str, str] = NOTHING) -> DeploymentDefinition:
    definition, found = read_definition(SourceText("flowengine.yaml", text), environment)
    assert found == []
    assert definition is not None
    return definition


def load(
    folder: Path, text: str = SMALL, environment: Mapping[str, str] = NOTHING, flow: str = FLOW
) -> tuple[Deployment | None, list[Diagnostic]]:
    """Write a deployment and its flow, and load it."""
    (folder / "sign-in.flow.yaml").write_text(flow)
    path = folder / "flowengine.yaml"
    path.write_text(text)
    return load_deployment(path, environment)
