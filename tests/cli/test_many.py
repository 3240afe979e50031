"""Many files at once: the same words in the same order, however many processes check them."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from pathlib import Path
from time import sleep

import pytest

from flowengine.cli.workers import FEW
from tests.cli.commanding import COMMAND, FLOWS, Here, command, surroundings

FLOW = (FLOWS / "sign-in.flow.yaml").read_text()
BROKEN = FLOW.replace("start: ", "start: x-", 1)


def _write(folder: Path, count: int) -> None:
    for n in range(count):
        place = folder / f"{'ab'[n % 2]}-{n % 3}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{n:04}.flow.yaml").write_text(BROKEN if n % 5 == 0 else FLOW)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_the_output_is_the_same_in_one_process_and_in_several(here: Here, form: str) -> None:
    _write(here.folder, 20)
    words = ("check", "--no-cache", "--format", form)
    outputs = []
    for more in (("--jobs", "1"), ("--jobs", "3"), ("b-1", "b-0", "b-2", "a-2", "a-1", "a-0")):
        assert here(*words, *more) == 1
        assert here.err == ""
        outputs.append(here.out)
    assert outputs[0] == outputs[1] == outputs[2]


def test_findings_are_ordered_by_file_and_place(tmp_path: Path) -> None:
    _write(tmp_path, 40)
    found = json.loads(command(tmp_path, "check", "--format", "json").stdout)
    places = [(each["file"], each["start"]["line"]) for each in found["findings"]]
    assert len({file for file, _ in places}) == 40
    open_ones = [each for each in found["findings"] if each["suppression"] is None]
    assert len({each["file"] for each in open_ones}) == 8
    assert places == sorted(places)
    assert found["files"] == sorted(found["files"])
    assert found["summary"]["flows"] == 40


def test_processes_that_cannot_be_copied_are_begun_anew(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(here.folder, FEW + 4)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert here("check", "--jobs", "2", "--no-cache") == 1
    assert here.out.endswith("4 errors in 4 files (16 accepted)\n")


def test_a_flow_is_checked_once_however_it_is_named(here: Here) -> None:
    here.write("flows/a.flow.yaml", FLOW)
    (here.folder / "link.flow.yaml").symlink_to("flows/a.flow.yaml")
    words = ("flows", "flows/a.flow.yaml", "./flows/../flows/a.flow.yaml", "link.flow.yaml", "f*/*")
    assert here("check", *words) == 0
    assert here.out.startswith("1 flow, no findings")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("flows/*.flow.yaml", 2), ("**/*.flow.yaml", 4), ("flows/?.*", 2), ("**/in", 1), ("*", 4),
     ("flows/[a]*", 1)],
)  # fmt: skip
def test_patterns_are_expanded_where_no_shell_did(here: Here, pattern: str, count: int) -> None:
    for name in ("flows/a", "flows/b", "flows/in/c", "d", ".hidden/e", "flows/.f"):
        here.write(f"{name}.flow.yaml", FLOW)
    here.write("flows/README.md", "nothing of ours")
    assert here("check", "--no-cache", pattern) == 0
    flows = "1 flow" if count == 1 else f"{count} flows"
    assert here.out == f"{flows}, no findings ({count} accepted)\n"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("none/*.yaml", "no *.flow.yaml and no flowengine.yaml in none/*.yaml"),
     ("a**/b", "a**/b is no pattern: ** stands alone between slashes")],
)  # fmt: skip
def test_a_pattern_that_fits_nothing_is_a_matter_of_usage(
    here: Here, pattern: str, said: str
) -> None:
    assert here("check", pattern) == 2
    assert said in here.err


def at_a_terminal(folder: Path, *words: str, columns: int = 80, **more: str) -> tuple[int, str]:
    """Run a command at a terminal of its own; give the exit code and all that was drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {**surroundings(TERM="xterm-256color", **more)}
    for name in {"NO_COLOR", "COLUMNS", "LINES"} - more.keys():
        variables.pop(name, None)
    with subprocess.Popen(
        words, cwd=folder, env=variables, stdin=slave, stdout=slave, stderr=slave,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(slave)
        drawn = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # how a terminal says that all who wrote to it are gone
                break
            if not piece:
                break
            drawn += piece
        code = process.wait(30)
    os.close(master)
    return code, drawn.decode()


SLOW = """
import time
from flowengine.cli import progress, workers
progress.PATIENCE_S = {patience}
inner = workers.check_file
def slow(path):
    time.sleep({slow})
    return inner(path)
workers.check_file = slow
from flowengine.cli.__main__ import main
main()
"""


def test_a_bar_is_drawn_at_a_terminal_past_a_second_and_taken_away(tmp_path: Path) -> None:
    _write(tmp_path, 40)
    (tmp_path / "slow.py").write_text(SLOW.format(patience=1, slow=0.04))
    code, drawn = at_a_terminal(
        tmp_path, COMMAND[0], "slow.py", "check", "--jobs", "1", "--no-cache"
    )
    assert code == 1
    assert re.search(r"checking .*\d+/40", drawn)
    assert drawn.index("/40") < drawn.index("error: ")
    assert "\x1b[2K" in drawn[drawn.rindex("/40") :]


def test_a_quick_check_and_one_that_nobody_watches_draw_no_bar(tmp_path: Path) -> None:
    _write(tmp_path, 40)
    (tmp_path / "slow.py").write_text(SLOW.format(patience=60, slow=0.02))
    _, drawn = at_a_terminal(tmp_path, COMMAND[0], "slow.py", "check", "--jobs", "1", "--no-cache")
    assert "/40" not in drawn
    (tmp_path / "slow.py").write_text(SLOW.format(patience=0, slow=0))
    done = subprocess.run(
        (COMMAND[0], "slow.py", "check", "--jobs", "1", "--no-cache"), cwd=tmp_path,
        env=surroundings(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert "/40" not in done.stdout


def test_ctrl_c_stops_all_processes_with_a_word(tmp_path: Path) -> None:
    _write(tmp_path, 200)
    (tmp_path / "slow.py").write_text(SLOW.format(patience=60, slow=0.02))
    with subprocess.Popen(
        (COMMAND[0], "slow.py", "check", "--jobs", "2", "--no-cache"), cwd=tmp_path, text=True,
        env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        sleep(1.2)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (1, "", "\nflowengine: stopped\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_reports_fit_their_terminal_and_colours_can_be_had_without(
    tmp_path: Path, columns: int
) -> None:
    long = BROKEN.replace("start: x-", f"start: {'y' * 300}x-", 1)
    (tmp_path / "a.flow.yaml").write_text(long)
    code, drawn = at_a_terminal(tmp_path, *COMMAND, "check", columns=columns)
    assert code == 1
    assert "\x1b[31m\x1b[1merror" in drawn
    _, plain = at_a_terminal(tmp_path, *COMMAND, "check", columns=columns, NO_COLOR="1")
    assert "\x1b[3" not in plain
    lines = re.sub(r"\x1b\[\d*m|\r", "", plain).split("\n")
    shown = [line for line in lines if line.startswith(" ")]
    assert shown
    excerpts = [line for line in shown if " = " not in line]
    assert max(map(len, excerpts)) <= max(columns, 50)
