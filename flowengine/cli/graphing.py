"""The work of ``flowengine graph``."""

from __future__ import annotations

import click

from flowengine.cli.escaping import escaped
from flowengine.cli.exits import Exit
from flowengine.cli.programs import load_program
from flowengine.flow.graph import mermaid


def print_graph(file: str) -> int:
    """Print the diagram of a flow that compiles, whether or not its rules hold."""
    program = load_program(file)
    if program is None:
        return Exit.FINDINGS
    for line in mermaid(program).removesuffix("\n").split("\n"):
        click.echo(escaped(line))
    return Exit.CLEAN
