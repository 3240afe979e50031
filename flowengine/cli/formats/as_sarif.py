"""SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; sections are named where they
decide something.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import click

from flowengine import resources
from flowengine.cli.checked import Checked
from flowengine.cli.formats.describing import fingerprints, in_words, version
from flowengine.cli.rule_pages import rule_page
from flowengine.source import Diagnostic, Edit, Severity, SourceText, Span

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT: Final = "flowengineFinding/v1"

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def write(checked: Checked) -> None:
    """Print one SARIF log, in ASCII."""
    click.echo(json.dumps(log(checked), indent=2))


def log(checked: Checked) -> dict[str, Any]:
    """Describe what was checked as one run."""
    rules = sorted({each.rule for each in checked.found})
    marks = fingerprints(checked.found)
    run = {
        "tool": {
            "driver": {
                "name": "flowengine",
                "semanticVersion": version(),
                "rules": [_rule(name) for name in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "artifacts": [{"location": _location(name)} for name in checked.files],
        "results": [_result(*each, rules) for each in zip(checked.found, marks, strict=True)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    """Describe a rule by its page of the manual, where it has one."""
    if name not in resources.rule_names():
        return {"id": name}
    page = rule_page(name)
    return {
        "id": name,
        "shortDescription": {"text": page.summary},
        "help": {"text": page.text, "markdown": page.text},
    }


def _result(found: Diagnostic, fingerprint: str, rules: Sequence[str]) -> dict[str, Any]:
    place = {
        "artifactLocation": _location(found.source.name),
        "region": _region(found.source, found.span),
    }
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": rules.index(found.rule),
        "level": _LEVELS[found.severity],
        "message": {"text": in_words(found)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        # Present and empty says that it was asked and is not suppressed (section 3.27.23).
        "suppressions": [],
    }
    if found.suppression is not None:
        accepted = {"kind": "inSource", "status": "accepted", "justification": found.suppression}
        result["suppressions"] = [accepted]
    if found.fix is not None:
        result["fixes"] = [_fix(found, found.fix)]
    return result


def _location(name: str) -> dict[str, str]:
    """Give a file's address: relative ones are so to the folder that was checked from."""
    return {"uri": ("file://" if os.path.isabs(name) else "") + quote(os.fsencode(name))}  # noqa: PTH117 - a name need not be a path


def _region(source: SourceText, span: Span) -> dict[str, int]:
    """Give a region whose end is past its last character (section 3.30.8)."""
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(found: Diagnostic, edit: Edit) -> dict[str, Any]:
    change = {
        "deletedRegion": _region(found.source, edit.span),
        "insertedContent": {"text": edit.text},
    }
    location = _location(found.source.name)
    return {"artifactChanges": [{"artifactLocation": location, "replacements": [change]}]}
