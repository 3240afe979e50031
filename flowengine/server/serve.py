"""Runs the application under Uvicorn: the only module, with ``protocol``, that needs it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn

from flowengine.server.app import App
from flowengine.server.protocol import BoundedHttpProtocol

Bound = Callable[[str, int], None]
"""Is called with the address and port once the server accepts connections."""

_BACKLOG: Final = 1024
_MOST_AT_ONCE: Final = 1000
_KEEP_ALIVE_S: Final = 30
_GRACE_S: Final = 10


class WireServer(uvicorn.Server):
    """A server bound to its address; ``run`` serves until a signal or :meth:`stop`."""

    def __init__(self, app: App, host: str, port: int, on_bound: Bound | None = None) -> None:
        """Bind to an address.

        Args:
            port: 0 takes a free one.
            on_bound: Told the real address as soon as connections are accepted.

        Raises:
            OSError: The address cannot be used.
        """
        super().__init__(_config(app))
        self._listener = _listen(host, port)
        self._on_bound = on_bound

    @property
    def address(self) -> tuple[str, int]:
        """The address and port that the server is bound to."""
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until SIGINT, SIGTERM or :meth:`stop`, then end what is under way and return."""
        super().run(sockets or [self._listener])

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Do the same in a running event loop."""
        await super().serve(sockets or [self._listener])

    def stop(self) -> None:
        """Ask the server to end; from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell where."""
        await super().startup(sockets)
        if self.started and self._on_bound is not None:
            self._on_bound(*self.address)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by returning: Uvicorn would raise the signal again, before stores are closed."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()


def serve(app: App, host: str, port: int, on_bound: Bound | None = None) -> None:
    """Serve until SIGINT or SIGTERM; nothing is printed.

    Raises:
        OSError: The address cannot be used.
    """
    WireServer(app, host, port, on_bound).run()


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedHttpProtocol,
        loop="auto",  # uvloop where it is installed
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the application has its own, stricter reading
        server_header=False,
        date_header=True,
        backlog=_BACKLOG,
        limit_concurrency=_MOST_AT_ONCE,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
