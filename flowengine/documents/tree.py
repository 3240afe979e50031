"""What a YAML file says, each part with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from flowengine.documents.offsets import Style, decode
from flowengine.source import Excerpt, SourceText, Span

Value: TypeAlias = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar.

    Attributes:
        value: What it means under YAML 1.2's core schema; an int has 64 bits.
        text: What it says once quotes, escapes and folding are undone; the value itself
            when that is a string.
        span: Its place, quotes and block header included, trailing blank lines not.
        style: How it was written.
        source: The text it stands in.
        outer_column: The column, from 0, of the block collection around it; -1 for none. An
            indentation indicator counts from there.
    """

    value: Value = field(repr=False)  # a file may hold secrets: a deployment's does
    text: str = field(repr=False)
    span: Span
    style: Style
    source: SourceText = field(repr=False, compare=False)
    outer_column: int = field(default=-1, repr=False, compare=False)

    @property
    def excerpt(self) -> Excerpt:
        """The text with the place of each of its characters; worked out when asked for."""
        text, offsets = decode(self.source.text, self.span, self.style, self.outer_column)
        return Excerpt(text, self.source, offsets)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in block or in flow style; ``span`` ends with its last item or bracket."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, which is always a string, and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping in the order it was written; no two keys are the same text."""

    entries: tuple[Entry, ...]
    span: Span
    _by_name: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {entry.key.text: entry for entry in self.entries})

    def entry(self, name: str) -> Entry | None:
        """Find an entry by its key."""
        return self._by_name.get(name)

    def get(self, name: str) -> Node | None:
        """Find a value by its key."""
        entry = self._by_name.get(name)
        return entry.value if entry is not None else None


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """A file that holds one YAML document."""

    source: SourceText
    root: Node


def plain(node: Node) -> object:
    """Turn a tree into dicts, lists and scalars; depth is bounded by the loader."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case _:
            assert_never(node)


def scalars(node: Node) -> Iterator[Scalar]:
    """Visit every scalar of a tree in the order it was written, keys included."""
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for entry in node.entries:
                yield entry.key
                yield from scalars(entry.value)
        case _:
            assert_never(node)
