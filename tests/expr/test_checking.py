from __future__ import annotations

import pytest

from flowengine.errors import ExpressionError
from flowengine.expr import BOOL, INT, STRING, EnumType, Environment, parse_type
from flowengine.source import Excerpt, SourceText
from tests.expr.builders import ENVIRONMENT, STATUS, findings, program, shown


@pytest.mark.parametrize(
    "report",
    [
        """\
usr.has.totp
^^^ unknown-name: unknown name usr (did you mean user?)""",
        """\
user.has.topt
         ^^^^ unknown-field: user.has has no field topt (did you mean totp?)""",
        """\
user.status == "CONFIRMD"
               ^^^^^^^^^^ enum-value: "CONFIRMD" is not one of user.status: CONFIRMED, \
FORCE_CHANGE_PASSWORD, RESET_REQUIRED (did you mean CONFIRMED?)""",
        """\
user.status in ["CONFIRMED", "X"]
                             ^^^ enum-value: "X" is not one of user.status: CONFIRMED, \
FORCE_CHANGE_PASSWORD, RESET_REQUIRED""",
        """\
risk.score
^^^^^^^^^^ wrong-type: expected bool, found int""",
        """\
risk.score && age.totp
^^^^^^^^^^ wrong-type: expected bool, found int
              ^^^^^^^^ wrong-type: expected bool, found duration""",
        """\
risk.score == "20"
              ^^^^ wrong-type: expected int, found string""",
        """\
risk.score < 1.5
^^^^^^^^^^^^^^^^ wrong-type: < does not take int and double (it takes bool, int, uint, double, \
string, bytes, timestamp or duration, the same twice)""",
        """\
user.nickname == null
^^^^^^^^^^^^^^^^^^^^^ wrong-type: string is never null (use has(user.nickname))""",
        """\
has(user.attributes["plan"])
^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expression-syntax: has takes one field, as in has(user.name) \
(use "plan" in user.attributes)""",
        """\
has(user.nick)
         ^^^^ unknown-field: user has no field nick (did you mean nickname?)""",
        """\
user.groups.exist(g, true)
            ^^^^^ unknown-function: unknown function exist (did you mean exists?)""",
        """\
startswith(user.nickname, "a")
^^^^^^^^^^ unknown-function: unknown function startswith""",
        """\
startsWith(user.nickname, "a")
^^^^^^^^^^ unknown-function: unknown function startsWith (write value.startsWith(…))""",
        """\
math.biggest(1, 2)
     ^^^^^^^ unknown-function: unknown function math.biggest""",
        """\
user.nickname.startsWith(1)
                         ^ wrong-type: expected string, found int""",
        """\
"a" in user.nickname
       ^^^^^^^^^^^^^ wrong-type: expected a list or a map, found string \
(use text.contains(part))""",
        """\
1 in user.groups
^ wrong-type: expected string, found int""",
        """\
[1, "a"] == [1]
    ^^^ wrong-type: expected int, found string (the elements of a list must be of one type)""",
        """\
user["has"].totp
^^^^^^^^^^^ wrong-type: user has fields, not elements (write .has)""",
        """\
user == user
^^^^^^^^^^^^ wrong-type: records cannot be compared (compare their fields)""",
        """\
age.totp < duration("5 minutes")
                    ^^^^^^^^^^^ expression-syntax: "5 minutes" is not a duration \
(write it like duration("1h30m") or duration("2.5s"))""",
        """\
request.time > timestamp("2023-02-30T00:00:00Z")
                         ^^^^^^^^^^^^^^^^^^^^^^ expression-syntax: "2023-02-30T00:00:00Z" is not \
a timestamp (write it like timestamp("2030-01-31T12:00:00Z"))""",
        """\
duration(user.has) < age.totp
^^^^^^^^^^^^^^^^^^ wrong-type: duration does not take (user.has) \
(it is duration(duration) or duration(string))""",
        """\
user.nickname.matches(user.status)
                      ^^^^^^^^^^^ wrong-type: a pattern must be written out as one string""",
        """\
user.groups.all(g)
^^^^^^^^^^^^^^^^^^ expression-syntax: all takes a name and what to do with it \
(write all(name, condition))""",
        """\
user.groups.all("g", true)
                ^^^ expression-syntax: the first argument of all is a plain name \
(write all(name, condition))""",
        """\
risk.score.all(s, true)
^^^^^^^^^^ wrong-type: expected a list or a map, found int""",
        """\
[1].all(a, [2].all(b, [3].all(c, true)))
                      ^^^^^^^^^^^^^^^^ expression-limit: macros are nested more than 2 levels \
deep""",
        """\
risk.score > 1 ? true : "no"
                        ^^^^ wrong-type: expected bool, found string \
(both branches must be of one type)""",
        """\
-count == 1
 ^^^^^ wrong-type: expected int or double, found uint""",
        """\
{1.5: true}[1.5]
 ^^^ wrong-type: expected bool, int, uint or string, found double""",
        """\
risk.scor < 20 && user.has.sm || foo && user.status == "NEW"
     ^^^^ unknown-field: risk has no field scor (did you mean score?)
                           ^^ unknown-field: user.has has no field sm (did you mean sms?)
                                 ^^^ unknown-name: unknown name foo
                                                       ^^^^^ enum-value: "NEW" is not one of \
user.status: CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED""",
    ],
)
def test_a_finding_points_at_its_characters_and_names_the_types(report: str) -> None:
    text = report.split("\n", 1)[0]
    assert shown(text) == report


@pytest.mark.parametrize(
    "text",
    [
        "null < null",
        "'a' < 1",
        "[1] < [2]",
        "1 + 1u",
        "true + true",
        "1.0 % 2.0",
        "!1",
        "-'a'",
        "'abc'[0]",
        "1.foo",
        "size(1)",
        "size()",
        "'a'.contains()",
        "timestamp('2020-01-01T00:00:00Z') + timestamp('2020-01-01T00:00:00Z')",
        "duration('1s') - timestamp('2020-01-01T00:00:00Z')",
        "duration('10000000h') == duration('0')",
        "duration('0.1ns') == duration('0')",
        "timestamp(253402300800) == request.time",
        "{1: 1, 'a': 2}",
        "user.status == (true ? 'CONFIRMED' : 'OTHER')",
        "[user.status] == ['OTHER']",
        "matches('a', '(b')",
        "has(a)",
        "has(user.has.x.y)",
        "history == history",
        "ports['80'] == 1",
        "user.groups['0'] == 'a'",
        "dyn(1) == 1",
        "int",
    ],
)
def test_what_has_no_meaning_is_refused(text: str) -> None:
    assert findings(text, None)


def test_one_mistake_is_reported_once_whatever_it_is_part_of() -> None:
    assert len(findings("!(foo.bar[1].baz + 2 > 1) && size(foo) in foo")) == 3
    assert {found.message for found in findings("foo + 1 == 2 ? foo.x : !foo")} == {
        "unknown name foo"
    }


def test_a_dotted_declaration_wins_over_fields_and_a_macro_variable_over_both() -> None:
    env = Environment({"a.b": "map(string, string)", "a.b.c": "int"})
    assert env.compile("a.b.c").type == INT
    assert env.compile("a.b.d").type == STRING
    assert env.compile("[{'b': 1}].exists(a, a.b == 1)").variables == frozenset()
    assert env.compile("[{'b': 1}].exists(a, .a.b.c == 1)").variables == {"a.b.c"}


def test_a_program_tells_its_type_and_what_it_reads() -> None:
    made = program("user.has.totp && has(user.nickname) && user.attributes['plan'] in risk.signals")
    assert made.type == BOOL
    assert made.variables == {
        "user.has.totp",
        "user.nickname",
        "user.attributes",
        "risk.signals",
    }
    assert made.roots == {"user", "risk"}
    assert repr(made) == f"Program({made.text!r})"


def test_a_program_cannot_be_changed() -> None:
    made = program("true")
    with pytest.raises(AttributeError):
        made.text = "false"


def test_an_enum_serves_as_a_string_and_a_literal_of_its_set_as_the_enum() -> None:
    assert program("user.status.startsWith('CONF')", BOOL).type == BOOL
    assert program("user.status", STRING).type == STATUS
    assert program("true ? 'CONFIRMED' : 'RESET_REQUIRED'", STATUS).type == STRING
    assert [found.rule for found in findings("'OTHER'", STATUS)] == ["enum-value"]
    assert [found.rule for found in findings("pool.name", STATUS)] == ["wrong-type"]


def test_enums_without_a_common_value_are_never_equal() -> None:
    env = Environment({"a": EnumType("a", ("x",)), "b": EnumType("b", ("y",))})
    _, found = env.check("a == b")
    assert [one.message for one in found] == ["no value is in both a and b"]


def test_an_empty_list_takes_its_type_from_what_is_around_it() -> None:
    assert str(program("[] + [1]").type) == "list(int)"
    assert str(program("[[], [1]]").type) == "list(list(int))"
    assert str(program("[].map(n, n / 2)").type) == "list(int)"
    assert str(program("{}").type) == "map(dyn, dyn)"
    assert program("user.groups == []").type == BOOL


def test_a_finding_inside_a_scalar_points_into_its_file() -> None:
    source = SourceText("a.flow.yaml", "when: >\n  user.has.totp &&\n\n  user.hs.sms\n")
    text = "user.has.totp &&\nuser.hs.sms"
    offsets = (*range(10, 26), 27, *range(30, 42))
    (found,) = findings(Excerpt(text, source, offsets))
    assert source.position(found.span.start).line == 4
    assert source.text[found.span.start : found.span.end] == "hs"


def test_compile_raises_with_everything_that_was_found() -> None:
    with pytest.raises(ExpressionError) as caught:
        ENVIRONMENT.compile("foo && bar", BOOL)
    assert [found.message for found in caught.value.diagnostics] == [
        "unknown name foo",
        "unknown name bar",
    ]


@pytest.mark.parametrize(
    "text",
    ["bool", "list(string)", "map(string, int)", "map(uint, list(map(bool, bytes)))", "null_type"],
)
def test_a_type_is_spelt_as_cel_spells_it(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("strng", 'unknown type "strng"'),
        ("list", "the type ends too early"),
        ("list(int", "the type ends too early"),
        ("list int", 'expected "("'),
        ("map(double, int)", "expected bool, int, uint or string, found double"),
        ("int)", "the type should end here"),
        ("", "the type ends too early"),
        ("dyn", 'unknown type "dyn"'),
        ("int" + " " * 300, "the type should end here"),
        ("list(" * 20 + "int" + ")" * 20, "types are nested more than 8 levels deep"),
    ],
)
def test_a_misspelt_type_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_type(text)
    assert caught.value.diagnostics[0].message == message


def test_a_misspelt_method_without_a_signature_is_guessed() -> None:
    assert "(did you mean matches?)" in shown("user.attributes.plan.mathces('a')")
    assert "(did you mean orValue?)" in shown("user.?nickname.orVaule('') == ''")
