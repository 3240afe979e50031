"""``flowengine explain``: what is a finding about?"""

from __future__ import annotations

import click


@click.command()
@click.argument("rule", required=False)
def explain(rule: str | None) -> int:
    """Print the manual's page of RULE: what it finds, why that is bad, and how it looks.

    A rule is what stands in brackets at the end of a finding. Without one, all are listed. Each
    page names the published incident behind it, where there is one.

    \b
    Examples:
      flowengine explain
      flowengine explain untrusted-shortcut

    Exit codes: 0 printed, 2 there is no such rule.
    """
    from flowengine.cli.explaining import explain_rule, list_rules  # noqa: PLC0415 - help at once

    return list_rules() if rule is None else explain_rule(rule)
