"""``flowengine serve``: serve it."""

from __future__ import annotations

import click


@click.command(short_help="Serve Amazon Cognito's protocol.")
@click.option(
    "--deployment",
    default="flowengine.yaml",
    show_default=True,
    type=click.Path(),
    help="What to serve.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to listen, instead of the deployment's `listen`; port 0 takes a free one.",
)
@click.option(
    "--dev",
    is_flag=True,
    help="To develop against: in memory, for this machine only; pools and clients may be made.",
)
@click.option("--quiet", is_flag=True, help="Log nothing but what goes wrong.")
@click.pass_context
def serve(
    context: click.Context, deployment: str, listen: str | None, *, dev: bool, quiet: bool
) -> int:
    """Serve the pools of a deployment to the client SDKs that people already ship.

    Ctrl-C or SIGTERM ends what is under way and stops. One line is logged for each request and
    each decision of a flow, to standard error, and no secret is ever in it.

    With --dev it also serves CreateUserPool, CreateUserPoolClient and what undoes them, to whoever
    signs with the key that it prints. It needs no deployment then, keeps nothing, listens on
    loopback alone, and refuses what names another host or comes from a page of another machine.

    \b
    Examples:
      flowengine serve
      flowengine serve --dev
      flowengine serve --deployment deploy/flowengine.yaml --listen 0.0.0.0:9229
    """
    if dev:
        from flowengine.cli.developing import serve_to_develop  # noqa: PLC0415 - the same

        usual = context.get_parameter_source("deployment") is click.core.ParameterSource.DEFAULT
        return serve_to_develop(deployment, listen, optional=usual, quiet=quiet)
    from flowengine.cli.serving import serve_deployment  # noqa: PLC0415 - help comes at once

    return serve_deployment(deployment, listen, quiet=quiet)
