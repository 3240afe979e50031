"""The application of ``serve --dev``, called in this process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

from flowengine.assembly.developing import (
    assemble_to_develop,
    empty_deployment,
    to_develop,
)
from flowengine.deployment.definition import AdminKey, Deployment, Listen
from flowengine.server.app import App, make_app
from flowengine.server.development.catalog import development_operations
from flowengine.server.loopback import LoopbackGate
from flowengine.server.settings import ServerSettings
from flowengine.source import SourceText, Span
from tests.planted import ADMIN_SECRET
from tests.server.wire import KEY_ID, Signer, as_modelled, error_of, send, sign, succeeded

LISTEN = Listen("127.0.0.1", 9229)


def developed_app(deployment: Deployment | None = None) -> App:
    """Make the application of a deployment, or of none; administrators sign as everywhere."""
    key = AdminKey(KEY_ID, ADMIN_SECRET, Span(0, 0))
    developed = assemble_to_develop(to_develop(deployment or _elsewhere(), key))
    return make_app(
        ServerSettings(
            engine=developed.assembled.engine,
            admin=developed.assembled.admin,
            operations=development_operations(developed.estate),
            any_region=True,
            gate=LoopbackGate(LISTEN.port),
        )
    )


def _elsewhere() -> Deployment:
    """Give a deployment with nothing in it, whose outbox is not in this folder."""
    empty = empty_deployment(LISTEN)
    source = SourceText(str(Path(mkdtemp()) / "flowengine.yaml"), "")
    return replace(empty, definition=replace(empty.definition, source=source))


def call(
    app: App, operation: str, signer: Signer | None = None, /, **members: Any
) -> httpx.Response:
    """Call an operation as an administrator, at the system's time; the model allows the answer."""
    content = json.dumps(members).encode()
    answer = send(app, "POST", content=content, headers=sign(operation, content, signer))
    return as_modelled(answer, operation)


def done(app: App, operation: str, /, **members: Any) -> dict[str, Any]:
    """Call one that succeeds."""
    return succeeded(call(app, operation, **members), operation)


def refused(app: App, operation: str, /, **members: Any) -> str:
    """Call one that is refused as a bad parameter; what is said."""
    status, code, message = error_of(call(app, operation, **members))
    assert (status, code) == (400, "InvalidParameterException")
    return message


def new_pool(app: App, **members: Any) -> str:
    """Make a pool; its id."""
    pool_id: str = done(app, "CreateUserPool", PoolName="made", **members)["UserPool"]["Id"]
    return pool_id


def new_client(app: App, pool_id: str, **members: Any) -> dict[str, Any]:
    """Make a client, as it is described."""
    members = {"UserPoolId": pool_id, "ClientName": "app", **members}
    client: dict[str, Any] = done(app, "CreateUserPoolClient", **members)["UserPoolClient"]
    return client
