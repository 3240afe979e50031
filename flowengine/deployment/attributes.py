"""Reads what a pool says of its users' names and attributes, and refuses what contradicts itself.

Source: Amazon Cognito API reference, CreateUserPool: "UsernameAttributes", "AliasAttributes",
"Schema", "AccountRecoverySetting".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flowengine.accounts.attributes import (
    CUSTOM,
    STANDARD_ATTRIBUTES,
    AttributeRule,
    AttributeType,
)
from flowengine.accounts.pool import Mfa, Recovery
from flowengine.deployment.findings import Findings
from flowengine.documents import did_you_mean
from flowengine.flow.definition import Name
from flowengine.source import Span

ADMIN_ONLY: Final = "admin_only"

_CUSTOM_NAME: Final = re.compile(r"custom:[A-Za-z0-9_.-]{1,20}", re.ASCII)
_NAMES: Final = (
    "it is one of OpenID Connect's, or custom:NAME, which has 1 to 20 letters, digits, _, . and -"
)
_TYPES: Final = {
    "string": AttributeType.STRING,
    "number": AttributeType.NUMBER,
    "datetime": AttributeType.DATE_TIME,
    "boolean": AttributeType.BOOLEAN,
}
_LIMITS: Final = {"string": ("min_length", "max_length"), "number": ("min", "max")}
_NUMBERS: Final = frozenset({"updated_at"})
"""Standard attributes that OpenID Connect has as numbers; all others are strings."""
_REACHED_BY: Final = {"EMAIL_OTP": Recovery.EMAIL, "SMS_MFA": Recovery.PHONE}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of an attribute, as written."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class WrittenAttribute:
    """One attribute of a pool, as written.

    Attributes:
        type: One of the schema's.
        limits: By key, such as ``min_length``; in the order of writing.
    """

    name: Name
    type: Name
    mutable: bool
    limits: Mapping[str, Limit]


def read_attributes(
    written: Iterable[WrittenAttribute], findings: Findings
) -> Mapping[str, AttributeRule]:
    """Give the rules of a pool's attributes, by name."""
    return MappingProxyType({one.name.text: _rule(one, findings) for one in written})


def _rule(written: WrittenAttribute, findings: Findings) -> AttributeRule:
    name, type_ = written.name.text, written.type.text
    if name not in STANDARD_ATTRIBUTES and _CUSTOM_NAME.fullmatch(name) is None:
        hint = did_you_mean(name, STANDARD_ATTRIBUTES) or _NAMES
        message = f"unknown attribute '{name}'"
        findings.error("unknown-attribute", message, written.name.span, hint)
    elif name in STANDARD_ATTRIBUTES and type_ not in _types_of(name):
        message = f"'{name}' is a string, as OpenID Connect has it"
        findings.error("attribute-rule", message, written.type.span)
    keys = _LIMITS.get(type_, ())
    for key, limit in written.limits.items():
        if key not in keys:
            message = f"'{key}' limits nothing: '{name}' is a {type_}"
            hint = f"a {type_} has {' and '.join(keys)}" if keys else f"a {type_} has no limits"
            findings.error("attribute-rule", message, limit.span, hint)
    least, most = (written.limits.get(key) for key in keys) if keys else (None, None)
    if least is not None and most is not None and least.value > most.value:
        message = f"no '{name}' is between {least.value} and {most.value}"
        findings.error("attribute-rule", message, most.span)
    return AttributeRule(
        _TYPES[type_],
        written.mutable,
        None if least is None else least.value,
        None if most is None else most.value,
    )


def _types_of(name: str) -> tuple[str, ...]:
    return ("string", "number") if name in _NUMBERS else ("string",)


def check_required(
    required: Iterable[Name], attributes: Mapping[str, AttributeRule], findings: Findings
) -> None:
    """Refuse to demand an attribute that the pool, which says which of its own it has, has not."""
    own = {name for name in attributes if name.startswith(CUSTOM)}
    for name in required:
        if own and name.text.startswith(CUSTOM) and name.text not in own:
            findings.unknown("unknown-attribute", "attribute", name, own)


def check_usernames(
    aliases: tuple[str, ...], named_by: tuple[Name, ...], findings: Findings
) -> None:
    """Refuse addresses that would name users and also be their aliases."""
    if aliases and named_by:
        findings.error(
            "usernames-contradict",
            "users are named by addresses, or have them as aliases: not both",
            named_by[0].span,
            "`attributes` makes the address the user name (Cognito's UsernameAttributes), "
            "`aliases` lets a verified one stand for it (AliasAttributes)",
        )


def read_recovery(
    written: tuple[Name, ...], mfa: Mfa, methods: tuple[str, ...], findings: Findings
) -> tuple[Recovery, ...]:
    """Give where codes for a new password go; nowhere where only an administrator sets one."""
    if not written:
        return tuple(Recovery)
    admin = next((name for name in written if name.text == ADMIN_ONLY), None)
    if admin is not None and len(written) > 1:
        message = f"{ADMIN_ONLY} is no recovery, and cannot stand beside one"
        findings.error("account-recovery", message, admin.span)
    recovery = tuple(Recovery(name.text) for name in written if name.text != ADMIN_ONLY)
    if mfa is Mfa.REQUIRED and methods and recovery:
        factors = {_REACHED_BY.get(method) for method in methods}
        if factors == set(recovery) and len(factors) == 1:
            findings.error(
                "account-recovery",
                f"nobody can set a new password: everybody has {methods[0]} as the second factor, "
                f"and what is one resets no password",
                written[0].span,
                f"name the other address too, or say {ADMIN_ONLY}",
            )
    return recovery
