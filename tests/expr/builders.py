"""An environment and bindings as a sign-in has them, and a way to look at findings."""

from __future__ import annotations

from flowengine.expr import (
    BOOL,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    EnumType,
    Environment,
    Field,
    ListType,
    MapType,
    Program,
    RecordType,
    Type,
)
from flowengine.source import Diagnostic, Excerpt

HAS = RecordType("user.has", {name: Field(BOOL) for name in ("password", "totp", "sms", "any")})
STATUS = EnumType("user.status", ("CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"))
USER = RecordType(
    "user",
    {
        "status": Field(STATUS),
        "has": Field(HAS),
        "groups": Field(ListType(STRING)),
        "attributes": Field(MapType(STRING, STRING)),
        "nickname": Field(STRING, required=False),
        "verified": Field(RecordType("user.verified", {"email": Field(BOOL)}), required=False),
    },
)
ATTEMPT = RecordType("attempt", {"challenge": Field(STRING), "result": Field(BOOL)})
PROVED = RecordType("proved", {name: Field(BOOL) for name in ("totp", "passkey", "device")})
AGE = RecordType("age", {"totp": Field(DURATION, required=False)})

ENVIRONMENT = Environment(
    {
        "user": USER,
        "risk": RecordType("risk", {"score": Field(INT), "signals": Field(ListType(STRING))}),
        "proved": PROVED,
        "age": AGE,
        "request": RecordType("request", {"time": Field(TIMESTAMP)}),
        "history": ListType(ATTEMPT),
        "ports": "map(int, int)",
        "ratios": "list(double)",
        "count": "uint",
        "pool.name": "string",
    }
)


def bindings() -> dict[str, object]:
    """Make bindings that keep the host's word."""
    return {
        "user": {
            "status": "CONFIRMED",
            "has": {"password": True, "totp": True, "sms": False, "any": True},
            "groups": ["staff", "admin"],
            "attributes": {"plan": "gold", "": "blank"},
            "nickname": None,
        },
        "risk": {"score": 10, "signals": []},
        "proved": {"totp": False, "passkey": False, "device": True},
        "age": {"totp": 90_000_000_000},
        "request": {"time": 1_700_000_000_000_000_000},
        "history": [{"challenge": "PASSWORD_VERIFIER", "result": True}],
        "ports": {80: 1, 443: 2},
        "ratios": [0.5, float("nan")],
        "count": 3,
        "pool.name": "main",
    }


def program(text: str, expected: Type | None = None) -> Program:
    """Compile in the usual environment."""
    return ENVIRONMENT.compile(text, expected)


def value(text: str) -> object:
    """Evaluate in the usual environment with the usual bindings."""
    return program(text).evaluate(bindings())


def findings(text: str | Excerpt, expected: Type | None = BOOL) -> tuple[Diagnostic, ...]:
    """Check an expression that must not compile."""
    made, found = ENVIRONMENT.check(text, expected)
    assert made is None
    assert found
    return found


def shown(text: str, expected: Type | None = BOOL) -> str:
    """Print all findings as a report does: the text, carets, message and hint."""
    lines = [text]
    for one in findings(text, expected):
        width = max(1, one.span.end - one.span.start)
        hint = f" ({one.hint})" if one.hint else ""
        lines.append(f"{' ' * one.span.start}{'^' * width} {one.rule}: {one.message}{hint}")
    return "\n".join(lines)
