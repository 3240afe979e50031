"""The pages that a browser opens, on localhost, which browsers trust without a certificate."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from tests.clients.processes import NODE, node_program

RELYING_PARTY: Final = "localhost"
PLAIN: Final = "plain"
"""A page that calls ``fetch`` and ``navigator.credentials``, and nothing else."""
OF_AMPLIFY: Final = "of-amplify"
"""A page of aws-amplify."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The same pages at two origins.

    Attributes:
        origin: The one that passkeys may be used at.
        elsewhere: One that the server was not told of.
        by_address: Those of ``origin``, by the address of their host.
    """

    folder: Path
    origin: str
    elsewhere: str
    by_address: str

    def build(self) -> None:
        """Bundle the scripts of the pages, as applications do."""
        scripts = [str(NODE / f"{page}.mjs") for page in (PLAIN, OF_AMPLIFY)]
        esbuild = str(NODE / "node_modules" / "esbuild" / "bin" / "esbuild")
        command = (node_program(), esbuild, *scripts, "--bundle", "--log-level=warning")
        subprocess.run((*command, f"--outdir={self.folder}"), check=True)
        for page in (PLAIN, OF_AMPLIFY):
            text = f'<!doctype html><title>Sign in</title><script src="{page}.js"></script>'
            (self.folder / f"{page}.html").write_text(text)


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def serving_pages(folder: Path) -> Iterator[Pages]:
    """Serve a folder of pages, empty until they are built."""
    folder.mkdir()
    with ExitStack() as stack:
        port, other = (stack.enter_context(_serving(folder)) for _ in range(2))
        yield Pages(
            folder,
            f"http://{RELYING_PARTY}:{port}",
            f"http://{RELYING_PARTY}:{other}",
            f"http://127.0.0.1:{port}",
        )


@contextmanager
def _serving(folder: Path) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
