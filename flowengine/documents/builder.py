"""From events to a tree, refusing what a flow may not use, with a stack of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import yaml

from flowengine.documents import events, faults, wording
from flowengine.documents.offsets import Style
from flowengine.documents.scalars import resolve
from flowengine.documents.tabs import first_stray_tab
from flowengine.documents.tree import Entry, Mapping, Node, Scalar, Sequence
from flowengine.source import Diagnostic, SourceText, Span

NODE_LIMIT: Final = 100_000
FAULT_LIMIT: Final = 20
"""Faults after which a file is read no further."""

_STYLES: Final = {
    "'": Style.SINGLE_QUOTED,
    '"': Style.DOUBLE_QUOTED,
    "|": Style.LITERAL,
    ">": Style.FOLDED,
}
_BLOCKS: Final = frozenset({Style.LITERAL, Style.FOLDED})
_TIGHT_COLONS: Final = frozenset(":" + bracket for bracket in ",[]{}")
_HEADER: Final = re.compile(r"[|>][-+1-9]*(#?)[^\r\n]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PROPERTY: Final = re.compile(r"[^\s,\[\]{}]*")


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet.

    Attributes:
        key: In a mapping, the key that waits for its value.
        bad_key: That key cannot be kept; its value is read and dropped.
    """

    start: int
    end: int
    column: int
    is_mapping: bool
    is_flow: bool
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    keys: dict[str, Span] = field(default_factory=dict)
    key: Scalar | None = None
    bad_key: bool = False

    @property
    def waits_for_key(self) -> bool:
        return self.is_mapping and self.key is None and not self.bad_key


class TreeBuilder:
    """Takes one event after another; ``root`` is the tree once no fault was found.

    Attributes:
        root: The tree, or None before its end.
        faults: What was refused so far.
        stopped: Nothing more needs to be read.
    """

    def __init__(self, source: SourceText, shift: int) -> None:
        """Begin a tree; ``shift`` is added to every offset of the parser."""
        self.root: Node | None = None
        self.faults: list[Diagnostic] = []
        self.stopped = False
        self._source = source
        self._shift = shift
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._anchored = False
        self._texts: list[Span] = []

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        place = events.place(event)
        span = Span(place.start + self._shift, place.end + self._shift)
        match event:
            case yaml.DocumentStartEvent():
                self._document(span)
            case yaml.AliasEvent():
                self._anchor(span)
                self._add(self._nothing(span))
            case yaml.ScalarEvent():
                self._scalar(event, span)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._start(event, span)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end(span)
            case _:
                pass

    def finish(self) -> None:
        """Refuse what can be told only once all is read."""
        if (tab := first_stray_tab(self._source.text, self._texts)) is not None:
            self._refuse(faults.tab(self._source, tab))

    def _refuse(self, fault: Diagnostic, *, stop: bool = False) -> None:
        self.faults.append(fault)
        self.stopped = self.stopped or stop or len(self.faults) >= FAULT_LIMIT

    def _document(self, span: Span) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(faults.more_documents(self._source, span), stop=True)

    def _count(self, span: Span) -> None:
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            self._refuse(faults.too_many(self._source, span, NODE_LIMIT), stop=True)

    def _properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, span: Span) -> None:
        """Refuse the tag and the anchor that stand before a node."""
        if event.anchor is not None:
            self._anchor(span)
        if event.tag is not None:
            self._prefixed(faults.tag, span)

    def _anchor(self, span: Span) -> None:
        """Refuse the first anchor or alias; the others say nothing new."""
        if not self._anchored:
            self._anchored = True
            self._prefixed(faults.anchor, span)

    def _prefixed(
        self, fault: Callable[[SourceText, Span, str | None, str], Diagnostic], span: Span
    ) -> None:
        found = _PROPERTY.match(self._source.text, span.start)
        written = found.group() if found else ""
        place = Span(span.start, span.start + len(written))
        key = self._open[-1].key if self._open else None
        self._refuse(fault(self._source, place, key.text if key else None, written))

    def _scalar(self, event: yaml.ScalarEvent, span: Span) -> None:
        self._count(span)
        self._properties(event, span)
        style = _STYLES.get(event.style or "", Style.PLAIN)
        span = self._exact(span, style)
        if _SURROGATE.search(event.value):
            fault = "an escape does not name a character"
            self._refuse(Diagnostic("yaml-syntax", fault, self._source, span))
        if style is Style.PLAIN and "?" in event.value and self._open and self._open[-1].is_flow:
            self._refuse(faults.bare_question_mark(self._source, span))
        is_plain = style is Style.PLAIN and event.tag is None
        value = self._resolved(event.value, span) if is_plain else event.value
        self._add(Scalar(value, event.value, span, style, self._source, self._outer_column()))

    def _exact(self, span: Span, style: Style) -> Span:
        """Correct the marks where the parsers do not agree, or go past the scalar's end."""
        text = self._source.text
        if style in _BLOCKS:
            span = Span(span.start, span.start + len(text[span.start : span.end].rstrip()))
            header = _HEADER.match(text, span.start)
            end = header.end() if header else span.start
            if header is not None and header.group(1):
                place = Span(header.start(1), header.end(1))
                self._refuse(faults.block_header(self._source, place))
            self._texts.append(Span(min(end, span.end), span.end))
        elif style is not Style.PLAIN:
            self._texts.append(span)
        elif span.start == span.end and self._open and (key := self._open[-1].key) is not None:
            after = text.find(":", key.span.end, span.start) + 1 or key.span.end
            span = Span(after, after)
        return span

    def _resolved(self, text: str, span: Span) -> bool | int | float | str | None:
        try:
            return resolve(text)
        except OverflowError:
            self._refuse(faults.number_range(self._source, span))
            return text

    def _outer_column(self) -> int:
        return next((outer.column for outer in reversed(self._open) if not outer.is_flow), -1)

    def _column(self, offset: int) -> int:
        line_start = max(self._source.text.rfind("\n", 0, offset) + 1, self._shift)
        return offset - line_start

    def _nothing(self, span: Span) -> Scalar:
        return Scalar(None, "", span, Style.PLAIN, self._source)

    def _start(self, event: yaml.CollectionStartEvent, span: Span) -> None:
        self._count(span)
        self._properties(event, span)
        if len(self._open) >= events.DEPTH_LIMIT:
            self._refuse(faults.too_deep(self._source, span, events.DEPTH_LIMIT), stop=True)
        self._open.append(
            _Open(
                start=span.start,
                end=span.end,
                column=-1 if event.flow_style else self._column(span.start),
                is_mapping=isinstance(event, yaml.MappingStartEvent),
                is_flow=bool(event.flow_style),
            )
        )

    def _end(self, span: Span) -> None:
        """Close a collection; a block has no end of its own, so its last part's is taken."""
        opened = self._open.pop()
        place = Span(opened.start, span.end if span.end > span.start else opened.end)
        if opened.is_mapping:
            self._add(Mapping(tuple(opened.entries), place))
        else:
            self._add(Sequence(tuple(opened.items), place))

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        around.end = max(around.end, node.span.end)
        if not around.is_mapping:
            around.items.append(node)
        elif around.waits_for_key:
            self._key(around, node)
        else:
            if around.key is not None and not around.bad_key:
                around.entries.append(Entry(around.key, node))
            around.key, around.bad_key = None, False

    def _key(self, around: _Open, node: Node) -> None:
        fault = self._key_fault(around, node)
        if fault is not None:
            self._refuse(fault)
        around.bad_key = fault is not None
        if isinstance(node, Scalar):
            around.key = node
            around.keys.setdefault(node.text, node.span)

    def _key_fault(self, around: _Open, node: Node) -> Diagnostic | None:
        if not isinstance(node, Scalar):
            return faults.complex_key(self._source, node.span)
        if node.text == "<<" and node.style is Style.PLAIN:
            return faults.merge_key(self._source, node.span)
        colon = self._source.text[node.span.end : node.span.end + 2]
        if around.is_flow and node.style is Style.PLAIN and colon in _TIGHT_COLONS:
            return faults.tight_colon(self._source, Span(node.span.end, node.span.end + 1))
        if not isinstance(node.value, str):
            kind = wording.found_type(node.value)
            return faults.other_key(self._source, node.span, kind, node.text)
        if (first := around.keys.get(node.text)) is not None:
            return faults.duplicate_key(self._source, first, node.span, node.text)
        return None
