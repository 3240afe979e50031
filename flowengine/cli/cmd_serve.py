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
@click.option("--quiet", is_flag=True, help="Log nothing but what goes wrong.")
def serve(deployment: str, listen: str | None, *, quiet: bool) -> int:
    """Serve the pools of a deployment to the client SDKs that people already ship.

    Ctrl-C or SIGTERM ends what is under way and stops. One line is logged for each request and
    each decision of a flow, to standard error, and no secret is ever in it.

    \b
    Examples:
      flowengine serve
      flowengine serve --deployment deploy/flowengine.yaml --listen 0.0.0.0:9229
    """
    from flowengine.cli.serving import serve_deployment  # noqa: PLC0415 - help comes at once

    return serve_deployment(deployment, listen, quiet=quiet)
