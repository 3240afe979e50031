"""PyYAML's events, from the C parser where there is one; the composer is never used.

The C composer recurses and can be crashed by depth; the parsers below keep their own stack.
Both count marks in code points; neither sees a byte order mark, which the loader cuts off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import yaml

from flowengine.source import Span

Parser: TypeAlias = Any
"""One of PyYAML's loader classes: its stubs give them no common type."""

PURE_PARSER: Final[Parser] = yaml.Loader
C_PARSER: Final[Parser | None] = getattr(yaml, "CLoader", None)
FASTEST_PARSER: Final[Parser] = C_PARSER or PURE_PARSER
DEPTH_LIMIT: Final = 32
"""Lists and mappings within one another; libyaml's scanner has a limit of its own at 1,000."""


class UnreadableError(Exception):
    """The text is not YAML; carries what the parser said, for choosing our words.

    Attributes:
        problem: The parser's words, never shown.
        offset: Where it stopped.
        context: What it was reading then, in its words; may be empty.
        context_offset: Where that began, or None.
    """

    def __init__(
        self, problem: str, offset: int, context: str = "", context_offset: int | None = None
    ) -> None:
        super().__init__("not YAML")
        self.problem = problem
        self.offset = offset
        self.context = context
        self.context_offset = context_offset


def parse(text: str, parser: Parser) -> Iterator[yaml.Event]:
    """Read events one by one; whoever stops early has read no further.

    Raises:
        UnreadableError: The text is not YAML.
    """
    last_end = 0
    try:
        for event in yaml.parse(text, Loader=parser):
            last_end = place(event).end
            yield event
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error, last_end) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # The pure parser hands an escape beyond Unicode to chr(), which raises.
        raise UnreadableError("found invalid Unicode character escape code", last_end) from None


def place(event: yaml.Event) -> Span:
    """Give an event's place; every event of a parser has its marks."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:  # pragma: no cover - only events made by hand lack them
        return Span(0, 0)
    return Span(start.index, end.index)


def _unreadable(error: yaml.MarkedYAMLError, last_end: int) -> UnreadableError:
    mark, context_mark = error.problem_mark, error.context_mark
    return UnreadableError(
        str(error.problem or ""),
        mark.index if mark is not None else last_end,
        str(error.context or ""),
        context_mark.index if context_mark is not None else None,
    )
