"""Loads the flow that a command works on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowengine.cli.escaping import shown_path
from flowengine.cli.reading import library_of, read_source
from flowengine.cli.sources import STDIN, is_deployment, is_folder, is_there
from flowengine.cli.terminal import console, print_report
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram


def load_program(file: str) -> FlowProgram | None:
    """Compile a flow; where it does not compile, print why to standard error.

    Raises:
        UsageError: The file is not there, or cannot be a flow.
    """
    if file != STDIN:
        check_is_file(file)
    source, found = read_source(file)
    program = None
    if source is not None:
        program, found = load_source(source, library=library_of(file))
    if program is None:
        print_report(found, console(sys.stderr))
    return program


def check_is_file(file: str) -> None:
    """See that there is a file that can be a flow.

    Raises:
        UsageError: There is none.
    """
    name = shown_path(file)
    if not is_there(file):
        raise click.UsageError(f"there is no file {name}")
    if is_folder(file):
        raise click.UsageError(f"{name} is a folder: name one of its flows")
    if is_deployment(Path(file)):
        raise click.UsageError(f"{name} is a deployment: name one of its flows")
