"""What is fetched by GET: a pool's public keys and discovery document, and the health check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flowengine.accounts.pool import Pool
from flowengine.engine.parts import Parts
from flowengine.server.calls import Answer
from flowengine.server.http import HttpRequest, HttpResponse
from flowengine.server.replies import ALLOW_ANY_ORIGIN, write_json
from flowengine.tokens.discovery import CONFIGURATION_PATH, JWKS_PATH, configuration
from flowengine.tokens.keys import jwks

HEALTH_PATH: Final = "/healthz"

_JSON: Final = ("content-type", "application/json")
_KEPT: Final = ("cache-control", "public, max-age=300")
_NOT_KEPT: Final = ("cache-control", "no-store")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
_AWS: Final = ".amazonaws.com"


def answer_get(parts: Parts, request: HttpRequest) -> Answer | None:
    """Give the document of a path; None where there is none."""
    if request.path == HEALTH_PATH:
        return Answer(_response(200, {"status": "ok"}, _NOT_KEPT), "healthz")
    if request.path.endswith(JWKS_PATH):
        return _keys(parts, request.path.removesuffix(JWKS_PATH))
    if request.path.endswith(CONFIGURATION_PATH):
        return _configuration(parts, request, request.path.removesuffix(CONFIGURATION_PATH))
    return None


def not_found() -> Answer:
    """Answer 404."""
    return Answer(_response(404, {"message": "Not Found"}, _NOT_KEPT))


def not_allowed(methods: str) -> Answer:
    """Answer 405; ``methods`` are those that the path has."""
    refused = _response(405, {"message": "Method Not Allowed"}, _NOT_KEPT, ("allow", methods))
    return Answer(refused)


def _keys(parts: Parts, path: str) -> Answer | None:
    pool = _pool(parts, path)
    if pool is None:
        return None
    keys = parts.signing[pool.id]
    return Answer(_response(200, jwks((keys.id, keys.access)), _KEPT), "jwks")


def _configuration(parts: Parts, request: HttpRequest, path: str) -> Answer | None:
    pool = _pool(parts, path)
    if pool is None or not pool.issuer:
        return None
    document = configuration(pool.issuer, _keys_at(request, pool))
    return Answer(_response(200, document, _KEPT), "openid-configuration")


def _pool(parts: Parts, path: str) -> Pool | None:
    """Give the pool of a path, if it has keys to show."""
    pool = parts.pools.get(path.removeprefix("/"))
    return pool if pool is not None and pool.id in parts.signing else None


def _keys_at(request: HttpRequest, pool: Pool) -> str | None:
    """Say where the keys are when tokens are issued under AWS's name: here."""
    host = request.only("host") or ""
    issued_by_aws = (urlsplit(pool.issuer).hostname or "").endswith(_AWS)
    if not issued_by_aws or _HOST.fullmatch(host) is None:
        return None
    return f"{request.scheme}://{host}/{pool.id}"


def _response(status: int, body: Mapping[str, Any], *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(status, (_JSON, ALLOW_ANY_ORIGIN, *headers), write_json(body))
