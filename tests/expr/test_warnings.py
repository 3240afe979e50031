"""What must fail is refused, or warned of where a literal beside it decides; so are slips."""

from __future__ import annotations

import pytest

from tests.expr.builders import findings, program, shown, value


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
def test_what_must_fail_is_refused_wherever_it_stands_unless_a_literal_decides(
    text: str, part: str, reason: str
) -> None:
    start = text.index(part)
    carets = " " * start + "^" * len(part)
    assert shown(text) == f"{text}\n{carets} expression-syntax: this always fails: {reason}"
    for around in (
        "({}) || proved.device",
        "proved.device && ({})",
        "proved.device ? ({}) : proved.totp",
        "history.exists(h, ({}))",
        "optional.of(true).orValue({})",
        "cel.bind(x, ({}), true)",
        "cel.bind(x, 1, x == 1 || ({}))",
        "[1].all(i, v, ({}))",
    ):
        assert f"this always fails: {reason}" in shown(around.format(text)), around
    for around, decided in (("({}) || true", True), ("false && !({})", False)):
        assert (part, f"this always fails: {reason}") in _warnings(around.format(text))
        assert value(around.format(text)) is decided


@pytest.mark.parametrize(
    "text",
    [
        *(
            "int('x') == 1",
            "uint(-1) == 1u",
            "bool('maybe')",
            "double('x') == 1.0",
            "int(1e300) == 1",
        ),
        *("timestamp('2020-13-01T00:00:00Z') > request.time", "duration('1 hour') > age.totp"),
        *(
            "user.nickname.matches('(')",
            "user.nickname.matches('a{1001}')",
            "risk.score / (3 - 3) == 1",
        ),
        *("int('1' + 'x') == 1", "-9223372036854775808 / -1 == 1", "-(-9223372036854775808) == 1"),
        *("[1, 2][2] == 1", "[1, 2][1 - 2] == 1", "user.groups[0 - 1] == ''", "{'a': 1}.b == 1"),
        *("{'a': 1}['b'] == 1", "{1: risk.score, 1: 2}[1] == 1", "'abc'.charAt(7) == ''"),
        *("request.time.getHours('25:00') == 1", "request.time.getHours('A' + 'B') == 1"),
        *("'abc'.substring(2, 1) == ''", "base64.decode('?') == b''", "ip('1.2.3') == ip('::1')"),
        *(
            "18446744073709551615u + 1u == 1u",
            "timestamp('0001-01-01T00:00:00Z') - duration('1s') == request.time",
        ),
    ],
)
def test_literals_that_must_fail_are_refused_alone_and_beside_others(text: str) -> None:
    for around in ("{}", "proved.device || ({})", "proved.device ? ({}) : true"):
        assert findings(around.format(text))


def test_what_need_not_fail_is_not_refused() -> None:
    for text in (
        "[risk.score][0] == 1 || [1, 2][1] == 2",
        "{'a': 1, user.nickname: 2}.b == 1",
        "[1, 2][?5].orValue(3) == 3",
        "risk.score / 3 == 1 && 1.0 / 0.0 > 1.0",
        "{?'a': optional.of(1), 'b': 2}.a == 1",
    ):
        program(text)


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
