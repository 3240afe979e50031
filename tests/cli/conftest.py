"""What the tests of the command line share."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine.cli.__main__ import run
from tests.cli.commanding import Here, deploy


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Give a folder of its own that commands are run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FLOWENGINE_DEBUG", raising=False)
    return Here(tmp_path, monkeypatch, capsys)


@pytest.fixture
def start(here: Here) -> Iterator[Here]:
    """Start servers that do not come to run, and leave logging as it was."""
    logger = logging.getLogger("flowengine")
    handlers, level = logger.handlers[:], logger.level
    yield here
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture(scope="session")
def without_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a deployment to be copied: its keys take a while to make."""
    folder = tmp_path_factory.mktemp("without-users")
    deploy(folder)
    assert run(["users", "show", "alice", "--deployment", str(folder / "flowengine.yaml")]) == 1
    return folder


@pytest.fixture
def deployed(here: Here, without_users: Path) -> Here:
    """Give a folder with a deployment that has no users yet."""
    shutil.copytree(without_users, here.folder, dirs_exist_ok=True)
    return here
