"""The modules whose functions flows call: what is taken of them, and how they can fail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.assembly.assembling import assemble_blocking
from flowengine.assembly.functions import called_by, load_functions
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.errors import UnavailableError
from tests import planted
from tests.assembly.deployed import (
    CLIENT,
    FLOW,
    RIDDLE,
    opened,
    set_up,
    sign_up,
    with_password,
)

MAKING: Final = f"""
from flowengine import ChallengeParameters

def make_riddle():
    public, private = {{"riddle": "How many?"}}, {{"answer": "{planted.CODE}"}}
    return ChallengeParameters(public=public, private=private)
"""
_NUMBERS: Final = count()


def module(folder: Path, text: str) -> str:
    """Write a module of a name that no other test has; its name."""
    name = f"functions_of_a_deployment_{next(_NUMBERS)}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)
    return name


def refusal(folder: Path, functions: str) -> str:
    """Say why a deployment with these modules cannot be opened."""
    with pytest.raises(UnavailableError) as refused:
        assemble_blocking(set_up(folder, more=f"functions: {functions}", flow=RIDDLE))
    return str(refused.value)


def taken_of(folder: Path, *names: str) -> dict[str, Callable[..., Any]]:
    """Give what is taken of modules for a flow that calls ``make_riddle``."""
    return load_functions(names, folder, set_up(folder, flow=RIDDLE).flows.values())


def test_a_flow_calls_a_function_of_a_module_beside_the_deployment(tmp_path: Path) -> None:
    name = module(tmp_path, MAKING)
    with opened(set_up(tmp_path, more=f"functions: {name}", flow=RIDDLE)) as engine:
        sign_up(engine)
        reply = engine.initiate(with_password())
        assert isinstance(reply, ChallengeReply)
        assert reply.challenge_parameters["riddle"] == "How many?"
        responses = {"USERNAME": "ada", "ANSWER": planted.CODE}
        answer = RespondToAuthChallengeRequest(
            CLIENT, reply.challenge_name, reply.session, responses
        )
        assert isinstance(engine.respond(answer), SuccessReply)


def test_a_module_may_lie_in_a_package(tmp_path: Path) -> None:
    package = f"package_of_a_deployment_{next(_NUMBERS)}"
    name = module(tmp_path / package, MAKING)
    (taken,) = taken_of(tmp_path, f"{package}.{name}").values()
    assert taken.__module__ == f"{package}.{name}"


def test_of_several_modules_any_may_have_the_function(tmp_path: Path) -> None:
    names = module(tmp_path, "other = 1"), module(tmp_path, MAKING)
    taken = taken_of(tmp_path, *names)
    assert list(taken) == ["make_riddle"]
    assert taken["make_riddle"].__module__ == names[1]


def test_only_what_flows_call_is_taken(tmp_path: Path) -> None:
    deployment = set_up(tmp_path)
    assert list(called_by(deployment.flows.values())) == []
    assert load_functions([module(tmp_path, MAKING)], tmp_path, deployment.flows.values()) == {}


def test_two_modules_may_share_a_name_that_no_flow_calls(tmp_path: Path) -> None:
    names = module(tmp_path, MAKING), module(tmp_path, "ChallengeParameters = None")
    assert list(taken_of(tmp_path, *names)) == ["make_riddle"]


def test_the_folder_is_searched_last_and_written_once(tmp_path: Path) -> None:
    first = sys.path[0]
    for _ in range(2):
        taken_of(tmp_path, module(tmp_path, MAKING))
    assert sys.path.count(str(tmp_path)) == 1
    assert sys.path[0] == first
    assert sys.path[-1] == str(tmp_path)


def test_a_deployment_without_functions_changes_nothing_of_the_process(tmp_path: Path) -> None:
    before = list(sys.path)
    with opened(set_up(tmp_path)):
        assert sys.path == before


def test_a_module_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    assert refusal(tmp_path, "no_such_module_anywhere") == (
        "the functions module no_such_module_anywhere cannot be imported: ModuleNotFoundError"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("raise RuntimeError({secret!r})", "RuntimeError"),
        ("raise SystemExit({secret!r})", "SystemExit"),
        ("import sys; sys.exit({secret!r})", "SystemExit"),
        ("from flowengine import {word}", "ImportError"),
        ("{secret!r} +", "SyntaxError"),
        ("{{}}[{secret!r}]", "KeyError"),
        ("class {word}(Exception): pass\nraise ValueError({secret!r})", "ValueError"),
    ],
)
def test_of_a_module_that_fails_only_the_kind_of_failure_is_told(
    tmp_path: Path, text: str, error: str
) -> None:
    word = planted.MARK
    name = module(tmp_path, text.format(secret=planted.PASSWORD, word=word))
    told = refusal(tmp_path, name)
    assert told == f"the functions module {name} cannot be imported: {error}"


def test_a_module_that_failed_is_tried_again(tmp_path: Path) -> None:
    name = module(tmp_path, "raise RuntimeError")
    assert refusal(tmp_path, name).endswith("RuntimeError")
    (tmp_path / f"{name}.py").write_text(MAKING)
    assert list(taken_of(tmp_path, name)) == ["make_riddle"]


def test_a_person_who_interrupts_an_import_is_obeyed(tmp_path: Path) -> None:
    name = module(tmp_path, "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        assemble_blocking(set_up(tmp_path, more=f"functions: {name}", flow=RIDDLE))


def test_a_function_that_no_module_has_is_named(tmp_path: Path) -> None:
    told = refusal(tmp_path, module(tmp_path, MAKING.replace("make_riddle", "make_riddles")))
    assert "make_riddle" in told
    assert "make_riddles" not in told


def test_a_function_is_named_where_there_is_no_module_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="make_riddle"):
        assemble_blocking(set_up(tmp_path, flow=RIDDLE))


@pytest.mark.parametrize(
    "value", ["None", "'make_riddle'", repr(planted.PASSWORD), "{}", "__spec__"]
)
def test_what_has_the_name_and_cannot_be_called_is_refused(tmp_path: Path, value: str) -> None:
    name = module(tmp_path, f"make_riddle = {value}")
    told = refusal(tmp_path, name)
    assert told == f"make_riddle of the module {name} is not a function"


@pytest.mark.parametrize("value", ["lambda: None", "type", "print"])
def test_whatever_can_be_called_is_taken(tmp_path: Path, value: str) -> None:
    name = module(tmp_path, f"make_riddle = {value}")
    assert list(taken_of(tmp_path, name)) == ["make_riddle"]


def test_a_function_that_two_modules_have_is_refused_by_name(tmp_path: Path) -> None:
    names = module(tmp_path, MAKING), module(tmp_path, MAKING)
    assert refusal(tmp_path, f"[{', '.join(names)}]") == "two modules have a function make_riddle"


def test_a_module_is_imported_although_no_flow_calls_it(tmp_path: Path) -> None:
    name = module(tmp_path, "raise RuntimeError")
    with pytest.raises(UnavailableError, match="RuntimeError"):
        assemble_blocking(set_up(tmp_path, more=f"functions: {name}", flow=FLOW))
