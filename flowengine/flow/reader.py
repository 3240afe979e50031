"""From a checked tree to a definition: what was written, with places, and nothing more.

The tree has passed the schema, so its shapes are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowengine.documents import Document, Mapping, Node, Scalar, Sequence, plain
from flowengine.flow.definition import (
    AuthFlowDefinition,
    CallNodeDefinition,
    ChallengeDefinition,
    ChooseDefinition,
    DeliverDefinition,
    EndDefinition,
    FlowDefinition,
    FlowNodeDefinition,
    FunctionDefinition,
    InputDefinition,
    Literal,
    Name,
    NodeDefinition,
    OfferDefinition,
    ParameterDefinition,
    PollDefinition,
    RequireDefinition,
    ResendDefinition,
    SwitchDefinition,
    TypeDefinition,
)
from flowengine.flow.durations import parse_duration
from flowengine.flow.written import (
    duration_of,
    entries,
    excerpt_of,
    flag_of,
    integer_of,
    items,
    key_of,
    mapping_of,
    maybe_excerpt,
    name_of,
    names_of,
    places_of,
    read_accept,
    read_arguments,
    read_bounds,
    read_call,
    read_edge,
    read_responses,
    read_verify,
    text_of,
)
from flowengine.source import Span

OUTCOME_KEYS = ("next", "wrong", "exhausted", "expired", "denied", "unavailable")


class Reader:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        """Begin; nothing is read yet."""
        self._source = document.source
        self._root = mapping_of(document.root)

    def read(self) -> FlowDefinition:
        """Read the whole flow."""
        root = self._root
        return FlowDefinition(
            source=self._source,
            name=name_of(root.get("flow")),
            version=integer_of(root.get("version")) or 1,
            summary=text_of(root.get("summary")),
            auth_flows=tuple(self._auth_flows(root.get("auth_flows"))),
            inputs=tuple(_inputs(root.get("inputs"))),
            metadata=tuple(read_responses(root.get("metadata"))),
            evidence={e.key.text: name_of(e.value) for e in entries(root.get("evidence"))},
            functions=tuple(_functions(root.get("functions"))),
            define=tuple((key_of(e), excerpt_of(e.value)) for e in entries(root.get("define"))),
            require=tuple(_require(item) for item in items(root.get("require"))),
            start=name_of(root.get("start")),
            nodes=tuple(self._nodes(root.get("nodes"))),
            evidence_places=places_of(root.get("evidence")),
            extents={
                entry.key.text: Span(entry.key.span.start, entry.value.span.end)
                for entry in entries(root.get("nodes"))
            },
        )

    def _auth_flows(self, node: Node | None) -> Iterator[AuthFlowDefinition]:
        for item in items(node) if isinstance(node, Sequence) else ():
            yield AuthFlowDefinition(name_of(item))
        for entry in entries(node):
            if not isinstance(entry.value, Mapping):
                yield AuthFlowDefinition(key_of(entry))
                continue
            yield _auth_flow(key_of(entry), entry.value)

    def _nodes(self, node: Node | None) -> Iterator[NodeDefinition]:
        for entry in entries(node):
            mapping = mapping_of(entry.value)
            if mapping.get("offer") is not None:
                yield _offer(key_of(entry), mapping)
            elif mapping.get("challenge") is not None:
                yield _challenge(key_of(entry), mapping)
            elif mapping.entry("choose") is not None:
                yield _choose(key_of(entry), mapping)
            elif mapping.get("end") is not None:
                yield _end(key_of(entry), mapping)
            elif mapping.get("call") is not None:
                yield _call_node(key_of(entry), mapping)
            else:
                yield _flow_node(key_of(entry), mapping)


def _auth_flow(name: Name, mapping: Mapping) -> AuthFlowDefinition:
    start, parameters = mapping.get("start"), mapping.get("parameters")
    names_user, after_sign_up = mapping.get("names_user"), mapping.get("after_sign_up")
    step_up = mapping.get("step_up")
    return AuthFlowDefinition(
        name,
        name_of(start) if start is not None else None,
        tuple(read_responses(parameters)) if parameters is not None else None,
        names_of(mapping.get("inline")),
        names_user=names_user is None or flag_of(names_user),
        continues=flag_of(mapping.get("continues")),
        after_sign_up=name_of(after_sign_up) if after_sign_up is not None else None,
        step_up=name_of(step_up) if step_up is not None else None,
    )


def _challenge(name: Name, mapping: Mapping) -> ChallengeDefinition:
    expires = mapping.get("expires")
    evidence = mapping.get("evidence")
    return ChallengeDefinition(
        name=name,
        challenge=name_of(mapping.get("challenge")),
        responses=tuple(read_responses(mapping.get("responses"))),
        edges={
            key: read_edge(entry)
            for key in OUTCOME_KEYS
            if (entry := mapping.entry(key)) is not None
        },
        attempts=integer_of(mapping.get("attempts")),
        expires=duration_of(expires) if expires is not None else None,
        needs=maybe_excerpt(mapping.get("needs")),
        create=read_call(mapping.get("create")),
        parameters=read_arguments(mapping.get("parameters")),
        verify=read_verify(mapping.get("verify")),
        evidence=name_of(evidence) if evidence is not None else None,
        deliver=_deliver(mapping.get("deliver")),
        resend=_resend(mapping.get("resend")),
        switch=_switch(mapping.get("switch")),
        poll=_poll(mapping.get("poll")),
        accept=read_accept(mapping),
    )


def _offer(name: Name, mapping: Mapping) -> OfferDefinition:
    challenge, none = mapping.get("challenge"), mapping.entry("none")
    if none is None:
        raise TypeError("an offer says where it leads when there is nothing to offer")
    return OfferDefinition(
        name=name,
        offer=names_of(mapping.get("offer")),
        challenge=name_of(challenge) if challenge is not None else None,
        none=read_edge(none),
        prefer=maybe_excerpt(mapping.get("prefer")),
        inline=names_of(mapping.get("inline")),
        attempts=integer_of(mapping.get("attempts")),
        needs=maybe_excerpt(mapping.get("needs")),
        accept=read_accept(mapping),
    )


def _call_node(name: Name, mapping: Mapping) -> CallNodeDefinition:
    call, save = read_call(mapping), mapping.get("save")
    following, failed = mapping.entry("next"), mapping.entry("failed")
    if call is None or following is None or failed is None:
        raise TypeError("a call says where it leads")
    return CallNodeDefinition(
        name=name,
        call=call,
        next=read_edge(following),
        failed=read_edge(failed),
        save=name_of(save) if save is not None else None,
        needs=maybe_excerpt(mapping.get("needs")),
        accept=read_accept(mapping),
    )


def _flow_node(name: Name, mapping: Mapping) -> FlowNodeDefinition:
    following, failed = mapping.entry("next"), mapping.entry("failed")
    if following is None:
        raise TypeError("a flow as a step says where it leads")
    return FlowNodeDefinition(
        name=name,
        flow=name_of(mapping.get("flow")),
        arguments=read_arguments(mapping.get("with")),
        places=places_of(mapping.get("with")),
        next=read_edge(following),
        failed=read_edge(failed) if failed is not None else None,
        needs=maybe_excerpt(mapping.get("needs")),
        accept=read_accept(mapping),
    )


def _functions(node: Node | None) -> Iterator[FunctionDefinition]:
    for entry in entries(node):
        mapping = mapping_of(entry.value)
        taken, returns = mapping.get("with"), mapping.get("returns")
        parameters = {each.key.text: _parameter(each.value) for each in entries(taken)}
        yield FunctionDefinition(
            name=key_of(entry),
            parameters=parameters if taken is not None else None,
            returns=_type(returns) if returns is not None else None,
            acts=flag_of(mapping.get("acts")),
            bounds=read_bounds(mapping),
        )


def _parameter(node: Node) -> ParameterDefinition:
    mapping = mapping_of(node)
    written = mapping.get("type")
    if written is None:
        raise TypeError("a parameter has a type")
    return ParameterDefinition(_type(written), text_of(mapping.get("role")))


def _type(node: Node) -> TypeDefinition:
    return TypeDefinition(plain(node), node.span)


def _poll(node: Node | None) -> PollDefinition | None:
    if node is None:
        return None
    mapping = mapping_of(node)
    every = parse_duration(name_of(mapping.get("every")).text)
    return PollDefinition(every, parse_duration(name_of(mapping.get("for")).text), node.span)


def _deliver(node: Node | None) -> DeliverDefinition | None:
    if node is None:
        return None
    mapping = mapping_of(node)
    return DeliverDefinition(name_of(mapping.get("channel")), text_of(mapping.get("template")))


def _resend(node: Node | None) -> ResendDefinition | None:
    if node is None:
        return None
    mapping = mapping_of(node)
    every = parse_duration(name_of(mapping.get("every")).text)
    return ResendDefinition(
        name_of(mapping.get("key")), integer_of(mapping.get("times")) or 1, every
    )


def _switch(node: Node | None) -> SwitchDefinition | None:
    if node is None:
        return None
    mapping = mapping_of(node)
    return SwitchDefinition(name_of(mapping.get("key")), names_of(mapping.get("to")))


def _choose(name: Name, mapping: Mapping) -> ChooseDefinition:
    entry = mapping.entry("choose")
    if entry is None:
        raise TypeError("a decision has branches")
    return ChooseDefinition(
        name, read_edge(entry), maybe_excerpt(mapping.get("needs")), read_accept(mapping)
    )


def _end(name: Name, mapping: Mapping) -> EndDefinition:
    error, level = mapping.get("error"), mapping.get("level")
    return EndDefinition(
        name=name,
        success=name_of(mapping.get("end")).text == "success",
        error=name_of(error) if error is not None else None,
        message=text_of(mapping.get("message")),
        level=name_of(level) if level is not None else None,
        grants=mapping.get("grants") is None,
        needs=maybe_excerpt(mapping.get("needs")),
        accept=read_accept(mapping),
    )


def _inputs(node: Node | None) -> Iterator[InputDefinition]:
    for entry in entries(node):
        mapping = mapping_of(entry.value)
        written = mapping.entry("type")
        if written is None:
            raise TypeError("an input has a type")
        default = mapping.get("default")
        yield InputDefinition(
            key_of(entry),
            plain(written.value),
            written.value.span,
            Literal(plain(default)) if default is not None else None,
            read_bounds(mapping),
        )


def _require(item: Node) -> RequireDefinition:
    if isinstance(item, Scalar):
        return RequireDefinition(item.excerpt)
    mapping = mapping_of(item)
    return RequireDefinition(excerpt_of(mapping.get("that")), text_of(mapping.get("because")))
