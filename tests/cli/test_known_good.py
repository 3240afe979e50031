"""The cache of clean files: it may only ever say "clean", and only when it is right."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.commanding import FLOWS, Here, command, surroundings

FLOW = (FLOWS / "sign-in.flow.yaml").read_text()
BROKEN = FLOW.replace("start: ", "start: x-")
KNOWN = "1 flow, no findings (1 known good)\n"
READ = "1 flow, no findings (1 accepted)\n"


@pytest.fixture
def known(here: Here, monkeypatch: pytest.MonkeyPatch) -> Here:
    """Give a folder with a flow that is known to be clean, by a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(here.folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(here.folder / "state"))
    here.write("a.flow.yaml", FLOW)
    assert here("check", "a.flow.yaml") == 0
    assert here.out == READ
    assert here("check", "a.flow.yaml") == 0
    assert here.out == KNOWN
    return here


def _folder(here: Here) -> Path:
    return here.folder / "cache" / "flowengine" / "clean"


def _key(here: Here) -> Path:
    return here.folder / "state" / "flowengine" / "clean.key"


def test_a_file_that_changed_is_checked(known: Here) -> None:
    known.write("a.flow.yaml", BROKEN)
    assert known("check", "a.flow.yaml") == 1
    assert "[dangling-target]" in known.out


def test_what_has_findings_is_never_kept(known: Here) -> None:
    (entry,) = _folder(known).iterdir()
    entry.unlink()
    known.write("a.flow.yaml", BROKEN)
    assert known("check", "a.flow.yaml") == 1
    assert list(_folder(known).iterdir()) == []


def test_what_was_accepted_is_shown_to_programs_all_the_same(known: Here) -> None:
    assert known("check", "--format", "json", "a.flow.yaml") == 0
    (accepted,) = json.loads(known.out)["findings"]
    assert (accepted["rule"], accepted["suppression"] is None) == ("single-factor", False)


def test_the_option_and_a_ci_read_every_file(known: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    assert known("check", "--no-cache", "a.flow.yaml") == 0
    assert known.out == READ
    monkeypatch.setenv("CI", "true")
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ


def test_nobody_else_can_read_or_change_what_is_kept(known: Here) -> None:
    (entry,) = _folder(known).iterdir()
    modes = [path.stat().st_mode & 0o777 for path in (_folder(known), entry, _key(known))]
    assert modes == [0o700, 0o600, 0o600]


def test_the_seal_of_a_clean_file_is_not_that_of_another(known: Here) -> None:
    (entry,) = _folder(known).iterdir()
    seal = entry.read_bytes()
    known.write("b.flow.yaml", FLOW)
    assert known("check", "b.flow.yaml") == 0
    (other,) = set(_folder(known).iterdir()) - {entry}
    known.write("b.flow.yaml", BROKEN)
    for forged in (seal, other.read_bytes(), b"\0" * 32, b"", os.urandom(32)):  # noqa: TID251 - any bytes
        other.write_bytes(forged)
        assert known("check", "b.flow.yaml") == 1


def test_another_key_knows_nothing(known: Here) -> None:
    _key(known).write_bytes(b"x" * 32)
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ


def test_a_damaged_key_is_made_anew(known: Here) -> None:
    _key(known).write_bytes(b"short")
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ
    assert known("check", "a.flow.yaml") == 0
    assert known.out == KNOWN


@pytest.mark.parametrize("place", ["folder", "key", "entry"])
def test_what_others_could_have_changed_is_not_believed(known: Here, place: str) -> None:
    (entry,) = _folder(known).iterdir()
    {"folder": _folder(known), "key": _key(known), "entry": entry}[place].chmod(0o777)
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ
    assert ("the cache is not used: " in known.err) == (place != "entry")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("place", ["folder", "key", "entry"])
def test_what_belongs_to_another_user_is_not_believed(known: Here, place: str) -> None:
    (entry,) = _folder(known).iterdir()
    os.chown({"folder": _folder(known), "key": _key(known), "entry": entry}[place], 65534, 65534)
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ


def test_links_in_the_place_of_what_is_kept_are_not_followed(known: Here) -> None:
    (entry,) = _folder(known).iterdir()
    entry.rename(known.folder / "elsewhere")
    entry.symlink_to(known.folder / "elsewhere")
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ


def test_a_flow_that_uses_others_is_not_kept_since_they_may_change(known: Here) -> None:
    for name in ("post-password", "second-factor", "device"):
        known.write(f"{name}.flow.yaml", (FLOWS / f"{name}.flow.yaml").read_text())
    for _ in range(2):
        assert known("check", "post-password.flow.yaml") == 0
        assert known.out == "1 flow, no findings\n"


def test_another_build_of_flowengine_knows_nothing(
    known: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowengine.cli.known_good._build", lambda: b"another")
    assert known("check", "a.flow.yaml") == 0
    assert known.out == READ


def test_where_nothing_can_be_kept_files_are_checked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.flow.yaml").write_text(FLOW)
    for home in ("/proc/nowhere", "relative", str(tmp_path / "a.flow.yaml")):
        variables = surroundings(XDG_CACHE_HOME=home, XDG_STATE_HOME=home, HOME="/proc/nowhere")
        done = command(tmp_path, "check", "a.flow.yaml", env=variables)
        assert (done.returncode, done.stdout) == (0, READ)
