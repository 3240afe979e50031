"""The work of ``flowengine schema``."""

from __future__ import annotations

import click

from flowengine import resources
from flowengine.cli.escaping import shown_path
from flowengine.cli.exits import Exit


def print_schema(name: str) -> int:
    """Print a schema that ships.

    Raises:
        UsageError: There is none of this name.
    """
    known = resources.schemas()
    if name not in known:
        shown = shown_path(name)
        raise click.UsageError(f"there is no schema {shown}; there are {', '.join(known)}")
    click.echo(known[name].removesuffix("\n"))
    return Exit.CLEAN
