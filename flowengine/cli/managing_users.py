"""The work of ``flowengine users``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import click

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.pool import Pool
from flowengine.assembly.assembling import assemble_blocking
from flowengine.cli.deployments import load, named, pool_of
from flowengine.cli.escaping import escaped
from flowengine.cli.exits import Exit
from flowengine.cli.stdin import at_terminal, next_line
from flowengine.crypto import totp
from flowengine.engine.engine import run
from flowengine.engine.parts import Parts
from flowengine.errors import UnavailableError
from flowengine.operations.admin_create_user import AdminCreateUserRequest, admin_create_user
from flowengine.operations.admin_delete_user import admin_delete_user
from flowengine.operations.admin_get_user import admin_get_user
from flowengine.operations.admin_set_user_password import (
    AdminSetUserPasswordRequest,
    admin_set_user_password,
)
from flowengine.operations.new_passwords import unknown_password
from flowengine.operations.users import account_named, change, new_stamp


@dataclass(frozen=True, slots=True)
class _Place:
    """A pool and the parts of the engine that keeps its users."""

    parts: Parts
    pool: Pool


@contextmanager
def _opened(deployment: str, pool: str | None) -> Iterator[_Place]:
    """Open a deployment's directory.

    Raises:
        UnavailableError: It is in memory, where no other process sees it, or cannot be opened.
    """
    loaded = load(deployment)
    chosen = pool_of(loaded, pool)
    with named(loaded):
        if loaded.definition.directory.text == "memory:":
            raise UnavailableError(
                "the directory is memory: it ends with the process that serves it"
            )
        with closing(assemble_blocking(loaded)) as assembled:
            parts = assembled.engine.parts
            yield _Place(parts, parts.pools[chosen.id])


def add_user(
    username: str,
    *,
    password: str | None,
    generate: bool,
    temporary: bool,
    attributes: tuple[str, ...],
    deployment: str,
    pool: str | None,
) -> int:
    """Add a user, with a password for good unless it is temporary."""
    given = dict(map(_pair, attributes))
    with _opened(deployment, pool) as place:
        chosen = _password(place, username, password, generate=generate)
        # Who runs this tells the password: nothing is sent.
        created = AdminCreateUserRequest(place.pool.id, username, chosen, given, "SUPPRESS")
        user = run(admin_create_user(place.parts, created))
        if not temporary:
            for_good = AdminSetUserPasswordRequest(place.pool.id, username, chosen, permanent=True)
            run(admin_set_user_password(place.parts, for_good))
        click.echo(f"added {escaped(username)} to pool {place.pool.name}")
        if user.username != username:
            click.echo(f"  called {user.username}")
        _tell_password(chosen, generate=generate, temporary=temporary)
    return Exit.CLEAN


def set_password(
    username: str,
    *,
    password: str | None,
    generate: bool,
    temporary: bool,
    deployment: str,
    pool: str | None,
) -> int:
    """Set a user's password."""
    with _opened(deployment, pool) as place:
        run(account_named(place.parts, place.pool, username))  # before a password is asked for
        chosen = _password(place, username, password, generate=generate)
        request = AdminSetUserPasswordRequest(
            place.pool.id, username, chosen, permanent=not temporary
        )
        run(admin_set_user_password(place.parts, request))
        click.echo(f"set the password of {escaped(username)}")
        _tell_password(chosen, generate=generate, temporary=temporary)
    return Exit.CLEAN


def show_user(username: str, deployment: str, pool: str | None) -> int:
    """Print what may be seen of a user."""
    with _opened(deployment, pool) as place:
        user = run(admin_get_user(place.parts, place.pool.id, username))
    enabled = "enabled" if user.enabled else "disabled"
    click.echo(f"{escaped(user.username)}: {user.status.value}, {enabled}")
    click.echo(f"  second factors: {', '.join(user.mfa_methods) or 'none'}")
    for name, value in user.attributes.items():
        click.echo(f"  {escaped(name)}: {escaped(value)}")
    return Exit.CLEAN


def set_totp(username: str, deployment: str, pool: str | None, *, off: bool) -> int:
    """Give a user an authenticator app, or take it away."""
    with _opened(deployment, pool) as place:
        parts = place.parts
        account = run(account_named(parts, place.pool, username))
        factor = None if off else TotpFactor(totp.new_secret(parts.entropy.draw))
        stamp, now = new_stamp(parts), parts.clock.now()

        def with_factor(present: Account) -> Account:
            return replace(present, stamp=stamp, modified_at=now, totp=factor, pending_totp=None)

        run(change(parts, account, with_factor))
    if factor is None:
        click.echo(f"{escaped(account.username)} has no authenticator app any more")
    else:
        _tell_secret(_shown(place.pool, account), factor.secret)
    return Exit.CLEAN


def remove_user(username: str, deployment: str, pool: str | None) -> int:
    """Remove a user."""
    with _opened(deployment, pool) as place:
        run(admin_delete_user(place.parts, place.pool.id, username))
    click.echo(f"removed {escaped(username)}")
    return Exit.CLEAN


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals or not name:
        raise click.UsageError("--attribute takes NAME=VALUE, such as email=alice@example.com")
    return name, value


def _password(place: _Place, username: str, given: str | None, *, generate: bool) -> str:
    if given is not None and generate:
        raise click.UsageError("--generate makes a password, and --password gives one: say one")
    if given is not None:
        return given
    if generate:
        return unknown_password(place.pool.password_policy, place.parts.entropy.draw)
    if not at_terminal():
        return _password_from_pipe()
    asked: str = click.prompt(
        f"Password for {escaped(username)}", hide_input=True, confirmation_prompt=True
    )
    return asked


def _password_from_pipe() -> str:
    try:
        return next_line()
    except EOFError:
        raise click.UsageError("no password came on standard input") from None


def _tell_password(password: str, *, generate: bool, temporary: bool) -> None:
    if generate:
        click.echo(f"  password: {password}")
    if temporary:
        click.echo("  it is temporary: the user chooses another at the next sign-in")


def _shown(pool: Pool, account: Account) -> str:
    """Say by what people know a user: by the address, where one names them."""
    typed = (account.attributes[name] for name in pool.named_by if name in account.attributes)
    return next(typed, account.username)


def _tell_secret(name: str, secret: bytes) -> None:
    lines: Iterable[str] = (
        f"for the authenticator app of {escaped(name)}; it is not shown again:",
        f"  secret: {totp.to_text(secret)}",
        f"  link:   {totp.link(secret, name)}",
    )
    for line in lines:
        click.echo(line)
