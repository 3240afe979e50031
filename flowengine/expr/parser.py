"""From text to tree, with lark and the grammar that ships beside the code."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from lark import Token, Tree
from lark.exceptions import UnexpectedInput, UnexpectedToken

from flowengine.errors import ExpressionError
from flowengine.expr.findings import Findings, quoted
from flowengine.expr.reading import build
from flowengine.expr.tables import expression_parser
from flowengine.source import Excerpt, Span

if TYPE_CHECKING:
    from flowengine.expr.tree import Node

LONGEST_TEXT = 4096
"""In code points."""

_SHORT = 256
"""Longer ones are not kept, so that what is kept stays small."""

DEEPEST = 32
"""Levels of operators, calls, selections and brackets inside each other."""

_MEANT = {"=": "==", "&": "&&", "|": "||", "and": "&&", "or": "||", "not": "!"}

_one_at_a_time = Lock()


def parse(text: str | Excerpt) -> Node:
    """Read an expression.

    Raises:
        ExpressionError: With every mistake found, each at its place.
    """
    excerpt = text if isinstance(text, Excerpt) else Excerpt.whole(text)
    findings = Findings(excerpt)
    node = read(excerpt.text, findings)
    if node is None or findings:
        raise ExpressionError(findings.ordered())
    return node


def read(text: str, findings: Findings) -> Node | None:
    """Read an expression, or say in ``findings`` why it cannot be read."""
    node = _sound(text) if len(text) <= _SHORT else None
    return node or _read(text, findings)


@lru_cache(maxsize=1024)
def _sound(text: str) -> Node | None:
    """Read an expression in which nothing is wrong; rules read the same ones again."""
    findings = Findings(Excerpt.whole(text))
    node = _read(text, findings)
    return None if findings else node


def _read(text: str, findings: Findings) -> Node | None:
    if len(text) > LONGEST_TEXT:
        message = f"the expression has {len(text)} characters; at most {LONGEST_TEXT} are allowed"
        findings.add("expression-limit", Span(LONGEST_TEXT, len(text)), message)
        return None
    tree = _tree(text, findings)
    if tree is None or _too_deep(tree, findings):
        return None
    return build(tree, findings)


def _tree(text: str, findings: Findings) -> Tree[Token] | None:
    # Lark fills its lexers at their first use, so neither building nor parsing is shared.
    try:
        with _one_at_a_time:
            return expression_parser().parse(text)
    except UnexpectedInput as mistake:
        _explain(text, mistake, findings)
        return None


def _explain(text: str, mistake: UnexpectedInput, findings: Findings) -> None:
    """Put the place where the text stops making sense into words."""
    start = int(getattr(mistake, "pos_in_stream", None) or 0)
    if isinstance(mistake, UnexpectedToken) and mistake.token.type == "$END":
        end = len(text.rstrip())
        message = "the expression ends too early" if end else "the expression is empty"
        findings.add("expression-syntax", Span(end, end), message)
    elif isinstance(mistake, UnexpectedToken):
        _unexpected(text, Span(start, start + len(mistake.token)), findings)
    else:
        _unexpected(text, Span(start, start + 1), findings)


def _unexpected(text: str, span: Span, findings: Findings) -> None:
    written = text[span.start : span.end]
    if written[0] in "\"'":
        findings.add("expression-syntax", span, "the string is not closed, or does not belong here")
        return
    meant = _MEANT.get(written)
    hint = f"did you mean {meant}?" if meant else None
    findings.add("expression-syntax", span, f"unexpected {quoted(written)}", hint)


def _too_deep(tree: Tree[Token], findings: Findings) -> bool:
    """Measure the nesting without recursion, so that everything after may recurse."""
    waiting = [(tree, 1)]
    while waiting:
        at, depth = waiting.pop()
        if depth > DEEPEST:
            message = f"the expression is nested more than {DEEPEST} levels deep"
            span = Span(at.meta.start_pos, at.meta.end_pos)
            findings.add("expression-limit", span, message)
            return True
        signs = sum(isinstance(child, Token) for child in at.children)
        inside = depth + (signs if at.data == "prefixed" else 1)
        waiting += [(child, inside) for child in at.children if isinstance(child, Tree)]
    return False
