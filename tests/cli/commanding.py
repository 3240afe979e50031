"""Runs commands of ``flowengine``, in this process and in their own, and what they work on."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.cli.__main__ import run
from tests.planted import CLIENT_ID

ROOT: Final = Path(__file__).parents[2]
FLOWS: Final = ROOT / "flows"
BROKEN: Final = ROOT / "tests" / "golden" / "check"
SHIPPED_ID: Final = "1example23456789"
"""The client's id in the deployment that ships."""
COMMAND: Final = (sys.executable, "-m", "flowengine")
LONG: Final = "a" * 300
"""Longer than a file's name may be."""

_OURS = re.compile("_?FLOWENGINE_")


class Here:
    """Runs commands in this process, in a folder of their own.

    Attributes:
        out: What the last command printed.
        err: What it complained of.
    """

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self.out = self.err = ""
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str, given: str | bytes | None = "") -> int:
        """Run a command; None stands for a standard input that is closed."""
        self._monkeypatch.setattr(sys, "stdin", None if given is None else _stream(given))
        code = run(words)
        printed = self._capsys.readouterr()
        self.out, self.err = printed.out, printed.err
        assert "Traceback" not in self.out + self.err
        return code

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def deploy(self, name: str = "flowengine.yaml", **lines: str) -> None:
        """Write the deployment that ships, with other lines, and its flow."""
        deploy((self.folder / name).parent, Path(name).name, **lines)


def _stream(given: str | bytes) -> io.TextIOWrapper:
    raw = given.encode() if isinstance(given, str) else given
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8")


def deploy(folder: Path, name: str = "flowengine.yaml", **lines: str) -> None:
    """Write the deployment that ships, with other lines, and its flow."""
    text = (FLOWS / "flowengine.yaml").read_text()
    for key, value in lines.items():
        text = re.sub(rf"^{key}: .*\n", "", text, flags=re.MULTILINE) + f"{key}: {value}\n"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    (folder / "sign-in.flow.yaml").write_text((FLOWS / "sign-in.flow.yaml").read_text())


def deploy_planted(folder: Path, **lines: str) -> None:
    """Do the same with a client whose id is recognised wherever a process tells it."""
    deploy(folder, **lines)
    path = folder / "flowengine.yaml"
    path.write_text(path.read_text().replace(SHIPPED_ID, CLIENT_ID))


def surroundings(**changed: str) -> Mapping[str, str]:
    """Give this process's environment without what speaks to flowengine, and with changes."""
    kept = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    return {**kept, "NO_COLOR": "1", **changed}


def command(folder: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own; nothing comes on its standard input."""
    settings = {
        "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
        "env": surroundings(), **options,
    }  # fmt: skip
    return subprocess.run(
        (*COMMAND, *words), cwd=folder, text=True, timeout=60, check=False, **settings
    )


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which ``flowengine`` is the command."""
    function = f'flowengine() {{ "{sys.executable}" -m flowengine "$@"; }}\n'
    return subprocess.run(
        ("/bin/bash", "-c", function + line),
        cwd=folder, env=surroundings(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
