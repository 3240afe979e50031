"""``flowengine expr``: evaluate a condition and explain it."""

from __future__ import annotations

import click


@click.command()
@click.argument("text")
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME:TYPE=VALUE",
    help="A variable, its type in CEL's spelling, and its value as a CEL literal.",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="PATH=NUMBER",
    help="The most characters, elements or entries at a path; [] is what is in a list or map.",
)
def expr(text: str, variables: tuple[str, ...], sizes: tuple[str, ...]) -> int:
    """Evaluate TEXT, an expression, and show its type, its variables and every part's value.

    \b
    Examples:
      flowengine expr 'score < 20' --var score:int=7
      flowengine expr '"staff" in groups' --var 'groups:list(string)=["staff"]' --size groups=20
    """
    from flowengine.cli.evaluating import explain  # noqa: PLC0415 - help comes at once

    return explain(text, variables, sizes)
