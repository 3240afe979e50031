"""Calling the application in this process, as a client of the wire protocol does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from flowengine.server.app import App, make_app
from flowengine.server.http import Message
from flowengine.server.settings import ServerSettings
from tests.operations.world import World
from tests.planted import ADMIN_SECRET

HOST = "127.0.0.1:9229"
KEY_ID = "AKIDADMIN"
ADMIN = {KEY_ID: ADMIN_SECRET}
PREFIX = "AWSCognitoIdentityProviderService."
OF_THE_PROTOCOL = {
    "AccessDeniedException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "SerializationException",
    "UnknownOperationException",
}
"""What any operation may answer. Source: Amazon Cognito API reference, Common Error Types."""
AMZ_JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs administrative calls, and for which region."""

    key_id: str = KEY_ID
    secret: str = ADMIN[KEY_ID]
    region: str = "eu-west-1"
    service: str = "cognito-idp"


def app_of(world: World, **settings: Any) -> App:
    """Make the application of a world."""
    return make_app(ServerSettings(world.engine, **{"admin": ADMIN, **settings}))


def send(
    app: App,
    method: str,
    path: str = "/",
    *,
    content: bytes = b"",
    headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    peer: str = "192.0.2.1",
) -> httpx.Response:
    """Send one request."""

    async def sent() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(peer, 50000))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(sent())


def exchanged(
    app: App, messages: list[Message], headers: Mapping[str, str], **scope: Any
) -> tuple[list[Message], int]:
    """Give messages of ASGI one by one; what was sent for them, and how many were taken."""
    waiting = list(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0)

    async def keep(message: Message) -> None:
        sent.append(message)

    plain = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "client": None,
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }
    asyncio.run(app({**plain, **scope}, receive, keep))
    return sent, len(messages) - len(waiting)


def post(
    app: App,
    operation: str,
    members: Mapping[str, Any] | bytes,
    *,
    headers: Mapping[str, str] | None = None,
    peer: str = "192.0.2.1",
) -> httpx.Response:
    """Call an operation without signing."""
    content = members if isinstance(members, bytes) else json.dumps(members).encode()
    plain = {"content-type": AMZ_JSON, "x-amz-target": PREFIX + operation}
    answer = send(app, "POST", content=content, headers={**plain, **(headers or {})}, peer=peer)
    return as_modelled(answer, operation)


def sign(operation: str, content: bytes, signer: Signer | None = None) -> dict[str, str]:
    """Give the headers of a call as botocore signs it, at the system's present time."""
    who = signer or Signer()
    request = AWSRequest(
        method="POST",
        url=f"http://{HOST}/",
        data=content,
        headers={"content-type": AMZ_JSON, "x-amz-target": PREFIX + operation},
    )
    SigV4Auth(Credentials(who.key_id, who.secret), who.service, who.region).add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()}


def signed_at(headers: Mapping[str, str]) -> datetime:
    """Give the time of a signature."""
    return datetime.strptime(headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")


def move_clock(world: World, moment: datetime) -> None:
    """Set a world's clock."""
    world.clock.advance(moment - world.clock.now())


def admin(
    world: World,
    operation: str,
    members: Mapping[str, Any],
    signer: Signer | None = None,
    **settings: Any,
) -> httpx.Response:
    """Call an operation as an administrator; the world's clock is set to the system's time."""
    content = json.dumps(members).encode()
    headers = sign(operation, content, signer)
    move_clock(world, signed_at(headers))
    answer = send(app_of(world, **settings), "POST", content=content, headers=headers)
    return as_modelled(answer, operation)


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    """Give status, exception and message, which stand in body and headers alike."""
    body = response.json()
    code = str(body["__type"])
    assert response.headers["x-amzn-errortype"] == f"{code}:"
    assert response.headers["content-type"] == AMZ_JSON
    return response.status_code, code, str(body["message"])


def succeeded(response: httpx.Response, operation: str) -> dict[str, Any]:
    """Give the body of a success, which the service's own model must allow."""
    assert response.status_code == 200, response.text
    body: dict[str, Any] = as_modelled(response, operation).json()
    return body


def as_modelled(response: httpx.Response, operation: str) -> httpx.Response:
    """Give an answer back that the service's own model allows its operation to give."""
    if operation in service_model().operation_names:
        body = response.json()
        good = response.status_code == 200
        shape = _output(operation) if good else _error(operation, body.pop("__type"))
        found = objections(shape, body) if shape else list(body)
        assert found == [], f"{operation}: {found}"
    return response


def _output(operation: str) -> Shape | None:
    return service_model().operation_model(operation).output_shape


def _error(operation: str, name: str) -> Shape:
    errors = {each.name: each for each in service_model().operation_model(operation).error_shapes}
    assert name in errors.keys() | OF_THE_PROTOCOL, f"{operation} answers no {name}"
    return errors.get(name, errors["InternalErrorException"])


@cache
def service_model() -> ServiceModel:
    """Give botocore's model of the service."""
    return botocore.session.get_session().get_service_model("cognito-idp")


def objections(shape: Shape, value: object, path: str = "") -> list[str]:
    """Say where a value is not what the service's model allows; unknown members count."""
    match shape:
        case StructureShape():
            return _structure_objections(shape, value, path)
        case ListShape():
            return _list_objections(shape, value, path)
        case MapShape():
            return _map_objections(shape, value, path)
        case StringShape():
            return _string_objections(shape, value, path)
        case _:
            return _scalar_objections(shape, value, path)


def _list_objections(shape: ListShape, value: object, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: not a list"]
    places = enumerate(value)
    return [o for n, one in places for o in objections(shape.member, one, f"{path}.{n}")]


def _map_objections(shape: MapShape, value: object, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: not a map"]
    found = []
    for key, one in value.items():
        found += objections(shape.key, key, f"{path}.{key}")
        found += objections(shape.value, one, f"{path}.{key}")
    return found


def _structure_objections(shape: StructureShape, value: object, path: str) -> list[str]:
    if shape.is_document_type:
        return []
    if not isinstance(value, dict):
        return [f"{path}: not a structure"]
    found = [f"{path}.{name}: missing" for name in shape.required_members if name not in value]
    for name, one in value.items():
        member = shape.members.get(name)
        here = f"{path}.{name}"
        found += [f"{here}: unknown"] if member is None else objections(member, one, here)
    return found


def _string_objections(shape: StringShape, value: object, path: str) -> list[str]:
    if not isinstance(value, str):
        return [f"{path}: not a string"]
    limits = shape.metadata
    found = []
    if not limits.get("min", 0) <= len(value) <= limits.get("max", len(value)):
        found.append(f"{path}: too short or too long")
    if shape.enum and value not in shape.enum:
        found.append(f"{path}: not in the enum")
    pattern = limits.get("pattern", "")
    if pattern and "\\p{" not in pattern and re.fullmatch(pattern, value) is None:
        found.append(f"{path}: not of the pattern")
    return found


def _scalar_objections(shape: Shape, value: object, path: str) -> list[str]:
    kinds: dict[str, tuple[type, ...]] = {
        "boolean": (bool,),
        "integer": (int,),
        "timestamp": (int, float),
    }
    wanted = kinds[shape.type_name]
    good = isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
    return [] if good else [f"{path}: not a {shape.type_name}"]
