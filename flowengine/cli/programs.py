"""Loads the flow that a command works on."""

from __future__ import annotations

import sys

from flowengine.cli.sources import read_source
from flowengine.cli.terminal import console, print_report
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram


def load_program(file: str) -> FlowProgram | None:
    """Compile a flow; where it does not compile, print why to standard error."""
    source, found = read_source(file)
    program = None
    if source is not None:
        program, found = load_source(source)
    if program is None:
        print_report(found, console(sys.stderr))
    return program
