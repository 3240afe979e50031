"""GitHub's workflow commands, which become annotations of the lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. What comes
from a file is escaped, so that no file can give a command.
"""

from __future__ import annotations

import os
from typing import Final

import click

from flowengine.cli.checked import Checked
from flowengine.cli.escaping import escaped, shown_name
from flowengine.cli.formats.describing import in_words
from flowengine.cli.report import summary
from flowengine.source import Diagnostic, Severity

_WORKSPACE: Final = "GITHUB_WORKSPACE"
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(checked: Checked) -> None:
    """Print a command for each finding that nobody accepted, then how many there are."""
    for each in checked.open:
        click.echo(_command(each))
    click.echo(summary(checked.open, checked.flows, checked.deployments))


def _command(found: Diagnostic) -> str:
    start = found.source.position(found.span.start)
    end = found.source.position(found.span.end)
    properties = {
        "file": _from_workspace(found.source.name),
        "line": str(start.line),
        "endLine": str(end.line),
        "col": str(start.column),
        "endColumn": str(end.column),
        "title": f"flowengine: {found.rule}",
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = "\n".join(map(escaped, in_words(found).split("\n")))
    return f"::{_COMMANDS[found.severity]} {written}::{_data(lines)}"


def _from_workspace(name: str) -> str:
    """Give the name as GitHub shows it: from the folder of the repository."""
    workspace = os.environ.get(_WORKSPACE)
    if not workspace:
        return shown_name(name)
    path, root = os.path.realpath(name), os.path.realpath(workspace)
    inside = path.startswith(root + os.sep)
    return shown_name(os.path.relpath(path, root) if inside else name)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escaped(text)).replace(":", "%3A").replace(",", "%2C")
