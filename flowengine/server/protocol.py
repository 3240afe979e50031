"""Uvicorn's HTTP protocol with a bound on the head of a request: its size, and its time.

Uvicorn bounds neither under httptools: a client could send headers without end, or none.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 64 * 1024
"""More than the application accepts, so that it can say so; past it the connection closes."""

HEAD_TIME_S: Final = 10.0


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Uvicorn's own
        """Take what Uvicorn gives."""
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head from now on."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes while a head is not complete."""
        if self.timeout_keep_alive_task is not None:
            self._expect_head()
        waiting = self._deadline
        super().data_received(data)
        if waiting is None or self._deadline is not waiting:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request header fields are too large.")

    def on_message_begin(self) -> None:
        """Expect the head of the next request, which may come in the same packet."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Go on with the request."""
        self._head_came()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(HEAD_TIME_S, self._give_up)

    def _head_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
