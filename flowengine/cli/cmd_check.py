"""``flowengine check``: is it sound?"""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path())
@click.option("--explain-proof", is_flag=True, help="Say what each proof rests on.")
def check(paths: tuple[str, ...], *, explain_proof: bool) -> int:
    """Check flows and deployments; print what is wrong, where, and what to do about it.

    PATHS are files, folders (searched for *.flow.yaml and flowengine.yaml), or - for a flow on
    standard input. Without any, the present folder is searched. A deployment is checked with
    all its flows; ${NAME} in it needs its environment variables.

    \b
    Examples:
      flowengine check
      flowengine check flows/ deploy/flowengine.yaml
      git show HEAD:flows/login.flow.yaml | flowengine check -

    Exit codes: 0 no error, 1 errors found, 2 nothing to check, 70 our fault.
    """
    from flowengine.cli.checking import check_paths  # noqa: PLC0415 - help comes at once

    return check_paths(paths or (".",), explain=explain_proof)
