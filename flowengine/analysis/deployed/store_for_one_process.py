"""Sign-ins that one process keeps for itself, beside a directory that several share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity

NAME: Final = "store-for-one-process"

_ALONE: Final = ("memory:", "sqlite:")
_SHARED: Final = ("postgresql:", "postgres:", "postgresql+")


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find sessions in memory or in a file where the directory is a database server."""
    definition = deployment.definition
    alone = definition.sessions.text.lower().startswith(_ALONE)
    if alone and definition.directory.text.lower().startswith(_SHARED):
        yield Diagnostic(
            NAME,
            "these sign-ins are known to one process only, and the directory is made for several",
            definition.source,
            definition.sessions.span,
            hint="keep sessions in PostgreSQL or Valkey: a second process would refuse every "
            "answer, and count tries by itself",
            severity=Severity.WARNING,
        )
