"""Checks a deployment with every rule run over its flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowengine.analysis.checking import check_flow
from flowengine.deployment.definition import Deployment
from flowengine.deployment.loading import load_deployment
from flowengine.source import Diagnostic


def check_deployment(
    path: Path, environment: Mapping[str, str]
) -> tuple[Deployment | None, list[Diagnostic]]:
    """Load a deployment; None when it or one of its flows has an error."""
    return load_deployment(path, environment, check_flow)
