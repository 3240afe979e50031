"""Compiles what the author of a CUSTOM_CHALLENGE wrote into the kind's settings."""

from __future__ import annotations

from collections.abc import Mapping

from flowengine.accounts.evidence import EvidenceKind
from flowengine.challenges.custom_settings import (
    CustomCall,
    CustomSettings,
    Deliver,
    Equality,
    EqualsLiteral,
)
from flowengine.challenges.kind import Channel
from flowengine.expr import STRING, Environment, MapType, parse
from flowengine.expr.tree import Binary, Identifier, Index, Select
from flowengine.expr.tree import Literal as LiteralNode
from flowengine.expr.tree import Node as Tree
from flowengine.flow.bounds import response_sizes
from flowengine.flow.calls import CallCompiler
from flowengine.flow.definition import CallDefinition, ChallengeDefinition
from flowengine.flow.findings import Findings
from flowengine.flow.scope import responses_type

CUSTOM = "CUSTOM_CHALLENGE"
_PRIVATE = MapType(STRING, STRING)


def compile_custom(
    node: ChallengeDefinition,
    evidence: Mapping[str, str],
    calls: CallCompiler,
    environment: Environment,
) -> CustomSettings | None:
    """Compile the keys ``create``, ``parameters``, ``verify`` and ``evidence`` of a node."""
    findings = calls.findings
    sizes = response_sizes(node.responses)
    judging = environment.with_variables(
        {"responses": responses_type(node.responses), "private": _PRIVATE},
        sizes.most,
        sizes.places,
    )
    name = node.evidence.text if node.evidence else None
    proves = name is not None and evidence.get(name) != EvidenceKind.NONE
    create = calls.compile(node.create, environment) if node.create else None
    verify = _verify(node, judging, calls, proves=proves)
    parameters = calls.terms(node.parameters, environment)
    deliver = _deliver(node, findings)
    if verify is None:
        return None
    if node.poll is not None and not isinstance(verify, CustomCall):
        findings.error(
            "poll-nothing",
            "poll asks a function again, and this verify compares and is never pending",
            node.poll.span,
        )
    return CustomSettings(verify, create, parameters, name, deliver, node.poll is not None)


def _deliver(node: ChallengeDefinition, findings: Findings) -> Deliver | None:
    """Compile how ``private.code`` is sent; only a ``create`` can have made one."""
    written = node.deliver
    if written is None:
        return None
    if node.create is None:
        findings.error(
            "deliver-nothing",
            "deliver sends private.code, which is never set: the node has no create",
            written.channel.span,
        )
    return Deliver(Channel(written.channel.text), written.template or node.name.text)


def _verify(
    node: ChallengeDefinition, judging: Environment, calls: CallCompiler, *, proves: bool
) -> Equality | EqualsLiteral | CustomCall | None:
    written, findings = node.verify, calls.findings
    if written is None:
        findings.error(
            "missing-verify",
            f"node '{node.name.text}' asks a custom challenge and never verifies the answer",
            node.challenge.span,
            hint="add verify: responses.ANSWER == private.answer, or verify: {call: …}",
        )
        return None
    if isinstance(written, CallDefinition):
        return calls.compile(written, judging)
    program, found = judging.check(written, None)
    findings.found.extend(found)
    if program is None:
        return None
    equality = _equality(parse(written))
    if equality is None:
        findings.error(
            "verify-form",
            "verify is one equality of a response with a private value, or a call",
            written.span(0, len(written.text)),
            hint="verify: responses.ANSWER == private.answer",
        )
    elif isinstance(equality, EqualsLiteral) and proves:
        findings.error(
            "verify-literal",
            "an answer that stands in the flow file proves nothing",
            written.span(0, len(written.text)),
            hint="compare with private.…, or declare the evidence as kind none",
        )
        return None
    elif isinstance(equality, Equality) and node.create is None:
        findings.error(
            "verify-private",
            f"private.{equality.private} is never set: the node has no create",
            written.span(0, len(written.text)),
        )
        return None
    return equality


def _equality(tree: Tree) -> Equality | EqualsLiteral | None:
    if not isinstance(tree, Binary) or tree.operator != "==":
        return None
    for left, right in ((tree.left, tree.right), (tree.right, tree.left)):
        response = _field_of(left, "responses")
        if response is None:
            continue
        private = _field_of(right, "private")
        if private is not None:
            return Equality(response, private)
        if isinstance(right, LiteralNode) and isinstance(right.value, str):
            return EqualsLiteral(response, right.value)
    return None


def _field_of(tree: Tree, root: str) -> str | None:
    """Give the field of ``root.field`` or ``root["field"]``."""
    if isinstance(tree, Select) and tree.operand == Identifier(root):
        return tree.field
    if isinstance(tree, Index) and tree.operand == Identifier(root):
        index = tree.index
        if isinstance(index, LiteralNode) and isinstance(index.value, str):
            return index.value
    return None
