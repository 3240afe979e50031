"""All commands."""

from __future__ import annotations

import click

from flowengine.cli.cmd_check import check
from flowengine.cli.cmd_explain import explain
from flowengine.cli.cmd_expr import expr
from flowengine.cli.cmd_graph import graph
from flowengine.cli.cmd_keys import keys
from flowengine.cli.cmd_new import new
from flowengine.cli.cmd_run import run
from flowengine.cli.cmd_schema import schema
from flowengine.cli.cmd_serve import serve
from flowengine.cli.cmd_test import test
from flowengine.cli.cmd_users import users


class Ordered(click.Group):
    """A group that lists its commands in the order in which they are of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names as they were added."""
        return list(self.commands)


def _version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value and not context.resilient_parsing:
        from importlib import metadata  # noqa: PLC0415 - slow to import

        click.echo(f"flowengine {metadata.version('flowengine')}")
        context.exit()


@click.group(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Print the version and exit.",
)
def flowengine() -> None:
    """Sign-in flows as data: write one in YAML, check it, play it, serve it.

    \b
    A first sign-in, in five commands:
      flowengine new login              writes login.flow.yaml and login.flowtest.yaml
      flowengine check                  says whether it is sound
      flowengine test                   plays its scenarios
      flowengine graph login.flow.yaml  draws it
      flowengine run login.flow.yaml    plays it, here in the terminal

    \b
    Serving Amazon Cognito's protocol:
      flowengine new --template deployment
      flowengine users add alice
      flowengine serve

    Exit codes: 0 clean, 1 findings or a refused sign-in, 2 usage, 70 our fault.
    """


for _command in (new, check, explain, test, graph, expr, run, schema, serve, users, keys):
    flowengine.add_command(_command)
