"""``flowengine test``: does it do what it should?"""

from __future__ import annotations

from typing import Any

import click


@click.command(short_help="Play the scenarios of flows.")
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path())
@click.option("-v", "--verbose", is_flag=True, help="A line for each scenario.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How results are printed; json has the coverage too.",
)
@click.option("--junit", type=click.Path(), metavar="FILE", help="Also write JUnit's XML there.")
@click.option(
    "--coverage",
    type=click.Choice(["text", "json", "mermaid"]),
    help="What was covered: below the results, or, as json and mermaid, alone on standard output "
    "while the results go to standard error.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Fail where less is covered, of nodes, edges and guard outcomes together.",
)
@click.option("--watch", is_flag=True, help="Play again whenever a file changes; Ctrl-C stops.")
def test(paths: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401 - click's options
    """Play the scenarios of flows against the real engine; say what came otherwise, and why.

    PATHS are *.flowtest.yaml files, or folders that are searched for them; without any, the present
    folder. Clock, randomness, users, codes that are sent and functions are simulated: nothing
    of a deployment is read, no code of a backend runs.

    Coverage counts the nodes that a sign-in came to, the edges that one took (those that
    `flowengine graph` draws), and whether each condition came out both true and false. Of a flow in
    a folder of PATHS that no scenario plays, nothing is covered.

    \b
    Examples:
      flowengine test
      flowengine test flows/ --coverage text --fail-under 95
      flowengine test login.flowtest.yaml --coverage mermaid > login.mmd
      flowengine test --junit report.xml

    Exit codes: 0 all passed, 1 one failed, too little is covered or watching was stopped, 2 nothing
    to play, 70 our fault.
    """
    from flowengine.cli.testing import Options, test_paths  # noqa: PLC0415 - help comes at once

    return test_paths(paths or (".",), Options(**options))
