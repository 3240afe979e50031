"""Stands between a client and a Valkey server: speaks TLS for it, or loses its answers."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

_CHUNK = 65536


class Proxy:
    """Forwards each connection until one side ends it.

    Attributes:
        sent: How many pieces with an ``EVALSHA`` or ``EVAL`` went to the server.
    """

    def __init__(self, target_port: int, tls: ssl.SSLContext | None = None) -> None:
        self.sent = 0
        self.loses_answers = False
        self._target_port = target_port
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cut everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for each in self._open:
            _end(each)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        client = accepted
        try:
            if self._tls is not None:
                client = self._tls.wrap_socket(accepted, server_side=True)
            server = socket.create_connection(("127.0.0.1", self._target_port))
        except OSError:
            _end(client)
            return
        self._open += [client, server]
        asked = threading.Event()
        back = threading.Thread(
            target=_forward, args=(server, client, lambda _: self._passes(asked)), daemon=True
        )
        back.start()
        _forward(client, server, lambda piece: self._notes(piece, asked))
        back.join()

    def _notes(self, piece: bytes, asked: threading.Event) -> bool:
        if b"EVAL" in piece:
            self.sent += 1
            asked.set()
        return True

    def _passes(self, asked: threading.Event) -> bool:
        """Say whether an answer gets through; the one to a script, if it is to be lost, cuts."""
        return not (self.loses_answers and asked.is_set())


def _forward(source: socket.socket, sink: socket.socket, passes: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while (piece := source.recv(_CHUNK)) and passes(piece):
            sink.sendall(piece)
    _end(source)
    _end(sink)


def _end(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    side.close()
