"""What is fetched by GET."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.tokens.keys import jwks
from tests.operations.world import OTHER_POOL, POOL, new_world, signing
from tests.server.wire import HOST, app_of, exchanged, send

APP = app_of(new_world())


@pytest.mark.parametrize("pool_id", [POOL.id, OTHER_POOL.id])
def test_the_public_keys_of_a_pool_are_served_and_nothing_private(pool_id: str) -> None:
    answer = send(APP, "GET", f"/{pool_id}/.well-known/jwks.json")
    keys = signing()[pool_id]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == jwks((keys.id, keys.access))
    for key in answer.json()["keys"]:
        assert key.keys() == {"kty", "kid", "use", "alg", "n", "e"}


def test_tokens_under_the_name_of_aws_are_verified_with_the_keys_served_here() -> None:
    document = send(APP, "GET", f"/{POOL.id}/.well-known/openid-configuration").json()
    assert document["issuer"] == POOL.issuer
    assert document["jwks_uri"] == f"http://{HOST}/{POOL.id}/.well-known/jwks.json"


def test_an_issuer_of_ones_own_serves_its_own_keys() -> None:
    path = f"/{OTHER_POOL.id}/.well-known/openid-configuration"
    document = send(APP, "GET", path).json()
    assert document["jwks_uri"] == f"{OTHER_POOL.issuer}/.well-known/jwks.json"


@pytest.mark.parametrize("host", ["evil.example/x#", 'a"b', "a@b", "a b", ""])
def test_a_host_that_is_none_is_not_repeated(host: str) -> None:
    path = f"/{POOL.id}/.well-known/openid-configuration"
    document = send(APP, "GET", path, headers={"host": host}).json()
    assert document["jwks_uri"] == f"{POOL.issuer}/.well-known/jwks.json"


def test_the_health_check_answers() -> None:
    assert send(APP, "GET", "/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/healthz", f"/{POOL.id}/.well-known/jwks.json"])
def test_head_is_get_without_its_body(path: str) -> None:
    full, head = send(APP, "GET", path), send(APP, "HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == full.headers
    sent, _ = exchanged(APP, [], {}, method="HEAD", path=path)
    assert [message.get("body") for message in sent] == [None, b""]


def test_a_pool_that_names_no_issuer_has_no_discovery_document() -> None:
    app = app_of(new_world(replace(POOL, issuer="")))
    assert send(app, "GET", f"/{POOL.id}/.well-known/openid-configuration").status_code == 404
    assert send(app, "GET", f"/{POOL.id}/.well-known/jwks.json").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/", 405, "POST, OPTIONS"),
        ("HEAD", "/", 405, "POST, OPTIONS"),
        ("DELETE", "/", 405, "POST, OPTIONS"),
        ("POST", "/healthz", 405, "GET, HEAD"),
        ("PUT", f"/{POOL.id}/.well-known/jwks.json", 405, "GET, HEAD"),
        ("GET", "/nothing", 404, None),
        ("POST", "/x//", 404, None),
        ("GET", "/eu-west-1_Nowhere/.well-known/jwks.json", 404, None),
        ("GET", "/eu-west-1_Nowhere/.well-known/openid-configuration", 404, None),
        ("GET", "/.well-known/jwks.json", 404, None),
        ("GET", f"/x/{POOL.id}/.well-known/jwks.json", 404, None),
        ("GET", f"/{POOL.id}/.well-known/", 404, None),
    ],
)
def test_what_is_not_there_is_not_found_or_not_allowed(
    method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = send(APP, method, path)
    assert answer.status_code == status
    assert answer.headers.get("allow") == allowed
    if method != "HEAD":
        assert answer.json().keys() == {"message"}
