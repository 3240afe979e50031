"""JSON for programs; docs/CHECK-JSON.md promises what stays as it is."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from flowengine.cli.checked import Checked
from flowengine.cli.escaping import shown_name
from flowengine.cli.formats.describing import fingerprints, version
from flowengine.source import Diagnostic, Severity, SourceText

FORMAT: Final = 1


def write(checked: Checked) -> None:
    """Print one JSON object, in ASCII."""
    click.echo(json.dumps(document(checked), indent=2))


def document(checked: Checked) -> dict[str, Any]:
    """Describe what was checked."""
    marks = fingerprints(checked.found)
    return {
        "format": FORMAT,
        "tool": {"name": "flowengine", "version": version()},
        "failed": checked.failed,
        "summary": _summary(checked),
        "files": [shown_name(name) for name in checked.files],
        "findings": [_finding(*each) for each in zip(checked.found, marks, strict=True)],
    }


def _summary(checked: Checked) -> dict[str, int]:
    counts = {
        f"{severity.value}s": sum(each.severity is severity for each in checked.open)
        for severity in Severity
    }
    return {
        "flows": checked.flows,
        "deployments": checked.deployments,
        **counts,
        "suppressed": checked.suppressed,
        "fixed": checked.fixed,
        "known_good": checked.known_good,
    }


def _finding(found: Diagnostic, fingerprint: str) -> dict[str, Any]:
    return {
        "file": shown_name(found.source.name),
        "rule": found.rule,
        "severity": found.severity.value,
        "message": found.message,
        "hint": found.hint,
        "notes": list(found.notes),
        "start": _place(found.source, found.span.start),
        "end": _place(found.source, found.span.end),
        "fingerprint": fingerprint,
        "suppression": found.suppression,
        "fixable": found.fix is not None,
    }


def _place(source: SourceText, offset: int) -> dict[str, int]:
    place = source.position(offset)
    return {"line": place.line, "column": place.column}
