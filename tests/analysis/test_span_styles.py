"""Golden findings once more, with the scalar they are in written otherwise: the same token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Styles
from typing import Final

import pytest

from flowengine.analysis.checking import check_source
from flowengine.documents import Mapping, Node, Scalar, Sequence, load
from flowengine.flow.loading import beside
from flowengine.source import Diagnostic, SourceText
from tests.analysis import manual

_DEEP: Final = " " * 24  # deeper than any parent of a value
_FLOW_FILES: Final = sorted(
    rule for rule in manual.names() if (manual.GOLDEN / rule / "bad.flow.yaml").exists()
)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    return '"' + "".join(c if c.isalnum() or c in "_." else f"\\x{ord(c):02x}" for c in text) + '"'


def _literal(text: str) -> str:
    return f"|-\n{_DEEP}{text}"


def _folded(text: str) -> str:
    return f">-\n{_DEEP}" + text.replace(" && ", f"\n{_DEEP}&& ").replace(" || ", f"\n{_DEEP}|| ")


QUOTED: Final[Styles[str, Callable[[str], str]]] = {
    "single": _single,
    "double": _double,
    "escaped": _escaped,
}
BLOCKS: Final[Styles[str, Callable[[str], str]]] = {"literal": _literal, "folded": _folded}


def scalars(node: Node, text: str, *, bare: bool = True) -> Iterator[tuple[Scalar, bool]]:
    """Give every scalar, and whether it may be written as a block: no key, and in no brackets."""
    match node:
        case Scalar():
            yield node, bare
        case Mapping():
            bare = bare and not text.startswith("{", node.span.start)
            for entry in node.entries:
                yield entry.key, False
                yield from scalars(entry.value, text, bare=bare)
        case Sequence():
            bare = bare and not text.startswith("[", node.span.start)
            for item in node.items:
                yield from scalars(item, text, bare=bare)


def under(found: Diagnostic) -> str:
    """Give what stands under a span, as it is meant."""
    text = found.source.text[found.span.start : found.span.end]
    text = re.sub(r"\\x([0-9a-f]{2})", lambda each: chr(int(each[1], 16)), text)
    text = re.sub(r"\s*\n\s*", " ", text.replace('\\"', '"').replace("''", "'"))
    return re.sub(r"^(?:[|>]-\s*)?(['\"]?)(.*)\1$", r"\2", text)


def written_otherwise(found: Diagnostic) -> Iterator[tuple[str, str]]:
    """Give the text of a finding with its scalar in every style that it can have."""
    text = found.source.text
    document, _ = load(found.source)
    for scalar, block in scalars(document.root, text) if document else ():
        inside = scalar.span.start <= found.span.start and found.span.end <= scalar.span.end
        if not inside or not isinstance(scalar.value, str) or "\n" in scalar.text:
            continue
        for name, style in {**QUOTED, **(BLOCKS if block else {})}.items():
            yield name, text[: scalar.span.start] + style(scalar.text) + text[scalar.span.end :]


def check_as(text: str, rule: str) -> list[Diagnostic]:
    source = SourceText("bad.flow.yaml", text)
    found = check_source(source, beside(manual.example(rule, "bad")))
    return [each for each in found if each.rule == rule]


@pytest.mark.parametrize("rule", _FLOW_FILES)
def test_the_same_token_is_under_a_span_in_every_style(rule: str) -> None:
    text = manual.example(rule, "bad").read_bytes().decode(errors="replace")
    for each in check_as(text, rule):
        for style, changed in written_otherwise(each):
            again = [under(found) for found in check_as(changed, rule)]
            assert under(each) in again, (style, under(each), again, changed)


def test_nearly_every_rule_is_about_a_scalar_that_can_be_written_otherwise() -> None:
    tried = 0
    for rule in _FLOW_FILES:
        text = manual.example(rule, "bad").read_bytes().decode(errors="replace")
        tried += any(any(written_otherwise(each)) for each in check_as(text, rule))
    assert tried > 0.8 * len(_FLOW_FILES)
