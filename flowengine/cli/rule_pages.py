"""What the manual's page of a rule says first: its group, its severity and what it finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flowengine import resources

_HEAD: Final = re.compile(
    r"^\*(?P<group>\w+), (?P<severity>\w+)\.\* (?P<summary>.*?)\n\n", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class RulePage:
    """One page.

    Attributes:
        text: All of it, as Markdown.
    """

    group: str
    severity: str
    summary: str
    text: str


def rule_page(name: str) -> RulePage:
    """Read the page of a rule that has one."""
    text = resources.rule_page(name)
    head = _HEAD.search(text)
    if head is None:
        raise ValueError(f"the page of {name} does not say what it is")
    return RulePage(head["group"], head["severity"], " ".join(head["summary"].split()), text)
