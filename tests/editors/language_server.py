"""A client of the YAML language server, as editors are: JSON-RPC over its standard streams.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NODE_FOLDER = Path(__file__).parents[1] / "clients" / "node"
SERVER = NODE_FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


class LanguageServer:
    """One server in a process of its own, with one folder open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self.told: dict[str, list[dict[str, Any]]] = {}
        """The diagnostics of each open file, by its name."""

    def __enter__(self) -> Self:
        beside_python = Path(sys.executable).parent
        node = shutil.which("node", path=f"{beside_python}{os.pathsep}{os.environ.get('PATH', '')}")
        if node is None or not SERVER.is_file():
            raise RuntimeError("the language server is not installed: run `make .venv/.node`")
        self._process = subprocess.Popen(
            (node, str(SERVER), "--stdio"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=self._folder,
        )  # fmt: skip
        root = self._folder.as_uri()
        capabilities = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
        self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities})
        self._tell("initialized", {})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, name: str, text: str) -> str:
        """Write a file and open it; give its address."""
        path = self._folder / name
        path.write_text(text)
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def at(self, method: str, uri: str, line: int, character: int) -> Any:
        """Ask about a place; both numbers are from 0."""
        place = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": place})

    def ask(self, method: str, parameters: Any) -> Any:
        """Send a request and give its result; requests of the server are answered meanwhile."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def wait_for_diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Give what the server says about a file; it says so once it has read its schema."""
        while uri not in self.told:
            self._receive()
        return self.told[uri]

    def _tell(self, method: str, parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            items = message.get("params", {}).get("items", [])
            self._send({"id": message["id"], "result": [None] * len(items) if items else None})
        return message
