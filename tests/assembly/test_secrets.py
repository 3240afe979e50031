"""A deployment that is open shows none of its secrets."""

from __future__ import annotations

import asyncio
import base64
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from flowengine.assembly.adapters import (
    UserStores,
    place_of_users,
    sign_in_stores,
    user_stores,
)
from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.assembly.connecting import BlockingConnecting, SignInStores
from flowengine.assembly.keyrings import decoy_secret, keyring_of
from flowengine.deployment.definition import AdminKey, Deployment
from flowengine.engine.system import InlineWork, SystemEntropy
from flowengine.errors import StoreError
from flowengine.source import Span
from tests import planted
from tests.assembly.deployed import POSTGRESQL, SQLITE, Resolve, set_up, with_settings

KEY = base64.b64encode(planted.KEY).decode()
KEYS = f"only:{KEY}"
HEX = planted.KEY.hex()


def _planted(deployment: Deployment, url: str) -> Deployment:
    """Give the deployment with a secret wherever there may be one."""
    definition = with_settings(deployment, directory=url, sessions=url, keys=KEYS).definition
    admin = (AdminKey("one", planted.ADMIN_SECRET, Span(0, 0)),)
    (pool,) = definition.pools
    (client,) = pool.clients
    secret = replace(client, client=replace(client.client, secret=planted.CLIENT_SECRET))
    pools = (replace(pool, clients=(secret,)),)
    return replace(deployment, definition=replace(definition, admin=admin, pools=pools))


def _check_shows_nothing(shown: str) -> None:
    for secret in (planted.MARK, KEY, HEX, repr(planted.KEY)[2:-1], "PRIVATE"):
        assert secret not in shown


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_an_open_deployment_shows_no_secret(tmp_path: Path, resolve: Resolve, kind: str) -> None:
    url = resolve(kind).replace("postgres@", f"postgres:{planted.PASSWORD}@")
    deployment = _planted(set_up(tmp_path), url)
    blocking, asynchronous = assemble_blocking(deployment), assemble(deployment)
    try:
        assert asynchronous.admin == {"one": planted.ADMIN_SECRET}
        for assembled in (blocking, asynchronous):
            _check_shows_nothing(repr(assembled) + repr(assembled.engine))
            _check_shows_nothing(repr(assembled.engine.parts))
    finally:
        blocking.close()
        asyncio.run(asynchronous.close())
    _check_shows_nothing(repr(deployment))


def test_the_stores_and_the_keyring_show_no_secret(tmp_path: Path) -> None:
    deployment = _planted(set_up(tmp_path), SQLITE)
    definition, entropy = deployment.definition, SystemEntropy().draw
    place = place_of_users(SQLITE, tmp_path)
    keyring = keyring_of(definition, place, entropy)
    pools = {pool.id: pool for pool in deployment.pools}
    users = user_stores(place, pools, keyring, InlineWork(), entropy)
    sign_ins = sign_in_stores(place, BlockingConnecting())
    for stores in (users, sign_ins):
        assert isinstance(stores, UserStores | SignInStores)
        _check_shows_nothing(repr(stores))
        stores.close()
    _check_shows_nothing(repr(keyring))
    assert repr(decoy_secret(keyring)) not in repr(users)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{planted.PASSWORD}@127.0.0.1:1/d",
        f"postgresql://u:{planted.PASSWORD}@127.0.0.1:port/d",
        f"postgresql://127.0.0.1:1/d?{planted.MARK}=1",
    ],
)
def test_no_traceback_of_a_store_that_cannot_be_opened_shows_its_url(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(StoreError) as refused:
        assemble_blocking(_planted(set_up(tmp_path), url))
    _check_shows_nothing("".join(traceback.format_exception(refused.value)))
