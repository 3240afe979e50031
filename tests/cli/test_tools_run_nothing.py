"""Law T13: whoever looks at a flow, draws it or has it explained runs nothing of it.

authentik CVE-2026-25227: to try a policy out ran it as Python, for people who might only look.
python-statemachine CVE-2026-47103: expressions of a loaded document were evaluated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from flowengine.assembly.checking import check_deployment
from flowengine.assembly.functions import load_functions
from tests.cli.commanding import Here

BACKEND: Final = "backend_that_tells"
MARK: Final = "it-ran"
MODULE: Final = f"""
from pathlib import Path
Path({MARK!r}).touch()

def risk(**_):
    return {{"score": 1}}

def account(**_):
    return {{"locked": False}}

def define(event, context):
    return event
create = verify = define

def send(*_, **__):
    pass
"""
FLOW: Final = """\
flow: sign-in
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs: {account: {type: {locked: bool}}}
functions: {risk: {returns: {score: int}}}
require: [proved.password, '!account.locked']
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: risk}
  risk: {call: risk, save: risk, next: CHOICE, failed: refused}
  mailbox: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""
GOOD: Final = "[{when: account.locked, goto: locked}, {else: mailbox}]"
BAD: Final = "[{when: vars.risk.score < 5, goto: done}, {else: mailbox}]"
DEPLOYMENT: Final = f"""\
pools:
  main:
    id: eu-west-1_Example01
    triggers: {{define_auth_challenge: {BACKEND}:define, pre_authentication: {BACKEND}:define}}
    clients:
      web:
        id: 1example23456789
        auth_flows: {{USER_PASSWORD_AUTH: sign-in}}
        inputs: {{account: {BACKEND}:account}}
        require: ['!account.locked']
flows: [sign-in.flow.yaml]
functions: {BACKEND}
delivery: {{email: {BACKEND}:send}}
sessions: sqlite:///flowengine.db
directory: sqlite:///flowengine.db
listen: 127.0.0.1:9229
"""
CODE: Final = f"__import__('pathlib').Path('{MARK}').touch()"
HOSTILE: Final = {
    "expression": FLOW.replace("CHOICE", f'[{{when: "{CODE}", goto: done}}, {{else: mailbox}}]'),
    "name": FLOW.replace("CHOICE", GOOD).replace("{risk:", f'{{"{CODE}":'),
    "tag": FLOW.replace("CHOICE", GOOD).replace(
        "version: 1", f'version: !!python/object/apply:eval ["{CODE}"]'
    ),
    "template": FLOW.replace("CHOICE", GOOD).replace("version: 1", f"version: '{{{{{CODE}}}}}'"),
}  # fmt: skip


@pytest.fixture
def folder(here: Here) -> Iterator[Here]:
    """Give a deployment whose backend tells that it was imported."""
    here.write(f"{BACKEND}.py", MODULE)
    here.write("flowengine.yaml", DEPLOYMENT)
    before = sys.path[:]
    sys.path.insert(0, str(here.folder))  # as it is where the command is run beside its backend
    yield here
    sys.path[:] = before
    sys.modules.pop(BACKEND, None)


def ran(here: Here) -> bool:
    return (here.folder / MARK).exists() or BACKEND in sys.modules


@pytest.mark.parametrize("choice", [GOOD, BAD], ids=["good", "bad"])
def test_checking_and_drawing_run_nothing_of_a_deployment(folder: Here, choice: str) -> None:
    folder.write("sign-in.flow.yaml", FLOW.replace("CHOICE", choice))
    expected = int(choice == BAD)
    for more in (
        ("--fix",), ("--explain-proof",), ("--counterexamples", "out"),
        *(("--format", each) for each in ("text", "json", "sarif", "junit", "github")),
    ):  # fmt: skip
        assert folder("check", "--no-cache", "flowengine.yaml", *more) == expected, folder.out
        assert folder("check", "--no-cache", "sign-in.flow.yaml", *more) == expected, folder.out
    for form in ("mermaid", "dot"):
        assert folder("graph", "sign-in.flow.yaml", "--format", form) == 0, folder.err
    assert folder("graph", "sign-in.flow.yaml", "--counterexample") == 0, folder.err
    assert folder("explain", "require-not-proved") == 0
    assert folder("schema", "deployment") == 0
    assert not ran(folder)


def test_the_mark_is_left_where_the_backend_is_meant_to_run(folder: Here) -> None:
    folder.write("sign-in.flow.yaml", FLOW.replace("CHOICE", GOOD))
    deployment, found = check_deployment(Path("flowengine.yaml"), {})
    assert deployment is not None, found
    assert not ran(folder)
    load_functions((BACKEND,), folder.folder, deployment.flows.values())
    assert ran(folder)


@pytest.mark.parametrize("how", HOSTILE)
def test_code_in_a_flow_is_refused_and_not_run(folder: Here, how: str) -> None:
    folder.write("sign-in.flow.yaml", HOSTILE[how])
    assert folder("check", "--no-cache", "sign-in.flow.yaml") == 1
    assert folder("check", "--no-cache", "--fix", "flowengine.yaml") == 1
    assert folder("graph", "sign-in.flow.yaml") != 0
    assert not ran(folder)


def test_an_expression_that_is_tried_out_calls_nothing(folder: Here) -> None:
    for written in (CODE, f"exec({CODE!r})", f"().__class__.__mro__[1].{MARK.replace('-', '_')}"):
        assert folder("expr", written) != 0
    assert not ran(folder)
