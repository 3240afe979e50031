"""What must fail is refused, or warned of where another operand may decide; so are slips."""

from __future__ import annotations

import pytest

from tests.expr.builders import program, shown, value


def _warnings(text: str) -> list[tuple[str, str]]:
    return [
        (text[one.span.start : one.span.end], one.message)
        for one in program(text).warnings
        if one.severity == "warning"
    ]


@pytest.mark.parametrize(
    ("text", "part", "reason"),
    [
        ("risk.score / 0 == 1", "risk.score / 0", "division by zero"),
        ("risk.score % 0 == 1", "risk.score % 0", "division by zero"),
        ("count / 0u == 1u", "count / 0u", "division by zero"),
        ("9223372036854775807 + 1 > 0", "9223372036854775807 + 1", "the result is out of range"),
        ("user.groups[-1] == ''", "user.groups[-1]", "a list has no element before its first"),
        ("{'a': 1, 'a': 2}.a == 1", "{'a': 1, 'a': 2}", "the same key twice in a map"),
        (
            "request.time.getHours('Nowhere/X') == 1",
            "request.time.getHours('Nowhere/X')",
            "there is no such time zone",
        ),
    ],
)
def test_what_fails_whatever_is_bound_is_refused_unless_another_operand_may_decide(
    text: str, part: str, reason: str
) -> None:
    start = text.index(part)
    carets = " " * start + "^" * len(part)
    assert shown(text) == f"{text}\n{carets} expression-syntax: this always fails: {reason}"
    message = f"this always fails: {reason}"
    assert (part, message) in _warnings(f"{text} || proved.device")
    assert value(f"{text} || proved.device") is True


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("history.exists(risk, risk.result)", None, "the variable risk hides what has this name"),
        ("has(user.status)", None, "status is always there"),
        ("proved.totp || true", "true", "this condition is a literal"),
        ("true ? proved.totp : proved.device", "true", "this condition is a literal"),
        ("proved.totp == true", None, "a bool is compared with a literal"),
        ("age.totp < duration('1h')", "age.totp", "age.totp may be absent, which is an error"),
        (
            "user.attributes.email.matches('@example[.]com')",
            None,
            "the pattern may match any part of email",
        ),
    ],
)
def test_a_slip_is_warned_of_at_its_place(text: str, part: str | None, message: str) -> None:
    ((found, said),) = _warnings(text)
    assert found == (part or text)
    assert said.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "history.exists(h, h.result)",
        "has(user.nickname) && user.nickname == 'x'",
        "proved.totp || proved.device",
        "user.attributes.email.matches('^[^@]+@example[.]com$')",
        "risk.score / 2 == 1 && ratios[0] / 0.0 > 1.0",
        "request.time.getHours('Europe/Berlin') < 9",
    ],
)
def test_what_is_meant_as_it_is_written_has_no_warning(text: str) -> None:
    assert program(text).warnings == ()
