"""``flowengine new``: write a file to begin with."""

from __future__ import annotations

import click

TEMPLATES = ("password-totp", "sign-in", "lambda-triggers", "deployment")


@click.command()
@click.argument("path", required=False, type=click.Path())
@click.option(
    "--template",
    type=click.Choice(TEMPLATES),
    default=TEMPLATES[0],
    show_default=True,
    help="What to write: a flow of three nodes, a whole sign-in, Cognito's custom authentication "
    "with its Lambda triggers, or a server's flowengine.yaml.",
)
def new(path: str | None, template: str) -> int:
    """Write a flow, or a deployment, that passes `flowengine check`; comments say how to go on.

    PATH is the file to write, the ending .flow.yaml may be left out. Nothing is overwritten.

    \b
    Examples:
      flowengine new                          password-totp.flow.yaml
      flowengine new login                    login.flow.yaml
      flowengine new --template deployment    flowengine.yaml and sign-in.flow.yaml
    """
    from flowengine.cli.templates import write_template  # noqa: PLC0415 - help comes at once

    return write_template(path, template)
