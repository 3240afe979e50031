from __future__ import annotations

import math
import threading

import pytest

from flowengine.errors import EvaluationError
from flowengine.expr import BOOL, INT, STRING, Environment, Function
from tests.expr.builders import bindings, program, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('user.status == "CONFIRMED"', True),
        ('user.status != "CONFIRMED"', False),
        ('user.status in ["RESET_REQUIRED", "CONFIRMED"]', True),
        ("risk.score < 20 && !user.has.any", False),
        ("proved.totp || proved.passkey || proved.device", True),
        ('"admin" in user.groups', True),
        ('user.attributes.plan == "gold"', True),
        ('user.attributes[""] == "blank"', True),
        ('"plan" in user.attributes && !("x" in user.attributes)', True),
        ("has(user.nickname)", False),
        ("has(user.attributes.plan)", True),
        ("has(user.verified) && user.verified.email", False),
        ('age.totp < duration("5m")', True),
        ("request.time + age.totp > request.time", True),
        ("request.time - timestamp('2023-11-14T22:13:20Z') == duration('0')", True),
        ("duration('1h30m') - duration('-1.5s') == duration('90m1s500ms')", True),
        ("timestamp(0) == timestamp('1970-01-01T01:00:00+01:00')", True),
        ("timestamp('0001-01-01T00:00:00Z') < timestamp(0)", True),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7 / -2", -3),
        ("7 % -2", 1),
        ("7u / 2u + 7u % 2u", 4),
        ("-(-9223372036854775807)", 2**63 - 1),
        ("1.0 / 0.0", math.inf),
        ("-1.0 / 0.0", -math.inf),
        ("1.0 / -0.0", -math.inf),
        ("0.0 / 0.0 == 0.0 / 0.0", False),
        ("[0.0 / 0.0] == [0.0 / 0.0]", False),
        ("ratios == ratios", False),
        ("ratios[1] in ratios", False),
        ("0.5 in ratios", True),
        ("{'a': ratios} == {'a': ratios}", False),
        ("[[1.5]] != [[1.5]]", False),
        ("{1: 1.5} == {2: 1.5}", False),
        ("'abc' < 'abd' && b'a' < b'b' && false < true", True),
        ("'a' + 'b'", "ab"),
        ("b'a' + b'\\xff'", b"a\xff"),
        ("[1] + [] + [2]", [1, 2]),
        ("size('😬a') + 'a'.size() + size(b'é') + size([1]) + size({1: 1, 2: 2})", 8),
        ("'abc'.startsWith('a') && 'abc'.endsWith('c') && 'abc'.contains('b')", True),
        ("true ? 1 : 1 / size(history[1].challenge)", 1),
        ("user.groups.map(g, g + '!')", ["staff!", "admin!"]),
        ("user.groups.map(g, g != 'staff', size(g))", [5]),
        ("user.groups.filter(g, g.startsWith('a'))", ["admin"]),
        ("user.groups.exists_one(g, g == 'admin')", True),
        ("[1, 1].exists_one(n, n == 1)", False),
        ("history.exists(h, h.challenge == 'PASSWORD_VERIFIER' && h.result)", True),
        ("history.filter(h, h.result)[0].challenge", "PASSWORD_VERIFIER"),
        ("history[0].result ? history.map(h, h.challenge) : []", ["PASSWORD_VERIFIER"]),
        ("ports.all(p, ports[p] > 0)", True),
        ("[[1, 2], [3]].map(l, l.map(n, n * 10))", [[10, 20], [30]]),
        ("[1, 2].all(a, [3].exists(b, a < b))", True),
        ("[] == [1]", False),
        ("[1] in []", False),
        ("[].all(x, x.anything)", True),
        ("{'a': [1]}.a[0]", 1),
        ("(risk.score > 5 ? user.groups : [])[1]", "admin"),
        ("null == null", True),
        ("[null] == [null]", True),
        ("pool.name", "main"),
    ],
)
def test_an_expression_has_the_value_that_cel_gives_it(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user.attributes['x'] == ''", "no such key"),
        ("user.attributes.x == ''", "no such key"),
        ("ports[81] == 1", "no such key"),
        ("user.groups[2] == ''", "index out of range"),
        ("user.groups[risk.score - 11] == ''", "index out of range"),
        ("user.nickname == ''", "a bound value is not of its declared type"),
        ("user.verified.email", "no such key"),
        ("risk.score + 9223372036854775806", "the result is out of range"),
        ("-9223372036854775808 - risk.score", "the result is out of range"),
        ("9223372036854775807 * risk.score", "the result is out of range"),
        ("-(-9223372036854775798 - risk.score)", "the result is out of range"),
        ("(-9223372036854775798 - risk.score) / -1", "the result is out of range"),
        ("(-9223372036854775798 - risk.score) % -1", "the result is out of range"),
        ("count - 4u", "the result is out of range"),
        ("18446744073709551615u + count", "the result is out of range"),
        ("1 / (risk.score - 10)", "division by zero"),
        ("1 % (risk.score - 10)", "modulus by zero"),
        ("1u / (count - 3u)", "division by zero"),
        ("1u % (count - 3u)", "modulus by zero"),
        ("timestamp('9999-12-31T23:59:59Z') + age.totp", "the result is out of range"),
        ("timestamp('0001-01-01T00:00:00Z') - age.totp", "the result is out of range"),
        (
            "timestamp('9999-01-01T00:00:00Z') - (request.time - duration('438300h'))",
            "the result is out of range",
        ),
        ("duration('2562047h') + (age.totp + duration('2562047h'))", "the result is out of range"),
        ("{risk.score: 'a', 10: 'b'}", "the same key twice in a map"),
        ("[[]][risk.score - 10][risk.score]", "index out of range"),
        ("[1, 2, 0].exists_one(n, 1 / n == 1)", "division by zero"),
        ("[1, 0].filter(n, 1 / n == 1)", "division by zero"),
        ("[1, 0].map(n, 1 / n)", "division by zero"),
    ],
)
def test_what_has_no_value_is_an_evaluation_error_that_names_its_kind(
    text: str, message: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value(f"proved.device ? ({text}) : ({text})")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E && false", False),
        ("false && E", False),
        ("E || true", True),
        ("true || E", True),
        ("E && E2 && false", False),
        ("E || E2 || true", True),
        ("E && F && E2", False),
        ("E || T || E2", True),
        ("(E || F) && false", False),
        ("(E && T) || true", True),
        ("[1, 2, 0].exists(n, 2 / n == 1)", True),
        ("[0, 2].exists(n, 2 / n == 1)", True),
        ("[0, 2].all(n, 2 / n == 2)", False),
        ("[0, 1].all(n, ports[n] == 1 || n == 0) || true", True),
        ("user.groups.exists(g, ports[size(g)] == 1) || ports[1] == 1 || proved.device", True),
    ],
)
def test_an_error_is_absorbed_by_an_operand_or_element_that_decides(
    text: str, expected: object
) -> None:
    assert value(_spelt(text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "E && true",
        "true && E",
        "E || false",
        "false || E",
        "E && E2",
        "E || E2",
        "E && T && E2",
        "E || F || E2",
        "!E",
        "E ? true : true",
        "E == E",
        "[0, 2].exists(n, 2 / n == 5)",
        "[0, 2].all(n, 2 / n == 1)",
        "(E || true) && E2",
    ],
)
def test_an_error_that_nothing_decides_over_is_the_outcome(text: str) -> None:
    made = program(_spelt(text))
    with pytest.raises(EvaluationError):
        made.evaluate(bindings())


def _spelt(text: str) -> str:
    """Write E and E2 as operands that fail, T and F as ones that could but do not."""
    for short, long in (
        ("E2", "(ports[2] == 1)"),
        ("E ", "(ports[1] == 1) "),
        ("T", "(ports[80] == 1)"),
        ("F", "(ports[80] == 2)"),
    ):
        text = text.replace(short, long)
    return text[:-1] + "(ports[1] == 1)" if text.endswith("E") else text


def test_chains_nested_deeper_than_python_allows_blocks_still_absorb() -> None:
    text = "proved.device"
    for number in range(14):
        operator = "&&" if number % 2 else "||"
        text = f"ports[{number}] == 1 {operator} ({text})"
    flat = {**bindings(), "ports": dict.fromkeys(range(14), 1)}
    assert program(text).evaluate(flat) is True
    with pytest.raises(EvaluationError):
        program(text.replace("proved.device", "ports[99] == 1")).evaluate(bindings())


def test_a_macro_inside_deep_chains_sees_its_own_variable() -> None:
    text = "ports[n] == n"
    for number in range(10):
        text = f"ports[{number} + n] == 1 {'&&' if number % 2 else '||'} ({text})"
    ports = dict.fromkeys(range(20), 1)
    made = program(f"[1, 2].all(n, {text})")
    assert made.evaluate({**bindings(), "ports": ports}) is True


def test_only_what_is_needed_of_a_conditional_is_evaluated() -> None:
    made = program("ports[80] == 1 ? [1].exists(n, n == 1) : [1].exists(n, ports[n] == 1)")
    assert made.evaluate(bindings()) is True
    with pytest.raises(EvaluationError):
        made.evaluate({**bindings(), "ports": {80: 2}})


def test_a_host_function_is_called_and_what_it_gives_back_is_checked() -> None:
    double = Function("twice", (INT,), INT, lambda number: number * 2)
    shout = Function("shout", (STRING,), STRING, lambda text: text.upper(), method=True)
    broken = Function("broken", (), BOOL, lambda: "yes")
    raising = Function("raising", (), BOOL, {}.popitem)
    env = Environment({"n": "int"}, (double, shout, broken, raising))
    assert env.compile("twice(n) == 6 && 'a'.shout() == 'A'").evaluate({"n": 3}) is True
    for text in ("broken()", "raising()", "twice(n) == 0", "!broken()"):
        with pytest.raises(EvaluationError):
            env.compile(text).evaluate({"n": 2**62})
    assert env.compile("raising() || n == 1").evaluate({"n": 1}) is True


def test_programs_are_shared_by_threads() -> None:
    made = program("user.groups.exists(g, ports[size(g)] == 1 || g == pool.name)")
    wrong: list[object] = []

    def work(number: int) -> None:
        mine = {**bindings(), "pool.name": "admin" if number % 2 else "other"}
        mine["ports"] = {5: 0}
        for _ in range(500):
            found = made.evaluate(mine)
            if found is not bool(number % 2):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
