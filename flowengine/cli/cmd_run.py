"""``flowengine run``: play it."""

from __future__ import annotations

from typing import Any

import click


@click.command(short_help="Play a flow in the terminal, without a server.")
@click.argument("file", metavar="FLOW", type=click.Path())
@click.option(
    "--user",
    default="alice",
    show_default=True,
    metavar="NAME",
    help="Who signs in: a user made up for this run.",
)
@click.option("--user-totp", is_flag=True, help="The user has an authenticator app.")
@click.option("--user-email", is_flag=True, help="Codes by e-mail are a second factor of theirs.")
@click.option(
    "--user-sms", is_flag=True, help="Codes by text message are a second factor of theirs."
)
@click.option(
    "--temporary", is_flag=True, help="The password is temporary: status FORCE_CHANGE_PASSWORD."
)
@click.option("--group", "groups", multiple=True, metavar="NAME", help="A group of the user's.")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=VALUE",
    help="An attribute of the user's, beside a verified email and phone_number.",
)
@click.option(
    "--auth-flow", metavar="NAME", help="Which of the flow's auth flows begins; else its first."
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=JSON",
    help="One of the flow's inputs, such as 'score=80' or 'risk={\"score\": 80}'.",
)
@click.option(
    "--earlier",
    multiple=True,
    metavar="NAME=DURATION",
    help="What the user proved in a sign-in before, and how long ago: 'password=5m'. "
    "Only age.NAME sees it. A flow that continues a sign-in has password=0s without it.",
)
@click.option(
    "--metadata",
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of ClientMetadata that the flow declares; sent with every request.",
)
@click.option(
    "--functions",
    multiple=True,
    metavar="MODULE",
    help="A Python module, in this folder or installed, with functions that the flow calls. "
    "It is imported, hence run.",
)
def run(file: str, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Play FLOW here: see what it asks, answer, and see which branches it takes and why.

    Nothing is kept: user, password and keys are made up for this run and end with it, and codes
    that a flow sends are printed. Each question shows the right answer in [brackets] where there
    is one that this command knows; Enter gives it. Answer anything else to see what is refused.

    Answers may come from a pipe, one a line; an empty line is Enter. Options that take a value
    and describe several things (--group, --input, ...) may be repeated.

    \b
    Examples:
      flowengine run sign-in.flow.yaml
      flowengine run sign-in.flow.yaml --user-totp --auth-flow USER_PASSWORD_AUTH
      flowengine run sign-in.flow.yaml --temporary
      flowengine run step-up.flow.yaml --earlier password=5m
      flowengine run two-step.flow.yaml --functions my_backend.auth
      yes '' | flowengine run sign-in.flow.yaml     all the right answers

    Exit codes: 0 signed in, 1 findings, a refused sign-in or too few answers, 2 usage,
    70 our fault.
    """
    from flowengine.cli.playing import play_flow  # noqa: PLC0415 - help comes at once
    from flowengine.cli.staging import Casting  # noqa: PLC0415 - the same

    return play_flow(file, Casting(**options))
