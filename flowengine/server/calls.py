"""``POST /``: from a request to the operation that it names, and back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flowengine.crypto.sigv4 import Refusal
from flowengine.engine.requests import RequestOrigin
from flowengine.errors import (
    CallerError,
    SerializationError,
    UnknownOperationError,
)
from flowengine.server.bodies import read_object
from flowengine.server.catalog import TARGET_PREFIX, Operation
from flowengine.server.http import HttpRequest, HttpResponse, UnacceptableError
from flowengine.server.replies import AMZ_JSON, failed, succeeded
from flowengine.server.settings import ServerSettings
from flowengine.server.shapes import read_members
from flowengine.server.signatures import refused, signed_region

INTERNAL_ERROR: Final = "InternalErrorException"
_TURNED_AWAY: Final = "AccessDeniedException"
_INTERNAL_TEXT: Final = "An internal error occurred."

_log = logging.getLogger("flowengine.server")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and what the log may say of it.

    Attributes:
        about: The operation's or the document's name; ``-`` where there is none.
        error: The exception's name on the wire, or ``-``.
    """

    response: HttpResponse
    about: str = "-"
    error: str = "-"


async def answer_call(
    settings: ServerSettings, request: HttpRequest, origin: RequestOrigin, request_id: str
) -> Answer:
    """Do what a call asks. Total: whatever happens becomes an answer."""
    name, client_id = operation_name(settings, request), ""
    try:
        operation, members, region = _read_call(settings, request, name)
        client_id = members.get("ClientId", "")
        asked = replace(origin, region=region or "")
        body = await operation.handler(settings.engine, members, asked)
        return Answer(succeeded(request_id, body), name)
    except CallerError as error:
        message = error.message.replace("{client_id}", client_id)
        response = failed(request_id, error.status, error.code, message)
        return Answer(response, name, error.code)
    except Exception as error:  # noqa: BLE001 - nothing of it may reach the caller or the log
        return internal_error(request_id, name, error)


def unacceptable(request_id: str, error: UnacceptableError) -> Answer:
    """Answer a request past a limit of HTTP, and have its connection closed."""
    response = failed(request_id, error.status, error.code, error.message)
    closed = replace(response, headers=(*response.headers, ("connection", "close")))
    return Answer(closed, "-", error.code)


def turned_away(request_id: str, message: str) -> Answer:
    """Answer 403 to what the gate refuses; no page of another origin may read even that."""
    response = failed(request_id, 403, _TURNED_AWAY, message)
    headers = tuple(each for each in response.headers if not each[0].startswith("access-control-"))
    return Answer(replace(response, headers=headers), "-", _TURNED_AWAY)


def internal_error(request_id: str, name: str, error: Exception) -> Answer:
    """Answer 500; of the exception only its class is logged, for its text may hold anything."""
    _log.error("request_id=%s operation=%s exception=%s", request_id, name, type(error).__name__)
    return Answer(failed(request_id, 500, INTERNAL_ERROR, _INTERNAL_TEXT), name, INTERNAL_ERROR)


def operation_name(settings: ServerSettings, request: HttpRequest) -> str:
    """Give the name of the operation that is served under the request's target, or ``-``."""
    target = request.only("x-amz-target") or ""
    name = target.removeprefix(TARGET_PREFIX)
    return name if name in settings.operations and target != name else "-"


def _read_call(
    settings: ServerSettings, request: HttpRequest, name: str
) -> tuple[Operation, dict[str, Any], str | None]:
    """Check all of a call but what its operation checks, in Cognito's order."""
    operation = settings.operations.get(name)
    if operation is None:
        raise UnknownOperationError("There is no such operation.")
    region = _region(settings, request, operation)
    _check_content_type(request)
    sent = read_object(request.body, depth=settings.limits.depth)
    members = read_members(operation.input, sent)
    _check_region(settings, members, region)
    return operation, members, region


def _region(settings: ServerSettings, request: HttpRequest, operation: Operation) -> str | None:
    """Give the region that a call was signed for; None for one that needs no signature."""
    if not operation.admin:
        return None
    parts = settings.engine.parts
    regions = None if settings.any_region else {pool.region for pool in parts.pools.values()}
    return signed_region(request, settings.admin, regions, parts.clock.now())


def _check_region(settings: ServerSettings, members: Mapping[str, Any], region: str | None) -> None:
    """Hold the region that was signed for against that of the pool which the body names."""
    pool = settings.engine.parts.pools.get(members.get("UserPoolId", ""))
    if region is not None and pool is not None and pool.region != region:
        raise refused(Refusal.OTHER_SCOPE)


def _check_content_type(request: HttpRequest) -> None:
    """Demand the protocol's own type: no page of another origin can send it unasked."""
    written = request.only("content-type") or ""
    if written.partition(";")[0].strip().lower() != AMZ_JSON:
        raise SerializationError(f"The content type must be {AMZ_JSON}")
