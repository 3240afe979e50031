"""GetUser, and who an access token is believed to be."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.user import UserStatus
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import PoolKeys
from flowengine.errors import (
    CallerError,
    NotAuthorizedError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from flowengine.operations.get_user import get_user
from flowengine.tokens.jwt import LONGEST_TOKEN, sign
from tests.operations.world import OTHER_POOL, POOL, WEB, World, new_world, run, signing

INVALID = "Invalid Access Token"


def refusal(world: World, token: str) -> CallerError:
    with pytest.raises(CallerError) as caught:
        run(get_user(world.parts, token))
    return caught.value


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def signed(keys: PoolKeys, claims: dict[str, Any]) -> str:
    return sign(keys.access, claims)


def signed_in() -> tuple[World, str]:
    world = new_world()
    world.add_user(attributes={"name": "Ada"})
    return world, world.access_token()


def test_the_holder_sees_their_own_account() -> None:
    world, token = signed_in()
    profile = run(get_user(world.parts, token))
    assert profile.username == "ada"
    assert profile.attributes == {"sub": world.user().sub, "name": "Ada"}


def test_the_pool_is_the_one_whose_key_signed() -> None:
    world = new_world()
    world.add_user()
    world.add_user(pool=OTHER_POOL)
    claims = claims_of(world.access_token())
    foreign = claims | {"iss": OTHER_POOL.issuer, "client_id": "4other56789"}
    token = signed(signing()[OTHER_POOL.id], foreign)
    assert run(holder_of(world.parts, token)).pool == OTHER_POOL
    crossed = signed(signing()[OTHER_POOL.id], claims)
    assert refusal(world, crossed).message == INVALID


def test_an_expired_token_is_told_as_such() -> None:
    world, token = signed_in()
    world.clock.advance(timedelta(hours=1) - timedelta(seconds=1))
    assert run(get_user(world.parts, token)).username == "ada"
    world.clock.advance(timedelta(seconds=1))
    error = refusal(world, token)
    assert isinstance(error, NotAuthorizedError)
    assert error.message == "Access Token has expired"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"token_use": "id"}, INVALID),
        ({"iss": "https://elsewhere.example"}, INVALID),
        ({"client_id": "4other56789"}, INVALID),
        ({"exp": "never"}, INVALID),
        ({"scope": "openid email"}, "Access Token does not have required scopes"),
        ({"scope": None}, "Access Token does not have required scopes"),
        ({"username": "grace"}, "User does not exist."),
        ({"username": None}, "User does not exist."),
    ],
)
def test_claims_that_are_not_those_of_a_sign_in_open_nothing(
    changes: dict[str, Any], message: str
) -> None:
    world, token = signed_in()
    world.add_user("grace")
    forged = signed(signing()[POOL.id], claims_of(token) | changes)
    assert refusal(world, forged).message == message


def test_the_id_token_and_a_tampered_token_open_nothing() -> None:
    world, token = signed_in()
    head, payload, signature = token.split(".")
    claims = claims_of(token)
    id_token = sign(signing()[POOL.id].id, claims)
    other = base64.urlsafe_b64encode(json.dumps(claims | {"username": "root"}).encode())
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (
        id_token,
        f"{head}.{other.decode().rstrip('=')}.{signature}",
        f"{unsigned}.{payload}.",
        token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"),
    ):
        error = refusal(world, forged)
        assert isinstance(error, NotAuthorizedError)
        assert error.message == INVALID


@given(st.one_of(st.text(max_size=200), st.binary(max_size=60).map(lambda b: b.hex())))
def test_what_is_no_token_is_refused_whatever_it_is(text: str) -> None:
    assert refusal(WORLD, text).message == INVALID


@pytest.mark.parametrize(
    "token",
    [
        "[" * 3000 + ".e.e",
        base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e.e",
        base64.urlsafe_b64encode(b'{"kid":[]}').decode() + ".e.e",
        "A" * (LONGEST_TOKEN + 1),
        "é.é.é",
    ],
)
def test_a_hostile_header_is_refused(token: str) -> None:
    assert refusal(WORLD, token).message == INVALID


def test_a_removed_user_is_not_found_even_when_the_name_was_given_anew() -> None:
    world, token = signed_in()
    assert run(world.directory.remove(POOL.id, "ada"))
    assert isinstance(refusal(world, token), UserNotFoundError)
    world.add_user(sub="00000000-0000-4000-8000-00000000ffff")
    assert isinstance(refusal(world, token), UserNotFoundError)


def test_a_disabled_or_unconfirmed_user_is_refused() -> None:
    world, token = signed_in()
    account = world.user()
    disabled = replace(account, enabled=False, stamp="2")
    assert run(world.directory.save(disabled, account.stamp))
    error = refusal(world, token)
    assert (type(error), error.message) == (NotAuthorizedError, "User is disabled.")
    unconfirmed = replace(account, status=UserStatus.UNCONFIRMED, stamp="3")
    assert run(world.directory.save(unconfirmed, "2"))
    assert isinstance(refusal(world, token), UserNotConfirmedError)


def test_a_client_that_was_removed_takes_its_tokens_along() -> None:
    world, token = signed_in()
    clients = {id_: one for id_, one in world.parts.clients.items() if one != WEB}
    with pytest.raises(NotAuthorizedError, match=INVALID):
        run(get_user(replace(world.parts, clients=clients), token))


WORLD = new_world()
