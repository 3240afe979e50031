from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from flowengine.delivery.outbox import OutboxSender
from flowengine.delivery.sending import SendingError, UndeliverableError
from tests.delivery.letters import ADDRESS, letter
from tests.planted import CODE, MARK

WRITER = """
import sys
from pathlib import Path
from flowengine.delivery.outbox import OutboxSender
from tests.delivery.letters import letter
sender = OutboxSender(Path(sys.argv[1]))
sys.stdin.readline()
for number in range(500):
    sender.send(letter(purpose=sys.argv[2], to=f"{number}-" + "x" * 5000))
"""


def test_a_line_has_what_the_design_says(tmp_path: Path) -> None:
    OutboxSender(tmp_path / "outbox.jsonl").send(letter(to="ä\u2028@example.com"))
    text = (tmp_path / "outbox.jsonl").read_text()
    assert text.count("\n") == 1
    assert json.loads(text) == {
        "time": "2026-11-27T08:30:00.250Z",
        "channel": "email",
        "to": "ä\u2028@example.com",
        "username": f"ann-{MARK}",
        "code": CODE,
        "purpose": "sign-in",
    }


def test_half_a_character_in_a_name_is_written_too(tmp_path: Path) -> None:
    OutboxSender(tmp_path / "outbox.jsonl").send(letter(username="\ud800"))
    assert json.loads((tmp_path / "outbox.jsonl").read_bytes())["username"] == "\ud800"


def test_nobody_else_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    before = os.umask(0)
    try:
        OutboxSender(path).send(letter())
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    path.write_text("")
    path.chmod(0o664)
    OutboxSender(path).send(letter())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_rotated_away_is_made_anew(tmp_path: Path) -> None:
    path, sender = tmp_path / "outbox.jsonl", OutboxSender(tmp_path / "outbox.jsonl")
    sender.send(letter())
    path.rename(tmp_path / "outbox.jsonl.1")
    sender.send(letter())
    assert path.read_text().count("\n") == 1


def test_two_processes_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            cwd=root,
            stdin=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for writer in writers:
        writer.communicate("go\n")
        assert writer.returncode == 0
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert Counter(line["purpose"] for line in lines) == {"one": 500, "two": 500}
    for name in ("one", "two"):
        written = [int(line["to"].split("-")[0]) for line in lines if line["purpose"] == name]
        assert written == list(range(500))


def test_a_line_that_the_disk_had_no_room_for_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "outbox.jsonl"
    OutboxSender(path).send(letter())
    whole = path.read_text()
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from flowengine.delivery.outbox import OutboxSender\n"
        "from flowengine.delivery.sending import SendingError\n"
        "from tests.delivery.letters import letter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(whole) + 40}, {len(whole) + 40}))\n"
        "try:\n"
        "    OutboxSender(Path(sys.argv[1])).send(letter())\n"
        "except SendingError as error:\n"
        "    print(error.reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "outbox-not-written\n"
    assert path.read_text() == whole


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outbox.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SendingError):
        OutboxSender(tmp_path / "outbox.jsonl").send(letter())
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_that_nobody_reads_does_not_hang_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "outbox.jsonl")
    with pytest.raises(SendingError):
        OutboxSender(tmp_path / "outbox.jsonl").send(letter())


def test_a_device_is_no_outbox() -> None:
    with pytest.raises(UndeliverableError):
        OutboxSender(Path("/dev/null")).send(letter())


def test_what_cannot_be_opened_is_said_without_the_address(tmp_path: Path) -> None:
    with pytest.raises(SendingError) as failed:
        OutboxSender(tmp_path / "none" / "outbox.jsonl").send(letter())
    assert failed.value.reason == "outbox-not-opened"
    assert ADDRESS not in str(failed.value)
