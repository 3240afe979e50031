"""Reads the small parts of a flow: names, expressions, edges, calls, response rules.

The tree has passed the schema, so the shapes are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flowengine.documents import Entry, Mapping, Node, Scalar, plain
from flowengine.documents import Sequence as SequenceNode
from flowengine.flow.definition import (
    LONGEST_RESPONSE,
    Acceptance,
    BoundsDefinition,
    BranchDefinition,
    CallDefinition,
    EdgeDefinition,
    Literal,
    Name,
    ResponseRule,
)
from flowengine.flow.durations import parse_duration
from flowengine.source import Excerpt, Span


def read_edge(entry: Entry) -> EdgeDefinition:
    """Read where one outcome leads."""
    if isinstance(entry.value, Scalar):
        return EdgeDefinition((BranchDefinition(None, name_of(entry.value)),), entry.key.span)
    return EdgeDefinition(tuple(_branch(i) for i in items(entry.value)), entry.key.span)


def _branch(item: Node) -> BranchDefinition:
    mapping = mapping_of(item)
    otherwise = mapping.get("else")
    if otherwise is not None:
        return BranchDefinition(None, name_of(otherwise))
    return BranchDefinition(excerpt_of(mapping.get("when")), name_of(mapping.get("goto")))


def read_responses(node: Node | None) -> Iterator[ResponseRule]:
    """Read the keys of an answer: a list, or a map from key to rules."""
    for item in items(node) if isinstance(node, SequenceNode) else ():
        yield _rule(name_of(item))
    for entry in entries(node):
        yield _rule(key_of(entry), entry.value)


def _rule(written: Name, rules: Node | None = None) -> ResponseRule:
    key = written.text.removesuffix("?")
    family = key.endswith(".*")
    mapping = rules if isinstance(rules, Mapping) else None
    get = mapping.get if mapping is not None else lambda _name: None
    pattern, form, longest = get("pattern"), get("format"), integer_of(get("max_length"))
    return ResponseRule(
        key=key.removesuffix("*") if family else key,
        span=written.span,
        family=family,
        optional=written.text.endswith("?") or flag_of(get("optional")),
        pattern=text_of(pattern),
        pattern_span=None if pattern is None else pattern.span,
        form=None if form is None else name_of(form),
        min_length=integer_of(get("min_length")) or 0,
        max_length=longest if longest is not None else LONGEST_RESPONSE,
        enum=tuple(name_of(item).text for item in items(get("enum"))),
        sensitive=flag_of(get("sensitive")),
    )


def read_bounds(mapping: Mapping) -> BoundsDefinition:
    """Read the most that a declared value may be."""
    longest, most = mapping.get("max_length"), mapping.get("max_items")
    return BoundsDefinition(
        None if longest is None else name_of(longest), None if most is None else name_of(most)
    )


def read_call(node: Node | None) -> CallDefinition | None:
    """Read ``{call: name, with: {…}}``; None where nothing is written."""
    if node is None:
        return None
    mapping = mapping_of(node)
    timeout = mapping.get("timeout")
    limit = duration_of(timeout) if timeout is not None else timedelta(seconds=5)
    given = mapping.get("with")
    return CallDefinition(
        name_of(mapping.get("call")), read_arguments(given), limit, places_of(given)
    )


def read_verify(node: Node | None) -> Excerpt | CallDefinition | None:
    """Read how an answer is judged: by an expression or by a call."""
    if isinstance(node, Scalar):
        return node.excerpt
    return read_call(node)


def read_arguments(node: Node | None) -> dict[str, Excerpt | Literal]:
    """Read arguments by name."""
    return {entry.key.text: _argument(entry.value) for entry in entries(node)}


def places_of(node: Node | None) -> dict[str, Span]:
    """Give where each key of a mapping stands."""
    return {entry.key.text: entry.key.span for entry in entries(node)}


def _argument(node: Node) -> Excerpt | Literal:
    """A string is always an expression, ``{value: …}`` always a literal."""
    if isinstance(node, Mapping):
        value = node.get("value")
        return Literal(plain(value)) if value is not None else Literal(None)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.excerpt
    return Literal(plain(node))


def read_accept(mapping: Mapping) -> dict[str, Acceptance]:
    """Read the findings that a node is excused from, with the reasons."""
    return {
        entry.key.text: Acceptance(text_of(entry.value) or "", entry.key.span)
        for entry in entries(mapping.get("accept"))
    }


def mapping_of(node: Node | None) -> Mapping:
    """Give a mapping, which must be one."""
    if not isinstance(node, Mapping):
        raise TypeError("the schema lets only a mapping stand here")
    return node


def entries(node: Node | None) -> tuple[Entry, ...]:
    """Give the entries of a mapping; none of anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def names_of(node: Node | None) -> tuple[Name, ...]:
    """Give the names in a list."""
    return tuple(name_of(item) for item in items(node))


def items(node: Node | None) -> tuple[Node, ...]:
    """Give the items of a list; none of anything else."""
    return node.items if isinstance(node, SequenceNode) else ()


def key_of(entry: Entry) -> Name:
    """Give the key of an entry."""
    return Name(entry.key.text, entry.key.span)


def name_of(node: Node | None) -> Name:
    """Give a scalar as it was written, which it must be."""
    if not isinstance(node, Scalar):
        raise TypeError("the schema lets only a scalar stand here")
    return Name(node.text, node.span)


def text_of(node: Node | None) -> str | None:
    """Give the text of a scalar; None of anything else."""
    return node.text if isinstance(node, Scalar) else None


def excerpt_of(node: Node | None) -> Excerpt:
    """Give an expression, which must be there."""
    if not isinstance(node, Scalar):
        raise TypeError("the schema lets only a scalar stand here")
    return node.excerpt


def maybe_excerpt(node: Node | None) -> Excerpt | None:
    """Give an expression; None where none is written."""
    return node.excerpt if isinstance(node, Scalar) else None


def duration_of(node: Node) -> timedelta:
    """Give a duration."""
    return parse_duration(name_of(node).text)


def flag_of(node: Node | None) -> bool:
    """Say whether ``true`` is written."""
    return isinstance(node, Scalar) and node.value is True


def integer_of(node: Node | None) -> int | None:
    """Give an integer; None of anything else."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
