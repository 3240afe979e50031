"""``flowengine serve``: starts, answers, and ends when it is told to; or says why it cannot."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.commanding import (
    COMMAND,
    LONG,
    Here,
    command,
    deploy_planted,
    surroundings,
)
from tests.planted import CLIENT_ID, MARK, PASSWORD
from tests.server.wire import AMZ_JSON, PREFIX

FREE = ("--listen", "127.0.0.1:0")
KEYS = "only:" + "A" * 43 + "="
HIDDEN = "hidden-value"
ELSEWHERE = "192.0.2.1"
"""An address for documentation (RFC 5737): no machine's own."""


@pytest.fixture
def folder(deployed: Here) -> Path:
    """Give a deployment with one user and a client whose id is planted."""
    assert deployed("users", "add", "alice", given=PASSWORD) == 0
    deploy_planted(deployed.folder)
    return deployed.folder


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give a server's process and its address; what it logs is in ``serve.log``."""
    with (
        (folder / "serve.log").open("w") as log,
        subprocess.Popen(
            (*COMMAND, "serve", *FREE, *words),
            cwd=folder, env=surroundings(), stdout=subprocess.PIPE, stderr=log, text=True,
        ) as process,
    ):  # fmt: skip
        try:
            assert process.stdout is not None
            told = re.fullmatch(
                r"listening at (http://127\.0\.0\.1:\d+)\n", process.stdout.readline()
            )
            assert told is not None
            yield process, told[1]
        finally:
            process.kill()


def sign_in(url: str) -> dict[str, Any]:
    parameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    body = {
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT_ID, "AuthParameters": parameters,
    }  # fmt: skip
    headers = {"Content-Type": AMZ_JSON, "X-Amz-Target": f"{PREFIX}InitiateAuth"}
    response = httpx.post(url, json=body, headers=headers)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_a_server_signs_users_in_until_ctrl_c_ends_it(folder: Path) -> None:
    with serving(folder) as (process, url):
        assert "AccessToken" in sign_in(url)["AuthenticationResult"]
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        out = process.stdout.read()
        assert process.wait(30) == 0
    assert out == "  pool main: eu-west-1_Example01 (clients: web)\n  Ctrl-C stops\nstopped\n"
    log = (folder / "serve.log").read_text()
    assert re.search(r"^\S+ \S+ flowengine\.server.* operation=InitiateAuth ", log, re.MULTILINE)
    assert "second-factor" in log
    assert MARK not in log
    assert "Traceback" not in log


def test_a_quiet_server_logs_nothing_outlives_its_reader_and_ends_by_sigterm(folder: Path) -> None:
    with serving(folder, "--quiet") as (process, url):
        assert process.stdout is not None
        process.stdout.close()
        assert "AccessToken" in sign_in(url)["AuthenticationResult"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (folder / "serve.log").read_text() == ""


def test_a_server_whose_output_nobody_reads_ends_quietly(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = command(folder, "serve", *FREE, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_without_an_output_serves(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = (*COMMAND, "serve", "--quiet", "--listen", f"127.0.0.1:{port}")
    with subprocess.Popen(
        ("/bin/bash", "-c", 'exec "$@" >&-', "bash", *words),
        cwd=folder, env=surroundings(), stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            assert httpx.get(url).status_code == 200
            return
        time.sleep(0.05)
    pytest.fail("the server did not start")


@pytest.mark.parametrize("by_option", [True, False])
def test_a_port_that_is_taken_is_named(start: Here, *, by_option: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        start.deploy(listen="127.0.0.1:1" if by_option else address)
        assert start("serve", *(("--listen", address) if by_option else ())) == 1
    assert start.err == f"flowengine: cannot listen at {address}: Address already in use\n"
    assert start.out == ""


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"{ELSEWHERE}:0", "Cannot assign requested address"),
        (f"{ELSEWHERE}:9229", "Cannot assign requested address"),
        (f"{'a' * 70}.invalid:0", "Name or service not known"),
    ],
)
def test_an_address_that_is_not_this_machines_is_named(start: Here, address: str, why: str) -> None:
    start.deploy(keys=f"'{KEYS}'")
    assert start("serve", "--listen", address) == 1
    assert start.err == f"flowengine: cannot listen at {address}: {why}\n"


@pytest.mark.parametrize("address", [f"{ELSEWHERE}:0", "0.0.0.0:0", "[::]:9229"])
def test_without_keys_only_this_machine_is_served(start: Here, address: str) -> None:
    start.deploy("d/flowengine.yaml")
    assert start("serve", "--deployment", "d/flowengine.yaml", "--listen", address) == 1
    assert start.err.startswith("flowengine: d/flowengine.yaml: keys are made on first start only")
    assert "set keys: in the deployment" in start.err
    assert not (start.folder / "d" / "flowengine.db").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--listen", "nonsense"), "--listen takes HOST:PORT, such as 127.0.0.1:9229"),
        (("--listen", "127.0.0.1:99999"), "--listen takes HOST:PORT"),
        (("--listen", "127.0.0.1:"), "--listen takes HOST:PORT"),
        (("--listen", "[::g]:9229"), "--listen takes HOST:PORT"),
        (("--listen", ""), "--listen takes HOST:PORT"),
        (("--port", "9229"), "No such option"),
        (("two",), "unexpected extra argument (two)"),
        (("--deployment", "gone.yaml"), "there is no gone.yaml: name another with --deployment"),
        (("--deployment", LONG), f"there is no {LONG}: name another with --deployment"),
        (("--deployment", "d"), "d is a folder: name the deployment in it"),
        (("--deployment", "sign-in.flow.yaml"), "sign-in.flow.yaml is a flow: name a deployment"),
    ],
)
def test_what_cannot_be_served_is_a_matter_of_usage(
    start: Here, words: tuple[str, ...], said: str
) -> None:
    start.deploy()
    (start.folder / "d").mkdir()
    assert start("serve", *words) == 2
    assert said in start.err
    assert start.out == ""


def test_in_an_empty_folder_serve_says_how_to_get_a_deployment(start: Here) -> None:
    assert start("serve") == 2
    assert "Error: there is no flowengine.yaml: " in start.err
    assert "`flowengine new --template deployment`" in start.err


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ({"flows": "[gone.flow.yaml]"}, "flow-not-found"),
        ({"keys": HIDDEN}, "keys-form"),
        ({"directory": f"postgresql://u:{HIDDEN}@127.0.0.1:1/x"}, "keys-missing"),
        ({"sessions": f"mysql://{HIDDEN}"}, "store-form"),
        ({"sesions": "x"}, "schema-unknown-key"),
    ],
)
def test_a_broken_deployment_is_explained_as_check_explains_it(
    start: Here, lines: dict[str, str], rule: str
) -> None:
    start.deploy(**lines)
    assert start("serve") == 1
    assert re.match(rf"flowengine\.yaml:\d+:\d+: error: .* \[{rule}\]\n", start.out)
    assert start.err == ""
    assert HIDDEN not in start.out
    explained = start.out
    assert start("check") == 1
    assert start.out.startswith(explained)


def test_a_variable_that_is_not_set_is_named(start: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWENGINE_KEYS", raising=False)
    start.deploy(keys="${FLOWENGINE_KEYS}")
    assert start("serve") == 1
    assert "FLOWENGINE_KEYS" in start.out


@pytest.mark.parametrize(
    ("lines", "files", "said"),
    [
        ({}, {"flowengine.db": "x"}, ".flowengine/keys beside the database is gone"),
        ({}, {"flowengine.db": "x", ".flowengine/keys": HIDDEN}, "key 1 of the keyring is not"),
        (
            {"keys": f"'{KEYS}'"},
            {"flowengine.db": "no database"},
            "the file is not a SQLite database",
        ),
        (
            {"keys": f"'{KEYS}'", "directory": f"postgresql://u:{HIDDEN}@127.0.0.1:1/x"},
            {},
            "the PostgreSQL database cannot be reached",
        ),
        (
            {"sessions": f"postgresql://u:{HIDDEN}@127.0.0.1:1/x"},
            {},
            "the PostgreSQL database cannot be reached",
        ),
        ({"functions": "[gone_module]"}, {}, "the functions module gone_module cannot be imported"),
    ],
)
def test_what_cannot_be_opened_is_told_with_its_deployment(
    start: Here, lines: dict[str, str], files: dict[str, str], said: str
) -> None:
    start.deploy("d/flowengine.yaml", **lines)
    for name, text in files.items():
        start.write(f"d/{name}", text)
    assert start("serve", "--deployment", "d/flowengine.yaml", *FREE) == 1
    assert start.err.startswith(f"flowengine: d/flowengine.yaml: {said}")
    assert HIDDEN not in start.err
    assert start.out == ""
