"""``flowengine schema``: what editors complete from."""

from __future__ import annotations

import click


@click.command()
@click.argument("name", metavar="NAME")
def schema(name: str) -> int:
    """Print a JSON Schema: of flow, scenario or deployment files, or of what check prints as JSON.

    Editors with the YAML language server complete keys and explain them from a schema that a
    file's first line names.

    \b
    Examples:
      flowengine schema flow > flow.schema.json
      then, as the first line of a flow:
      # yaml-language-server: $schema=flow.schema.json
    """
    from flowengine.cli.schemas import print_schema  # noqa: PLC0415 - help comes at once

    return print_schema(name)
