"""From a checked tree to a definition: what was written, with places, and nothing more.

The tree has passed the schema, so its shapes are known. What this version cannot run is
refused here by name: a construct that would be ignored could be a factor that is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flowengine.documents import Document, Entry, Mapping, Node, Scalar, plain
from flowengine.documents import Sequence as SequenceNode
from flowengine.flow.definition import (
    LONGEST_RESPONSE,
    AuthFlowDefinition,
    BranchDefinition,
    CallDefinition,
    ChallengeDefinition,
    ChooseDefinition,
    DeliverDefinition,
    EdgeDefinition,
    EndDefinition,
    FlowDefinition,
    InputDefinition,
    Literal,
    Name,
    NodeDefinition,
    OfferDefinition,
    RequireDefinition,
    ResendDefinition,
    ResponseRule,
    SwitchDefinition,
)
from flowengine.flow.durations import parse_duration
from flowengine.source import Diagnostic, Excerpt, SourceText, Span

OUTCOME_KEYS = ("next", "wrong", "exhausted", "expired", "denied", "unavailable")
NOT_RUN_YET = {
    "": ("functions", "vars"),
    "challenge": ("poll",),
    "auth_flow": ("names_user", "continues"),
    "node": ("call", "flow"),
}
"""Keys of the format that this version refuses, by where they stand."""


class Reader:
    """Reads one document; collects what it has to say on the way."""

    def __init__(self, document: Document) -> None:
        """Begin; nothing is read yet."""
        self._source = document.source
        self._root = _mapping(document.root)
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> FlowDefinition:
        """Read the whole flow."""
        root = self._root
        self._refuse(root, NOT_RUN_YET[""])
        return FlowDefinition(
            source=self._source,
            name=_name(root.get("flow")),
            version=_integer(root.get("version")) or 1,
            summary=_text(root.get("summary")),
            auth_flows=tuple(self._auth_flows(root.get("auth_flows"))),
            inputs=tuple(_inputs(root.get("inputs"))),
            metadata=tuple(_responses(root.get("metadata"))),
            evidence={e.key.text: _name(e.value) for e in _entries(root.get("evidence"))},
            define=tuple((_key(e), _excerpt(e.value)) for e in _entries(root.get("define"))),
            require=tuple(_require(item) for item in _items(root.get("require"))),
            start=_name(root.get("start")),
            nodes=tuple(self._nodes(root.get("nodes"))),
        )

    def _refuse(self, mapping: Mapping, keys: Sequence[str]) -> None:
        for key in keys:
            entry = mapping.entry(key)
            if entry is not None:
                self.diagnostics.append(not_run_yet(self._source, key, entry.key.span))

    def _auth_flows(self, node: Node | None) -> Iterator[AuthFlowDefinition]:
        for item in _items(node) if isinstance(node, SequenceNode) else ():
            yield AuthFlowDefinition(_name(item))
        for entry in _entries(node):
            if not isinstance(entry.value, Mapping):
                yield AuthFlowDefinition(_key(entry))
                continue
            self._refuse(entry.value, NOT_RUN_YET["auth_flow"])
            start = entry.value.get("start")
            parameters = entry.value.get("parameters")
            yield AuthFlowDefinition(
                _key(entry),
                _name(start) if start is not None else None,
                tuple(_responses(parameters)) if parameters is not None else None,
                _names(entry.value.get("inline")),
            )

    def _nodes(self, node: Node | None) -> Iterator[NodeDefinition]:
        for entry in _entries(node):
            mapping = _mapping(entry.value)
            if mapping.get("offer") is not None:
                yield _offer(_key(entry), mapping)
            elif mapping.get("challenge") is not None:
                self._refuse(mapping, NOT_RUN_YET["challenge"])
                yield self._challenge(_key(entry), mapping)
            elif mapping.entry("choose") is not None:
                yield _choose(_key(entry), mapping)
            elif mapping.get("end") is not None:
                yield _end(_key(entry), mapping)
            else:
                self._refuse(mapping, NOT_RUN_YET["node"])

    def _challenge(self, name: Name, mapping: Mapping) -> ChallengeDefinition:
        expires = mapping.get("expires")
        evidence = mapping.get("evidence")
        return ChallengeDefinition(
            name=name,
            challenge=_name(mapping.get("challenge")),
            responses=tuple(_responses(mapping.get("responses"))),
            edges={
                key: _edge(entry)
                for key in OUTCOME_KEYS
                if (entry := mapping.entry(key)) is not None
            },
            attempts=_integer(mapping.get("attempts")),
            expires=_duration(expires) if expires is not None else None,
            needs=_maybe_excerpt(mapping.get("needs")),
            create=_call(mapping.get("create")),
            parameters=_arguments(mapping.get("parameters")),
            verify=_verify(mapping.get("verify")),
            evidence=_name(evidence) if evidence is not None else None,
            deliver=_deliver(mapping.get("deliver")),
            resend=_resend(mapping.get("resend")),
            switch=_switch(mapping.get("switch")),
            accept=_accept(mapping),
        )


def not_run_yet(source: SourceText, key: str, span: Span) -> Diagnostic:
    """Refuse a construct that the format has and this version does not run."""
    return Diagnostic(
        "not-run-yet",
        f"'{key}' is not run by this version of flowengine",
        source,
        span,
        hint="it is refused, since a flow that ignored it could skip what it asks for",
    )


def _offer(name: Name, mapping: Mapping) -> OfferDefinition:
    challenge, none = mapping.get("challenge"), mapping.entry("none")
    if none is None:
        raise TypeError("an offer says where it leads when there is nothing to offer")
    return OfferDefinition(
        name=name,
        offer=_names(mapping.get("offer")),
        challenge=_name(challenge) if challenge is not None else None,
        none=_edge(none),
        prefer=_maybe_excerpt(mapping.get("prefer")),
        inline=_names(mapping.get("inline")),
        attempts=_integer(mapping.get("attempts")),
        needs=_maybe_excerpt(mapping.get("needs")),
        accept=_accept(mapping),
    )


def _deliver(node: Node | None) -> DeliverDefinition | None:
    if node is None:
        return None
    mapping = _mapping(node)
    return DeliverDefinition(_name(mapping.get("channel")), _text(mapping.get("template")))


def _resend(node: Node | None) -> ResendDefinition | None:
    if node is None:
        return None
    mapping = _mapping(node)
    every = parse_duration(_name(mapping.get("every")).text)
    return ResendDefinition(_name(mapping.get("key")), _integer(mapping.get("times")) or 1, every)


def _switch(node: Node | None) -> SwitchDefinition | None:
    if node is None:
        return None
    mapping = _mapping(node)
    return SwitchDefinition(_name(mapping.get("key")), _names(mapping.get("to")))


def _choose(name: Name, mapping: Mapping) -> ChooseDefinition:
    entry = mapping.entry("choose")
    if entry is None:
        raise TypeError("a decision has branches")
    return ChooseDefinition(
        name, _edge(entry), _maybe_excerpt(mapping.get("needs")), _accept(mapping)
    )


def _end(name: Name, mapping: Mapping) -> EndDefinition:
    error, level = mapping.get("error"), mapping.get("level")
    return EndDefinition(
        name=name,
        success=_name(mapping.get("end")).text == "success",
        error=_name(error) if error is not None else None,
        message=_text(mapping.get("message")),
        level=_name(level) if level is not None else None,
        grants=mapping.get("grants") is None,
        needs=_maybe_excerpt(mapping.get("needs")),
        accept=_accept(mapping),
    )


def _edge(entry: Entry) -> EdgeDefinition:
    if isinstance(entry.value, Scalar):
        return EdgeDefinition((BranchDefinition(None, _name(entry.value)),), entry.key.span)
    return EdgeDefinition(tuple(_branch(i) for i in _items(entry.value)), entry.key.span)


def _branch(item: Node) -> BranchDefinition:
    mapping = _mapping(item)
    otherwise = mapping.get("else")
    if otherwise is not None:
        return BranchDefinition(None, _name(otherwise))
    return BranchDefinition(_excerpt(mapping.get("when")), _name(mapping.get("goto")))


def _responses(node: Node | None) -> Iterator[ResponseRule]:
    for item in _items(node) if isinstance(node, SequenceNode) else ():
        yield _rule(_name(item))
    for entry in _entries(node):
        yield _rule(_key(entry), entry.value)


def _rule(written: Name, rules: Node | None = None) -> ResponseRule:
    key = written.text.removesuffix("?")
    family = key.endswith(".*")
    mapping = rules if isinstance(rules, Mapping) else None
    get = mapping.get if mapping is not None else lambda _name: None
    longest = _integer(get("max_length"))
    return ResponseRule(
        key=key.removesuffix("*") if family else key,
        span=written.span,
        family=family,
        optional=written.text.endswith("?") or _flag(get("optional")),
        pattern=_text(get("pattern")),
        min_length=_integer(get("min_length")) or 0,
        max_length=longest if longest is not None else LONGEST_RESPONSE,
        enum=tuple(_name(item).text for item in _items(get("enum"))),
        sensitive=_flag(get("sensitive")),
    )


def _inputs(node: Node | None) -> Iterator[InputDefinition]:
    for entry in _entries(node):
        mapping = _mapping(entry.value)
        written = mapping.entry("type")
        if written is None:
            raise TypeError("an input has a type")
        default = mapping.get("default")
        yield InputDefinition(
            _key(entry),
            plain(written.value),
            written.value.span,
            Literal(plain(default)) if default is not None else None,
        )


def _require(item: Node) -> RequireDefinition:
    if isinstance(item, Scalar):
        return RequireDefinition(item.excerpt)
    mapping = _mapping(item)
    return RequireDefinition(_excerpt(mapping.get("that")), _text(mapping.get("because")))


def _call(node: Node | None) -> CallDefinition | None:
    if node is None:
        return None
    mapping = _mapping(node)
    timeout = mapping.get("timeout")
    limit = _duration(timeout) if timeout is not None else timedelta(seconds=5)
    return CallDefinition(_name(mapping.get("call")), _arguments(mapping.get("with")), limit)


def _verify(node: Node | None) -> Excerpt | CallDefinition | None:
    if isinstance(node, Scalar):
        return node.excerpt
    return _call(node)


def _arguments(node: Node | None) -> dict[str, Excerpt | Literal]:
    return {entry.key.text: _argument(entry.value) for entry in _entries(node)}


def _argument(node: Node) -> Excerpt | Literal:
    """A string is always an expression, ``{value: …}`` always a literal."""
    if isinstance(node, Mapping):
        value = node.get("value")
        return Literal(plain(value)) if value is not None else Literal(None)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.excerpt
    return Literal(plain(node))


def _accept(mapping: Mapping) -> dict[str, str]:
    return {entry.key.text: _text(entry.value) or "" for entry in _entries(mapping.get("accept"))}


def _mapping(node: Node | None) -> Mapping:
    if not isinstance(node, Mapping):
        raise TypeError("the schema lets only a mapping stand here")
    return node


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()


def _names(node: Node | None) -> tuple[Name, ...]:
    return tuple(_name(item) for item in _items(node))


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, SequenceNode) else ()


def _key(entry: Entry) -> Name:
    return Name(entry.key.text, entry.key.span)


def _name(node: Node | None) -> Name:
    if not isinstance(node, Scalar):
        raise TypeError("the schema lets only a scalar stand here")
    return Name(node.text, node.span)


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _excerpt(node: Node | None) -> Excerpt:
    if not isinstance(node, Scalar):
        raise TypeError("the schema lets only a scalar stand here")
    return node.excerpt


def _maybe_excerpt(node: Node | None) -> Excerpt | None:
    return node.excerpt if isinstance(node, Scalar) else None


def _duration(node: Node) -> timedelta:
    return parse_duration(_name(node).text)


def _flag(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


def _integer(node: Node | None) -> int | None:
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
