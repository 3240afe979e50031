"""Kinds of mistakes that authors make, each at every place of a flow where it fits.

A mistake is made in the text, at the place of a key or a value: somebody could have saved it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from flowengine.documents import Entry, Mapping, Node, Scalar, Sequence, load
from flowengine.source import SourceText, Span

TARGETS = ("next", "goto", "else", "wrong", "exhausted", "unavailable", "failed", "none")
CONDITIONS = ("when", "needs", "that")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake.

    Attributes:
        text: The whole flow with it.
    """

    kind: str
    place: str
    text: str


class Flow:
    """A flow's text, and where its parts stand."""

    def __init__(self, text: str) -> None:
        document, found = load(SourceText("a.flow.yaml", text))
        assert document is not None, found
        assert isinstance(document.root, Mapping)
        self.text, self.root = text, document.root
        nodes = self.root.get("nodes")
        assert isinstance(nodes, Mapping)
        self.nodes = nodes.entries

    def put(self, span: Span, text: str) -> str:
        return self.text[: span.start] + text + self.text[span.end :]

    def without(self, span: Span) -> str:
        """Drop the lines of a key with its value, or of an item."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", span.end)
        return self.text[:start] + self.text[end + 1 :]

    def added(self, entry: Entry, line: str) -> str:
        """Write one more line at the end of a node."""
        end = self.text.find("\n", entry.value.span.end - 1)
        return f"{self.text[:end]}\n    {line}{self.text[end:]}"

    def success(self) -> str:
        return next(e.key.text for e in self.nodes if _word(e.value, "end") == "success")

    def asking(self) -> Iterator[tuple[Entry, Mapping]]:
        for entry in self.nodes:
            if isinstance(entry.value, Mapping) and entry.value.get("challenge") is not None:
                yield entry, entry.value

    def entries(self, *keys: str) -> Iterator[tuple[str, Entry]]:
        """Give all entries of these keys, wherever they stand, with their nodes' names."""
        yield from (("top", each) for each in _entries(self.root, skip="nodes") if _is(each, keys))
        for node in self.nodes:
            for each in _entries(node.value):
                if _is(each, keys):
                    yield node.key.text, each


def _is(entry: Entry, keys: tuple[str, ...]) -> bool:
    return entry.key.text in keys


def _entries(node: Node, skip: str = "") -> Iterator[Entry]:
    if isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key.text != skip:
                yield entry
                yield from _entries(entry.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _entries(item)


def _word(node: Node | None, key: str) -> str | None:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.text if isinstance(value, Scalar) else None


def _scalars(flow: Flow, *keys: str) -> Iterator[tuple[str, Scalar]]:
    for place, entry in flow.entries(*keys):
        if isinstance(entry.value, Scalar):
            yield f"{place}.{entry.key.text}", entry.value


def _misspelt(word: str) -> str:
    return word[:-1] if len(word) > 2 else word + "x"


def _quoted(condition: str) -> str:
    return "'" + condition.replace("'", "''") + "'"


Made = Iterator[tuple[str, str]]


def misspelt_target(flow: Flow) -> Made:
    for place, value in _scalars(flow, *TARGETS, "start"):
        yield place, flow.put(value.span, _misspelt(value.text))


def misspelt_node(flow: Flow) -> Made:
    for entry in flow.nodes:
        yield entry.key.text, flow.put(entry.key.span, _misspelt(entry.key.text))


def misspelt_challenge(flow: Flow) -> Made:
    for place, value in _scalars(flow, "challenge"):
        yield place, flow.put(value.span, _misspelt(value.text))


def misspelt_key(flow: Flow) -> Made:
    for node in flow.nodes:
        for entry in node.value.entries if isinstance(node.value, Mapping) else ():
            name = f"{node.key.text}.{entry.key.text}"
            yield name, flow.put(entry.key.span, _misspelt(entry.key.text))


def misspelt_literal(flow: Flow) -> Made:
    for place, value in _conditions(flow):
        for found in re.finditer(r'"([^"]{3,})"', value.text):
            text = value.text[: found.start(1)] + _misspelt(found[1]) + value.text[found.end(1) :]
            yield place, flow.put(value.span, _quoted(text))


def misspelt_name(flow: Flow) -> Made:
    for place, value in _conditions(flow):
        for found in re.finditer(r"[a-z_]+\.[a-z_.]+", value.text):
            text = value.text[: found.start()] + _misspelt(found[0]) + value.text[found.end() :]
            yield place, flow.put(value.span, _quoted(text))


def _conditions(flow: Flow) -> Iterator[tuple[str, Scalar]]:
    yield from _scalars(flow, *CONDITIONS)
    yield from _require(flow)
    define = flow.root.get("define")
    for entry in define.entries if isinstance(define, Mapping) else ():
        if isinstance(entry.value, Scalar):
            yield f"define.{entry.key.text}", entry.value


def _require(flow: Flow) -> Iterator[tuple[str, Scalar]]:
    require = flow.root.get("require")
    for index, item in enumerate(require.items if isinstance(require, Sequence) else ()):
        if isinstance(item, Scalar):
            yield f"require.{index}", item


def dropped_next(flow: Flow) -> Made:
    for place, entry in flow.entries("next", "none", "failed"):
        yield place, flow.without(Span(entry.key.span.start, entry.value.span.end))


def dropped_response(flow: Flow) -> Made:
    for entry, node in flow.asking():
        keys = node.get("responses")
        if not isinstance(keys, Sequence):
            continue
        for key in keys.items:
            others = [flow.text[o.span.start : o.span.end] for o in keys.items if o is not key]
            yield entry.key.text, flow.put(keys.span, f"[{', '.join(others)}]")


def unread_response(flow: Flow) -> Made:
    for entry, node in flow.asking():
        keys = node.get("responses")
        if isinstance(keys, Sequence):
            items = [flow.text[o.span.start : o.span.end] for o in keys.items]
            yield entry.key.text, flow.put(keys.span, f"[{', '.join([*items, 'PIN'])}]")


def dropped_else(flow: Flow) -> Made:
    for place, entry in flow.entries("else"):
        yield place, flow.without(Span(entry.key.span.start, entry.value.span.end))


def _branches(flow: Flow) -> Iterator[tuple[str, Sequence]]:
    for place, entry in flow.entries(*TARGETS, "choose"):
        if isinstance(entry.value, Sequence):
            yield place, entry.value


def dropped_branch(flow: Flow) -> Made:
    for place, edge in _branches(flow):
        for item in edge.items[:-1]:
            yield place, flow.without(item.span)


def swapped_targets(flow: Flow) -> Made:
    for place, edge in _branches(flow):
        names = [_target(item) for item in edge.items]
        for one, other in pairwise(names):
            if one and other and one.text != other.text:
                text = flow.put(other.span, one.text)
                yield place, text[: one.span.start] + other.text + text[one.span.end :]


def _target(item: Node) -> Scalar | None:
    value = item.get("goto") or item.get("else") if isinstance(item, Mapping) else None
    return value if isinstance(value, Scalar) else None


def negated_condition(flow: Flow) -> Made:
    for place, value in _scalars(flow, "when"):
        yield place, flow.put(value.span, _quoted(f"!({value.text})"))


def condition_always(flow: Flow) -> Made:
    for place, value in _scalars(flow, "when"):
        yield place, flow.put(value.span, "'true'")


def claim_for_fact(flow: Flow) -> Made:
    for place, value in _scalars(flow, "when"):
        yield place, flow.put(value.span, _quoted(f"({value.text}) && !device.claimed"))


def or_for_and(flow: Flow) -> Made:
    for place, value in _conditions(flow):
        for found in re.finditer("&&", value.text):
            text = f"({value.text[: found.start()]}) || ({value.text[found.end() :]})"
            if text.count("(") == text.count(")"):
                yield place, flow.put(value.span, _quoted(text))


def and_for_or(flow: Flow) -> Made:
    for place, value in _conditions(flow):
        for found in re.finditer(r"\|\|", value.text):
            text = f"({value.text[: found.start()]}) && ({value.text[found.end() :]})"
            yield place, flow.put(value.span, _quoted(text))


def enrolled_for_proved(flow: Flow) -> Made:
    for place, value in _conditions(flow):
        for found in re.finditer(r"proved\.", value.text):
            text = f"{value.text[: found.start()]}enrolled.{value.text[found.end() :]}"
            yield place, flow.put(value.span, _quoted(text))


def dropped_require(flow: Flow) -> Made:
    require = flow.root.entry("require")
    items = require.value.items if require and isinstance(require.value, Sequence) else ()
    if require is not None and len(items) == 1:
        yield "require", flow.without(Span(require.key.span.start, require.value.span.end))
    for index, item in enumerate(items if len(items) > 1 else ()):
        yield f"require.{index}", flow.without(item.span)


def weakened_require(flow: Flow) -> Made:
    for place, value in [*_require(flow), *_scalars(flow, "that")]:
        for way in ("true", "!proved.password", "user.enabled", "device.remembered"):
            yield f"{place} {way}", flow.put(value.span, _quoted(f"{value.text} || {way}"))


def skipped(flow: Flow) -> Made:
    done = flow.success()
    for place, value in _scalars(flow, "next", "goto", "else"):
        if value.text != done:
            yield place, flow.put(value.span, done)


def failure_to_success(flow: Flow) -> Made:
    done = flow.success()
    for entry, node in flow.asking():
        for outcome in ("wrong", "exhausted", "expired", "denied", "unavailable"):
            if node.get(outcome) is None and node.get("offer") is None:
                name = f"{entry.key.text}.{outcome}"
                yield name, flow.added(entry, f"{outcome}: {done}")


def nothing_to_success(flow: Flow) -> Made:
    done = flow.success()
    for place, value in _scalars(flow, "none", "failed"):
        yield place, flow.put(value.span, done)


def refusal_to_success(flow: Flow) -> Made:
    for place, value in _scalars(flow, "end"):
        if value.text == "failure":
            node = next(e for e in flow.nodes if place.startswith(f"{e.key.text}."))
            yield place, flow.put(node.value.span, "end: success")


def second_kind(flow: Flow) -> Made:
    for entry in flow.nodes:
        kind = "choose: [{else: refused}]" if _word(entry.value, "end") else "end: success"
        yield entry.key.text, flow.added(entry, kind)


def written_twice(flow: Flow) -> Made:
    for place, entry in flow.entries("next", "start", "end", "require"):
        text = flow.text[entry.key.span.start : entry.value.span.end]
        column = entry.key.span.start - (flow.text.rfind("\n", 0, entry.key.span.start) + 1)
        at = Span(entry.value.span.end, entry.value.span.end)
        if flow.text[at.end : at.end + 1] == "\n":
            yield place, flow.put(at, f"\n{' ' * column}{text}")


def many_attempts(flow: Flow) -> Made:
    for entry, node in flow.asking():
        written = node.get("attempts")
        if isinstance(written, Scalar):
            yield entry.key.text, flow.put(written.span, "100")
        else:
            yield entry.key.text, flow.added(entry, "attempts: 100")


def long_life(flow: Flow) -> Made:
    for entry, node in flow.asking():
        written = node.get("expires")
        if isinstance(written, Scalar):
            yield entry.key.text, flow.put(written.span, "1h")
        elif node.get("offer") is None:
            yield entry.key.text, flow.added(entry, "expires: 1h")


def moved_start(flow: Flow) -> Made:
    for place, value in _scalars(flow, "start"):
        for entry in flow.nodes:
            if entry.key.text != value.text:
                yield f"{place} {entry.key.text}", flow.put(value.span, entry.key.text)


def orphan(flow: Flow) -> Made:
    node = "  orphan:\n    challenge: SMS_MFA\n    responses: [SMS_MFA_CODE]\n    next: refused\n"
    at = flow.nodes[0].key.span.start - 2
    yield "nodes", flow.put(Span(at, at), node)


def self_loop(flow: Flow) -> Made:
    for entry in flow.nodes:
        for value in (each for _, each in _scalars(flow, "next", "else")):
            if entry.value.span.start <= value.span.start <= entry.value.span.end:
                yield entry.key.text, flow.put(value.span, entry.key.text)


def dropped_needs(flow: Flow) -> Made:
    for place, entry in flow.entries("needs"):
        yield place, flow.without(Span(entry.key.span.start, entry.value.span.end))


def dropped_accept(flow: Flow) -> Made:
    for place, entry in flow.entries("accept"):
        yield place, flow.without(Span(entry.key.span.start, entry.value.span.end))


def dropped_option(flow: Flow) -> Made:
    for place, entry in flow.entries("offer"):
        options = entry.value.items if isinstance(entry.value, Sequence) else ()
        for option in options:
            kept = [o.text for o in options if isinstance(o, Scalar) and o is not option]
            yield place, flow.put(entry.value.span, f"[{', '.join(kept)}]")


def other_evidence(flow: Flow) -> Made:
    for place, value in _scalars(flow, "evidence"):
        yield place, flow.put(value.span, _misspelt(value.text))


def wrong_door(flow: Flow) -> Made:
    entry = flow.root.entry("auth_flows")
    if entry is not None:
        for found in re.finditer(r"[A-Z_]{6,}AUTH", flow.text):
            if entry.value.span.start <= found.start() < entry.value.span.end:
                yield found[0], flow.put(Span(*found.span()), _misspelt(found[0]))


KINDS: tuple[Callable[[Flow], Made], ...] = (
    misspelt_target, misspelt_node, misspelt_challenge, misspelt_key, misspelt_literal,
    misspelt_name, dropped_next, dropped_response, unread_response, dropped_else, dropped_branch,
    swapped_targets, negated_condition, condition_always, claim_for_fact, or_for_and, and_for_or,
    enrolled_for_proved, dropped_require, weakened_require, skipped, failure_to_success,
    nothing_to_success, refusal_to_success, second_kind, written_twice, many_attempts, long_life,
    moved_start, orphan, self_loop, dropped_needs, dropped_accept, dropped_option, other_evidence,
    wrong_door,
)  # fmt: skip


def mistakes(text: str) -> Iterator[Mistake]:
    """Make every mistake at every place where it fits."""
    flow = Flow(text)
    for kind in KINDS:
        name = kind.__name__.replace("_", "-")
        yield from (Mistake(name, place, changed) for place, changed in kind(flow))
