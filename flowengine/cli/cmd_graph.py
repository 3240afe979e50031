"""``flowengine graph``: draw it."""

from __future__ import annotations

import click

FORMATS = ("mermaid", "dot", "svg", "png")


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Mermaid unless said, or as the output's name ends. SVG and PNG need flowengine[graph].",
)
@click.option("-o", "--output", type=click.Path(), help="Write a file instead of printing.")
@click.option(
    "--path",
    metavar="NODE,NODE,...",
    help="Mark the way through these nodes, each led to from the one before it.",
)
@click.option(
    "--counterexample",
    is_flag=True,
    help="Mark the way of the first sign-in that breaks a promise of the flow.",
)
def graph(
    file: str,
    form: str | None,
    output: str | None,
    path: str | None,
    counterexample: bool,  # noqa: FBT001 - click's signature
) -> int:
    """Draw FILE, a flow (- for standard input), as Mermaid, DOT, SVG or PNG.

    Conditions stand on the arrows; outcomes that refuse or ask again are left out unless the path
    takes them. GitHub, GitLab and many editors draw Mermaid in a Markdown block.

    \b
    Examples:
      flowengine graph login.flow.yaml
      flowengine graph login.flow.yaml -o login.svg
      flowengine graph login.flow.yaml --path password,totp,done -o login.png
      flowengine graph login.flow.yaml --counterexample -o hole.svg
    """
    from flowengine.cli.graphing import print_graph  # noqa: PLC0415 - help comes at once

    if path and counterexample:
        raise click.UsageError("--counterexample marks a way: leave out --path")
    names = [name.strip() for name in path.split(",")] if path else []
    return print_graph(file, form, None if counterexample else names, output)
