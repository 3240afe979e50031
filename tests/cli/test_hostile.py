"""Files that mean harm: a clear word about each, in bounded time and memory."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.cli.commanding import COMMAND, FLOWS, Here, command, shell, surroundings

SECONDS = 20.0
"""Nothing takes a tenth of this where the machine has nothing else to do."""
MEMORY_BYTES = 1024**3
MEGABYTE = 1024 * 1024
ESCAPES = b"\x1b[31m\x07::error::x\n##[add-mask]a%0A\xff\xe2\x80\xae.flow.yaml"


def _laughs() -> bytes:
    lines = [b"a: &a [x, x, x, x, x, x, x, x, x]"]
    for name in range(ord("b"), ord("k")):
        before = b", ".join([b"*%c" % (name - 1)] * 9)
        lines.append(b"%c: &%c [%s]" % (name, name, before))
    return b"\n".join(lines)


INPUTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "50 MB": (lambda: b"flow: x\n" + b"# filling\n" * (5 * MEGABYTE), "larger than 1048576 bytes"),
    "deep lists": (lambda: b"[" * 100_000, "nested more than 32 deep"),
    "deep mappings": (lambda: b"{a: " * 100_000, "nested more than 32 deep"),
    "deep items": (lambda: b"- " * 100_000, "nested more than 32 deep"),
    "deep keys": (lambda: b"? " * 100_000, "nested more than 32 deep"),
    "deep condition": (
        lambda: b"flow: x\nrequire: ['" + b"(" * 100_000 + b"']\n", "at most 4096 characters"),
    "deeper condition": (
        lambda: b"require: ['" + b"!" * 4000 + b"a']\n", "missing key 'flow'"),
    "billion laughs": (_laughs, "anchors (&) and aliases (*) are not allowed"),
    "invalid UTF-8": (lambda: b"flow: \xc3\x28\n", "not UTF-8 from here on"),
    "UTF-16": (lambda: "flow: x\n".encode("utf-16"), "the file is UTF-16, not UTF-8"),
    "NUL": (lambda: b"flow: x\0\n", "the character U+0000 is not allowed"),
    "escapes": (lambda: b"flow: x\n\x1b]0;title\x07: y\n", "the character U+001B is not allowed"),
    "lone CR": (lambda: b"flow: x\rversion: 1\r", "a line ends with a carriage return alone"),
    "a long line": (lambda: b"flow: " + b"x" * 1_000_000, "at most 64 characters"),
    "an open quote": (lambda: b'flow: "' + b"\\" * 500_000, "is not closed"),
    "many keys": (
        lambda: b"nodes: {%s}" % b",".join(b"a%d: {end: success}" % n for n in range(40_000)),
        "more than 100,000 keys and values"),
    "one key often": (lambda: b"a: 1\n" * 100_000, "already given on line 1"),
    "nothing": (lambda: b"", "the file is empty"),
    "only a mark": (lambda: b"\xef\xbb\xbf", "the file is empty"),
}  # fmt: skip


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


@pytest.mark.parametrize("name", INPUTS)
def test_a_harmful_file_is_refused_with_a_clear_word(tmp_path: Path, name: str) -> None:
    make, said = INPUTS[name]
    (tmp_path / "a.flow.yaml").write_bytes(make())
    begun = monotonic()
    done = command(tmp_path, "check", "a.flow.yaml", preexec_fn=_limited)
    assert monotonic() - begun < SECONDS
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("a.flow.yaml:")
    assert said in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 300
    assert done.stdout.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", INPUTS)
def test_a_harmful_stream_is_refused_in_the_same_words(here: Here, name: str) -> None:
    make, said = INPUTS[name]
    assert here("check", "-", given=make()[: 2 * MEGABYTE]) == 1
    assert here.out.startswith("<stdin>:")
    assert said in here.out


def test_a_mark_and_line_ends_of_windows_are_no_fault(here: Here) -> None:
    text = (FLOWS / "sign-in.flow.yaml").read_text()
    path = here.write("a.flow.yaml", "")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert here("check") == 0
    path.write_bytes(path.read_bytes().replace(b"start: password", b"start: pasword"))
    assert here("check") == 1
    assert "\na.flow.yaml:24:8: error: unknown node 'pasword'" in here.out
    assert "\r" not in here.out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_a_name_full_of_escapes_commands_nobody(tmp_path: Path, form: str) -> None:
    folder = os.fsencode(tmp_path)
    with open(os.path.join(folder, ESCAPES), "wb") as file:  # noqa: PTH123, PTH118 - a name of bytes
        file.write(b"flow: [\n")
    done = command(tmp_path, "check", "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.replace("\n", "").isprintable()
    commands = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == (form == "github")
    assert ("##[" in done.stdout) == (form == "json")  # within a JSON string, which nobody logs


def test_a_name_full_of_escapes_is_told_without_them(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    os.mkdir(os.path.join(folder, ESCAPES))  # noqa: PTH102, PTH118 - a name of bytes
    done = subprocess.run(
        (*COMMAND, "check", ESCAPES), cwd=tmp_path, env=surroundings(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert r"in \x1b[31m\x07::error::x\x0a##\x5badd-mask]a%0A\xff\u202e.flow.yaml" in done.stderr


def test_pipes_and_devices_among_files_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.flow.yaml")
    (tmp_path / "zeros.flow.yaml").symlink_to("/dev/zero")
    (tmp_path / "uses.flow.yaml").write_text(
        (FLOWS / "sign-in.flow.yaml").read_text()
        + "  more: {flow: pipe, next: done, failed: refused}\n"
    )
    done = command(tmp_path, "check")
    assert done.returncode == 1
    assert (
        "pipe.flow.yaml:1:1: error: cannot read the file: it is a pipe or a device" in done.stdout
    )
    assert "zeros.flow.yaml:1:1: error: " in done.stdout
    assert "[unknown-flow]" in done.stdout


def test_a_pipe_of_the_shell_is_read(tmp_path: Path) -> None:
    done = shell(tmp_path, f"flowengine check <(cat '{FLOWS / 'sign-in.flow.yaml'}')")
    assert (done.returncode, done.stdout) == (0, "1 flow, no findings (1 accepted)\n")


def test_folders_that_lead_into_themselves_are_searched_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("self", "again"):
        (tmp_path / "in" / name).symlink_to("..")
    (tmp_path / "in" / "a.flow.yaml").write_text((FLOWS / "sign-in.flow.yaml").read_text())
    for words in ((".",), ("**/*.flow.yaml",), ("in/*",), (".", "in", "in/self", "in/again/in")):
        done = command(tmp_path, "check", *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("1 flow, no findings")


def test_what_may_not_be_read_is_told_and_the_rest_is_checked(here: Here) -> None:
    here.write("a.flow.yaml", (FLOWS / "sign-in.flow.yaml").read_text())
    here.write("shut.flow.yaml", "flow: x").chmod(0)
    (here.folder / "folder").mkdir(mode=0)
    assert here("check") in (0, 1)  # loads what another user could not
    user = os.geteuid()
    if user == 0:
        os.chown(here.folder, 65534, -1)
        os.seteuid(65534)
    try:
        code = here("check")
    finally:
        os.seteuid(user)
        (here.folder / "folder").chmod(0o700)
    assert code == 1
    assert "shut.flow.yaml:1:1: error: cannot read the file: Permission denied" in here.out
    assert "folder:1:1: error: cannot read the folder: Permission denied" in here.out
    assert here.out.endswith("2 errors in 2 files (1 accepted)\n")
