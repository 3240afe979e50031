"""``flowengine users``: the users of a deployment's directory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def _where(command: Command) -> Command:
    """Add what all these commands take: whose directory, and which pool."""
    command = click.option(
        "--pool", help="The pool, by its name; need not be said where there is one."
    )(command)
    return click.option(
        "--deployment",
        default="flowengine.yaml",
        show_default=True,
        type=click.Path(),
        help="The deployment whose directory it is.",
    )(command)


@click.group(short_help="Add users, set their passwords and authenticator apps.")
def users() -> None:
    """Add, change and remove users of a deployment's directory; a server may be running.

    \b
    Examples:
      flowengine users add alice --attribute email=alice@example.com
      flowengine users add bob --temporary
      flowengine users totp alice
      flowengine users password alice
      flowengine users remove bob
    """


_password = click.option(
    "--password",
    help="The password. Others on this machine can read it in the list of processes: without "
    "this option it is asked for, or read from the first line of standard input.",
)
_generate = click.option(
    "--generate", is_flag=True, help="Make a password that fits the pool, and print it."
)
_temporary = click.option(
    "--temporary", is_flag=True, help="The user must choose another at the next sign-in."
)


@users.command("add", short_help="Add a user.")
@click.argument("username")
@_password
@_generate
@_temporary
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=VALUE",
    help="An attribute; may be repeated.",
)
@_where
def add(username: str, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Add USERNAME, who can sign in at once.

    \b
    Examples:
      flowengine users add alice
      flowengine users add bob --generate --temporary
      echo "$PASSWORD" | flowengine users add carol --attribute email=carol@example.com
    """
    from flowengine.cli.managing_users import add_user  # noqa: PLC0415 - help comes at once

    return add_user(username, **options)


@users.command("show", short_help="Show a user's state.")
@click.argument("username")
@_where
def show(username: str, deployment: str, pool: str | None) -> int:
    """Show the state, the attributes and the second factors of USERNAME."""
    from flowengine.cli.managing_users import show_user  # noqa: PLC0415 - help comes at once

    return show_user(username, deployment, pool)


@users.command("password", short_help="Set a user's password.")
@click.argument("username")
@_password
@_generate
@_temporary
@_where
def password(username: str, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Set the password of USERNAME; sign-ins that are under way are refused from now on."""
    from flowengine.cli.managing_users import set_password  # noqa: PLC0415 - help comes at once

    return set_password(username, **options)


@users.command("totp", short_help="Give a user an authenticator app.")
@click.argument("username")
@click.option("--off", is_flag=True, help="Take the authenticator app away.")
@_where
def totp(username: str, deployment: str, pool: str | None, *, off: bool) -> int:
    """Give USERNAME a new authenticator app, and print the secret to put into it.

    It is asked for from the next sign-in on, and replaces the one that was there. Whoever reads
    the secret can make the codes.
    """
    from flowengine.cli.managing_users import set_totp  # noqa: PLC0415 - help comes at once

    return set_totp(username, deployment, pool, off=off)


@users.command("remove", short_help="Remove a user.")
@click.argument("username")
@_where
def remove(username: str, deployment: str, pool: str | None) -> int:
    """Remove USERNAME with all that hangs on it; sign-ins under way are refused."""
    from flowengine.cli.managing_users import remove_user  # noqa: PLC0415 - help comes at once

    return remove_user(username, deployment, pool)
