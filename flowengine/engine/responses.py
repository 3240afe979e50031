"""Reads the keys that a node or an auth flow declares, by the rules it declares for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowengine.errors import InvalidParameterError
from flowengine.expr.regex import matches_whole
from flowengine.flow.definition import ResponseRule
from flowengine.flow.response_rules import FORMS


def read_responses(rules: Iterable[ResponseRule], sent: Mapping[str, str]) -> Mapping[str, str]:
    """Give the declared keys that came; undeclared ones are ignored.

    Raises:
        InvalidParameterError: A declared key is missing, or its value breaks its rule.
    """
    found: dict[str, str] = {}
    for rule in rules:
        keys = [k for k in sent if k.startswith(rule.key)] if rule.family else [rule.key]
        for key in keys:
            value = sent.get(key)
            if value is None:
                if rule.optional:
                    continue
                raise InvalidParameterError.missing(key)
            _check(rule, key, value)
            found[key] = value
    return found


def required(members: Mapping[str, str], key: str) -> str:
    """Give a member that the protocol demands of every request.

    Raises:
        InvalidParameterError: It is missing or empty.
    """
    value = members.get(key)
    if not value:
        raise InvalidParameterError.missing(key)
    return value


def _check(rule: ResponseRule, key: str, value: str) -> None:
    """Hold a value against its rule; what was sent is never part of the message."""
    good = (
        rule.min_length <= len(value) <= rule.max_length
        and (not rule.enum or value in rule.enum)
        and (rule.pattern is None or matches_whole(rule.pattern, value))
        and (rule.form is None or matches_whole(FORMS[rule.form.text], value))
    )
    if not good:
        raise InvalidParameterError(f"Invalid value for parameter {key}")
