"""``flowengine expr``: a condition by itself, with the values of its parts."""

from __future__ import annotations

from tests.cli.commanding import Here


def test_an_expression_is_evaluated_and_explained(here: Here) -> None:
    code = here(
        "expr",
        'score < 20 && "staff" in groups',
        *("--var", "score:int=7", "--var", 'groups:list(string)=["staff"]'),
    )
    assert code == 0
    assert here.out.splitlines() == [
        "type       bool",
        "variables  groups, score",
        "cost       68 at most",
        "part       score  is  7",
        "part       score < 20  is  true",
        "part       groups  is  ['staff']",
        'part       "staff" in groups  is  true',
        "value      true",
    ]


def test_an_error_is_shown_at_the_part_that_has_it(here: Here) -> None:
    code = here("expr", "10 / n > 1 || n == 0", "--var", "n:int=0")
    assert code == 0
    assert "part       10 / n  is  an error: division by zero" in here.out
    assert here.out.endswith("value      true\n")


def test_an_optional_value_is_shown_as_it_is_written(here: Here) -> None:
    assert here("expr", "m.?a", "--var", "m:map(string, duration)={'a': duration('1h')}") == 0
    assert here.out.endswith("value      optional.of(3600s)\n")
    assert here("expr", "m.?b", "--var", "m:map(string, int)={'a': 1}") == 0
    assert here.out.endswith("value      optional.none()\n")


def test_what_is_inside_of_a_macro_has_no_value_of_its_own(here: Here) -> None:
    assert here("expr", "[1, 2].exists(x, x > 1)") == 0
    assert "x > 1  is" not in here.out


def test_an_expression_without_a_value_is_a_finding(here: Here) -> None:
    assert here("expr", "1 / n == 1", "--var", "n:int=0") == 1


def test_a_mistake_points_at_its_characters(here: Here) -> None:
    assert here("expr", "scor < 20", "--var", "score:int=7") == 1
    assert "did you mean score?" in here.out


def test_a_variable_that_is_no_declaration_is_a_wrong_usage(here: Here) -> None:
    assert here("expr", "n == 1", "--var", "n=1") == 2
    assert "name:type=value" in here.err


def test_declared_sizes_lower_the_cost_and_refuse_larger_values(here: Here) -> None:
    given = ("expr", "g.all(x, g.exists(y, x == y))", "--var", 'g:list(string)=["a"]')
    assert here(*given) == 1
    assert "declare that the size of g is at most" in here.out
    assert here(*given, "--size", "g=2") == 0
    assert here.out.endswith("value      true\n")
    assert here(*given, "--size", "g=2", "--size", "g[]=0") == 1
    assert here.out.endswith("value      an error: a bound value is larger than declared\n")
    for wrong in ("g", "g=", "=2", "g=-1", "g=1e3", "g=٣", "g=1234567890"):
        assert here(*given, "--size", wrong) == 2, wrong
        assert "path=number" in here.err
