"""What several formats say in the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from importlib import metadata
from typing import Final

from flowengine.cli.escaping import shown_name
from flowengine.source import Diagnostic

_LENGTH: Final = 32


def version() -> str:
    """Give the version of the package."""
    return metadata.version("flowengine")


def fingerprints(found: Iterable[Diagnostic]) -> list[str]:
    """Give what tells each finding from the others, and stays when lines above it come or go.

    It is made of the rule, the file's name, the line's text and, where several are alike in
    all of that, their order.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    made = []
    for each in found:
        line = each.source.line(each.source.position(each.span.start).line).strip()
        alike = (each.rule, shown_name(each.source.name), line)
        text = "\0".join((*alike, str(seen[alike])))
        seen[alike] += 1
        made.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH])
    return made


def in_words(finding: Diagnostic) -> str:
    """Give the message, what shows it, and the hint, a line each."""
    hint = () if finding.hint is None else (f"hint: {finding.hint}",)
    return "\n".join((finding.message, *finding.notes, *hint))
