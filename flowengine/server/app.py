"""The ASGI application."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import replace
from typing import Final

from flowengine.engine.requests import RequestOrigin
from flowengine.server import documents
from flowengine.server.addresses import Proxies
from flowengine.server.calls import Answer, answer_call, internal_error, turned_away, unacceptable
from flowengine.server.http import (
    DisconnectedError,
    HttpRequest,
    HttpResponse,
    Receive,
    Scope,
    Send,
    UnacceptableError,
    read_body,
    read_head,
    write_response,
)
from flowengine.server.replies import ALLOW_ANY_ORIGIN
from flowengine.server.settings import ServerSettings

_log = logging.getLogger("flowengine.server")

_UUID_BYTES: Final = 16
_LONGEST_USER_AGENT: Final = 1024
_FROM_BROWSERS: Final = (
    "content-type",
    "x-amz-target",
    "x-amz-user-agent",
    "cache-control",
    "authorization",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
)
"""The headers that the SDKs send from a page of another origin."""

_PREFLIGHT: Final = HttpResponse(
    204,
    (
        ALLOW_ANY_ORIGIN,
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", ",".join(_FROM_BROWSERS)),
        ("access-control-max-age", "86400"),
    ),
)


class App:
    """Cognito's wire protocol, its public documents and a health check."""

    def __init__(self, settings: ServerSettings) -> None:
        """Take what is served.

        Raises:
            ValueError: A proxy is neither an address nor a network.
        """
        self._settings = settings
        self._proxies = Proxies.parse(settings.proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await send({"type": "websocket.close", "code": 1000})
            case _:
                raise NotImplementedError

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = self._request_id()
        try:
            answer = await self._answer(scope, receive, request_id)
        except UnacceptableError as error:
            answer = unacceptable(request_id, error)
        except DisconnectedError:
            return
        except Exception as error:  # noqa: BLE001 - nothing of it may reach the caller or the log
            answer = internal_error(request_id, "-", error)
        await write_response(send, answer.response, head_only=scope["method"] == "HEAD")
        _log.info(
            "operation=%s status=%d error=%s ms=%.1f",
            answer.about,
            answer.response.status,
            answer.error,
            (time.perf_counter() - started) * 1000,
        )

    def _request_id(self) -> str:
        drawn = self._settings.engine.parts.entropy.draw(_UUID_BYTES)
        return str(uuid.UUID(bytes=drawn, version=4))

    async def _answer(self, scope: Scope, receive: Receive, request_id: str) -> Answer:
        limits = self._settings.limits
        request = read_head(scope, limits)
        refusal = self._settings.gate and self._settings.gate.objection(request)
        if refusal:
            return turned_away(request_id, refusal)
        if request.path != "/":
            return self._document(request)
        match request.method:
            case "POST":
                length = request.only("content-length")
                body = await read_body(receive, length, limits)
                whole = replace(request, body=body)
                return await answer_call(self._settings, whole, self._origin(whole), request_id)
            case "OPTIONS":
                return Answer(_PREFLIGHT, "preflight")
            case _:
                return documents.not_allowed("POST, OPTIONS")

    def _document(self, request: HttpRequest) -> Answer:
        found = documents.answer_get(self._settings.engine.parts, request)
        if found is None:
            return documents.not_found()
        return found if request.method in ("GET", "HEAD") else documents.not_allowed("GET, HEAD")

    def _origin(self, request: HttpRequest) -> RequestOrigin:
        """Say where a call came from: what the connection says, never what the body claims."""
        ip = self._proxies.origin(request.peer, request.values("x-forwarded-for"))
        return RequestOrigin(ip, (request.only("user-agent") or "")[:_LONGEST_USER_AGENT])


def make_app(settings: ServerSettings) -> App:
    """Make the application.

    Raises:
        ValueError: A proxy is neither an address nor a network.
    """
    return App(settings)


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's start and stop; there is nothing to open: the engine is assembled."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
