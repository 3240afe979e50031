"""Requests and responses of HTTP as values, and reading and writing them over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from flowengine.server.limits import ServerLimits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]


class DisconnectedError(Exception):
    """The client went away before its request was complete; nobody is there to be told."""


class UnacceptableError(Exception):
    """A request past a limit of HTTP itself; its connection is not used any further.

    Attributes:
        status: 408, 413 or 431.
        code: What stands where other errors have the exception's name.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came.

    Attributes:
        path: As in the request line, still percent-encoded, without the query.
        query: As in the request line, without its question mark.
        scheme: Of the connection to this server: ``http`` or ``https``.
        peer: The address at the other end of the connection; empty where there is none.
        headers: All in order, repeated ones too; names in lower case.
    """

    method: str
    path: str
    query: str
    scheme: str
    peer: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def values(self, name: str) -> list[str]:
        """Give a header's values, one for each time that it was sent."""
        return [value for sent, value in self.headers if sent == name]

    def only(self, name: str) -> str | None:
        """Give the value of a header that was sent exactly once, else None."""
        values = self.values(name)
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response to be sent; an error's message, with the client's id in it, is in its headers."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)


def read_head(scope: Scope, limits: ServerLimits) -> HttpRequest:
    """Read all of a request but its body.

    Raises:
        UnacceptableError: 431, too many or too long headers.
    """
    raw: list[tuple[bytes, bytes]] = list(scope["headers"])
    size = sum(len(name) + len(value) for name, value in raw)
    if len(raw) > limits.headers or size > limits.head_bytes:
        raise UnacceptableError(
            431, "RequestHeaderFieldsTooLargeException", "The request headers are too large"
        )
    path = scope.get("raw_path") or str(scope["path"]).encode("utf-8", "surrogatepass")
    client = scope.get("client")
    return HttpRequest(
        method=str(scope["method"]),
        path=path.decode("latin-1"),
        query=bytes(scope["query_string"]).decode("latin-1"),
        scheme=str(scope.get("scheme", "http")),
        peer=str(client[0]) if client else "",
        headers=tuple((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in raw),
    )


async def read_body(receive: Receive, announced: str | None, limits: ServerLimits) -> bytes:
    """Read a whole body; ``announced`` is its Content-Length.

    Raises:
        UnacceptableError: 413, it is too long; 408, it took too long.
        DisconnectedError: The client went away.
    """
    if announced is not None and announced.isdecimal() and int(announced) > limits.body_bytes:
        raise _too_long()
    try:
        async with asyncio.timeout(limits.body_time.total_seconds()):
            return await _read_chunks(receive, limits.body_bytes)
    except TimeoutError:
        raise UnacceptableError(
            408, "RequestTimeoutException", "The request body did not arrive in time"
        ) from None


async def _read_chunks(receive: Receive, most_bytes: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise DisconnectedError
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise _too_long()
        if not message.get("more_body", False):
            return bytes(body)


def _too_long() -> UnacceptableError:
    return UnacceptableError(413, "RequestEntityTooLargeException", "The request body is too long")


async def write_response(send: Send, response: HttpResponse, *, head_only: bool) -> None:
    """Send a response; ``head_only`` leaves the body out, as the answer to HEAD."""
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in response.headers]
    headers.append((b"content-length", str(len(response.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else response.body})
