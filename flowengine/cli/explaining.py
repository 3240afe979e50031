"""The work of ``flowengine explain``."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Final

import click

from flowengine import resources
from flowengine.cli.exits import Exit
from flowengine.cli.report import Piece
from flowengine.cli.rule_pages import rule_page
from flowengine.cli.terminal import console, print_line, rich_console
from flowengine.documents import did_you_mean

_GROUPS: Final = (
    "Shape",
    "Data",
    "Keys",
    "Evidence",
    "Branches",
    "Lifetimes",
    "Steps",
    "Deployment",
    "Acceptance",
    "Text",
)
"""In the order in which they are listed; any other follows."""


def explain_rule(name: str) -> int:
    """Print a rule's page: drawn on a terminal, else as the Markdown that it is.

    Raises:
        UsageError: There is no such rule.
    """
    known = resources.rule_names()
    if name not in known:
        hint = did_you_mean(name, sorted(known))
        text = f": {hint}" if hint else "; without a name, all are listed"
        raise click.UsageError(f"there is no rule {click.format_filename(name)}{text}")
    page = resources.rule_page(name)
    if not console().is_terminal:
        click.echo(page, nl=False)
        return Exit.CLEAN
    from rich.markdown import Markdown  # noqa: PLC0415 - slow to import

    rich_console(sys.stdout).print(Markdown(page), soft_wrap=False)
    return Exit.CLEAN


def list_rules() -> int:
    """Print all rules by group, each with its severity and what it finds."""
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name in sorted(resources.rule_names()):
        page = rule_page(name)
        groups[page.group].append((name, page.severity, page.summary))
    to, width = console(), max(map(len, resources.rule_names()))
    for group in sorted(groups, key=_rank):
        print_line([Piece(group, "bold")], to)
        for name, severity, summary in groups[group]:
            pieces = [Piece(f"  {name:{width}}  "), Piece(f"{severity:7}  ", "dim")]
            print_line([*pieces, Piece(summary)], to)
    return Exit.CLEAN


def _rank(group: str) -> tuple[int, str]:
    return (_GROUPS.index(group) if group in _GROUPS else len(_GROUPS), group)
