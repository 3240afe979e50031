"""What a rule over a deployment is, and how what it finds is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic


class DeploymentRule(Protocol):
    """A module of this package with these two members."""

    @property
    def NAME(self) -> str:  # noqa: N802 - modules are rules, and theirs is a constant
        """The name that findings carry in brackets."""

    def check(self, deployment: Deployment) -> Iterator[Diagnostic]:
        """Find what is wrong with a deployment that has no error; no value is ever repeated."""
