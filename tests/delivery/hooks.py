"""A real receiver of webhooks, which checks signatures in its own way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    path: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Verify as a receiver does, from the specification's text alone."""
        key = base64.b64decode(secret.split("_", 1)[1])
        parts = [self.headers["webhook-id"], self.headers["webhook-timestamp"]]
        signed = b".".join([*(part.encode() for part in parts), self.body])
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return expected in self.headers["webhook-signature"].split(" ")


class Hook:
    """Listens on a port of its own and keeps what it receives.

    Args:
        answers: Status and headers by turn, the last for ever.
        hang_s: How long it waits before it answers.
    """

    def __init__(
        self,
        *,
        answers: tuple[tuple[int, dict[str, str]], ...] = ((204, {}),),
        tls: ssl.SSLContext | None = None,
        hang_s: float = 0,
    ) -> None:
        self.received: list[Received] = []
        self._answers = list(answers)
        self._hang_s = hang_s
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, received: Received) -> tuple[int, dict[str, str]]:
        self.received.append(received)
        time.sleep(self._hang_s)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = hook.answer(Received(self.path, self.headers, body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def handle(self) -> None:
                with suppress(OSError):  # a client that gave up, or did not trust the certificate
                    super().handle()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
