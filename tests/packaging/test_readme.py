"""README's commands, typed as they stand there, in an empty folder, with the installed package."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.conftest import ROOT, Installed

README = (ROOT / "README.md").read_text()
PASSWORD = "the password you chose"
_ID_TO_FILL_IN = "the id of the client in flowengine.yaml"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _commands() -> list[list[str]]:
    """Give what a newcomer types to flowengine, without the comments."""
    lines = [line for block in _blocks("console") for line in block.splitlines()]
    typed = (re.match(r"\$ \.venv/bin/flowengine (.*)", line) for line in lines)
    return [shlex.split(match[1], comments=True) for match in typed if match]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("newcomer")


@pytest.fixture(scope="module")
def endpoint(installed: Installed, folder: Path) -> Iterator[str]:
    """Type all that comes before ``serve``, then serve, on a port that is free."""
    *before, serve = _commands()
    assert serve == ["serve"]
    assert [words[0] for words in before] == ["new", "check", "test", "graph", "run", "users"]
    for words in before:
        given = (
            f"{PASSWORD}\n" if words[0] == "users" else "\n"
        )  # Enter: the answer that is offered
        done = installed.run(folder, *installed.command, *words, given=given)
        assert (done.returncode, done.stderr) == (0, ""), (words, done.stdout)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (*installed.command, "serve", "--listen", "127.0.0.1:0"),
            cwd=folder, env=installed.environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    with process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0]
        process.terminate()
        assert process.wait(10) == 0


def _curl(endpoint: str, client_id: str) -> dict[str, Any]:
    """Send what the README's curl sends, with the id filled in."""
    (block,) = [block for block in _blocks("console") if "curl" in block]
    words = shlex.split(block.removeprefix("$ ").replace("\\\n", " "))
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    data = words[words.index("-d") + 1].replace(_ID_TO_FILL_IN, client_id).encode()
    assert client_id.encode() in data
    request = urllib.request.Request(endpoint, data, headers)  # noqa: S310 - our own server's address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
        answer: dict[str, Any] = json.load(response)
    return answer


def test_a_newcomer_signs_in(endpoint: str, folder: Path) -> None:
    client = re.search(r"clients:\n *web:\n *id: (\S+)", (folder / "flowengine.yaml").read_text())
    assert client is not None
    assert _curl(endpoint, client[1])["AuthenticationResult"]["TokenType"] == "Bearer"


def test_the_flow_that_is_shown_passes_the_check(installed: Installed, tmp_path: Path) -> None:
    shown = next(block for block in _blocks("yaml") if block.startswith("flow:"))
    (tmp_path / "login.flow.yaml").write_text(shown)
    done = installed.run(tmp_path, *installed.command, "check", "login.flow.yaml")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_scenario_that_is_shown_passes_with_that_flow(
    installed: Installed, tmp_path: Path
) -> None:
    flow, scenarios = (block for block in _blocks("yaml") if block.startswith("flow:"))
    (tmp_path / "login.flow.yaml").write_text(flow)
    (tmp_path / "login.flowtest.yaml").write_text(scenarios)
    done = installed.run(tmp_path, *installed.command, "test")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_proof_and_the_hole_are_told_as_they_are_shown(
    installed: Installed, tmp_path: Path
) -> None:
    proof, hole = (block for block in _blocks("console") if "sign-in.flow.yaml:" in block)
    flow, proved, open_to = ROOT / "flows" / "sign-in.flow.yaml", "user.has.totp", "request.ip"
    edit = re.search(rf"`({proved} && {open_to}[^`]*)`", (ROOT / "README.md").read_text())
    assert edit is not None
    check = (*installed.command, "check", "--no-cache")
    here = tmp_path / flow.name
    here.write_text(flow.read_text())
    done = installed.run(tmp_path, *check, "--explain-proof", flow.name)
    assert (done.returncode, done.stdout.strip()) == (0, proof.partition("\n")[2].strip())
    here.write_text(flow.read_text().replace(f"- when: {proved}\n", f"- when: {edit[1]}\n"))
    done = installed.run(tmp_path, *check, flow.name)
    assert (done.returncode, done.stdout.strip()) == (1, hole.partition("\n")[2].strip())


def test_a_mistake_is_told_as_it_is_shown(installed: Installed, tmp_path: Path) -> None:
    shown = next(block for block in _blocks("yaml") if block.startswith("flow:"))
    (told,) = [block for block in _blocks("console") if "check login.flow.yaml" in block]
    broken = shown.replace("!user.has.totp\n", "!user.has.totpp\n", 1)
    (tmp_path / "login.flow.yaml").write_text(broken)
    done = installed.run(tmp_path, *installed.command, "check", "login.flow.yaml")
    assert done.returncode == 1
    assert (done.stdout + done.stderr).strip() == told.partition("\n")[2].strip()
