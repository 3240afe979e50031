"""``flowengine graph``: draw it."""

from __future__ import annotations

import click


@click.command()
@click.argument("file", type=click.Path())
def graph(file: str) -> int:
    """Print FILE, a flow, as a Mermaid state diagram (- for standard input).

    GitHub, GitLab and many editors draw Mermaid in a Markdown block.

    \b
    Examples:
      flowengine graph login.flow.yaml
      flowengine graph login.flow.yaml > login.mmd
    """
    from flowengine.cli.graphing import print_graph  # noqa: PLC0415 - help comes at once

    return print_graph(file)
