"""What a flow says of the values that come with a request: their patterns, forms and lengths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from flowengine.expr.regex import fault
from flowengine.flow.definition import ChallengeDefinition, FlowDefinition, ResponseRule
from flowengine.source import Diagnostic

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "base64": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
        "base64url": r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?",
        "digits": r"[0-9]+",
        "email": rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*",
        "hex": r"[0-9A-Fa-f]+",
        "phone_number": r"\+[1-9][0-9]{1,14}",
        "uuid": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    }
)
"""RE2 for the whole value, by ``format``: RFC 4648, the HTML standard's valid e-mail address,
E.164, RFC 9562."""


def check_response_rules(flow: FlowDefinition) -> Iterator[Diagnostic]:
    """Find rules that no value can be held against, or that no value can keep."""
    for rule in _rules(flow):
        wrong = fault(rule.pattern) if rule.pattern is not None else None
        if wrong is not None:
            yield Diagnostic(
                "unusable-rule",
                f"the pattern of '{rule.key}' is no regular expression of RE2: {wrong}",
                flow.source,
                rule.pattern_span or rule.span,
            )
        if rule.min_length > rule.max_length:
            yield Diagnostic(
                "unusable-rule",
                f"no value of '{rule.key}' has at least {rule.min_length} characters "
                f"and at most {rule.max_length}",
                flow.source,
                rule.span,
            )


def _rules(flow: FlowDefinition) -> Iterator[ResponseRule]:
    yield from flow.metadata
    for door in flow.auth_flows:
        yield from door.parameters or ()
    for node in flow.nodes:
        if isinstance(node, ChallengeDefinition):
            yield from node.responses
