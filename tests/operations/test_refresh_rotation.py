"""GetTokensFromRefreshToken: tokens that are replaced, their grace, and their use as copies."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from flowengine.accounts.pool import Client
from tests import planted
from tests.operations.refreshing import (
    EXPIRED,
    GRACE,
    HASTY,
    INVALID,
    REUSED,
    REVOKED,
    ROTATING,
    TICK,
    claims_of,
    confidential,
    get_tokens,
    getting,
    grants_of,
    opens,
    redeploy,
    refresh,
    refresh_token,
    refused,
    rotate,
    sign_in,
    with_other_secret,
    world_of,
)
from tests.operations.world import CONFIDENTIAL, OPEN, WEB, World, run

AT_ONCE = 8


def rotating() -> tuple[World, str]:
    world = world_of(ROTATING)
    return world, refresh_token(sign_in(world))


def become(world: World, client: Client) -> None:
    """Change a client."""
    redeploy(world, clients={**world.parts.clients, client.id: client})


@pytest.mark.parametrize("auth_flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
def test_where_tokens_rotate_the_auth_flow_is_not_enabled(auth_flow: str) -> None:
    world, token = rotating()
    assert refused(world.initiate, auth_flow, REFRESH_TOKEN=token) == (
        "InvalidParameterException",
        f"{auth_flow} is not enabled for the client.",
    )
    rotate(world, token)


def test_where_tokens_do_not_rotate_the_token_stays_and_is_not_sent_again() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    for _ in range(3):
        assert get_tokens(world, token).refresh_token is None
    refresh(world, token)


def test_a_used_token_is_replaced_by_another_one_of_the_same_sign_in() -> None:
    world = world_of(ROTATING)
    first = sign_in(world)
    second = get_tokens(world, refresh_token(first))
    third = get_tokens(world, refresh_token(second))
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    origins = {claims_of(one.access_token)["origin_jti"] for one in (first, second, third)}
    assert len(origins) == 1
    assert all(opens(world, one) for one in (first, second, third))


def test_within_its_grace_a_replaced_token_gives_the_same_new_one_again() -> None:
    world, token = rotating()
    new = rotate(world, token)
    world.clock.advance(GRACE - TICK)
    assert rotate(world, token) == new
    assert rotate(world, token) == new
    rotate(world, new)


def test_after_its_grace_a_replaced_token_ends_the_sign_in() -> None:
    world, token = rotating()
    result = get_tokens(world, token)
    other = sign_in(world)
    world.clock.advance(GRACE)
    assert refused(get_tokens, world, token) == REUSED
    assert refused(get_tokens, world, token) == REVOKED
    assert refused(get_tokens, world, refresh_token(result)) == REVOKED
    assert not opens(world, result)
    assert opens(world, other)
    rotate(world, refresh_token(other))


def test_without_a_grace_a_replaced_token_is_dead_at_once() -> None:
    world = world_of(HASTY)
    token = refresh_token(sign_in(world))
    new = rotate(world, token)
    newer = rotate(world, new)
    assert refused(get_tokens, world, token) == REUSED
    assert refused(get_tokens, world, newer) == REVOKED


def test_a_grace_lasts_even_when_the_new_token_was_replaced_too() -> None:
    world, token = rotating()
    new = rotate(world, token)
    world.clock.advance(GRACE / 2)
    newest = rotate(world, new)
    world.clock.advance(GRACE / 2 - TICK)
    assert rotate(world, token) == newest
    assert rotate(world, new) == newest
    world.clock.advance(TICK)
    assert rotate(world, new) == newest
    assert refused(get_tokens, world, token) == REUSED


def test_a_token_that_was_replaced_long_ago_is_known_for_a_copy() -> None:
    world, token = rotating()
    present = token
    for _ in range(20):
        world.clock.advance(timedelta(days=1))
        present = rotate(world, present)
    assert refused(get_tokens, world, token) == REUSED
    assert refused(get_tokens, world, present) == REVOKED


def test_more_replacements_than_a_client_makes_in_a_grace_do_not_grow_the_grant() -> None:
    world, token = rotating()
    present = token
    for _ in range(20):
        present = rotate(world, present)
    (grant,) = grants_of(world)._grants.values()
    assert (len(grant.retired), grant.rotations) == (16, 20)
    world.clock.advance(GRACE)
    present = rotate(world, present)
    (grant,) = grants_of(world)._grants.values()
    assert len(grant.retired) == 1


def test_a_rotation_never_prolongs_the_sign_in() -> None:
    world, token = rotating()
    world.clock.advance(timedelta(days=30) - TICK)
    new = rotate(world, token)
    world.clock.advance(TICK)
    assert refused(get_tokens, world, new) == EXPIRED
    assert refused(get_tokens, world, token) == EXPIRED


def test_a_refused_refresh_replaces_nothing() -> None:
    world, token = rotating()
    account = world.user()
    assert run(world.directory.save(replace(account, enabled=False, stamp="2"), account.stamp))
    refused(get_tokens, world, token)
    assert run(world.directory.save(replace(account, stamp="3"), "2"))
    world.clock.advance(GRACE)
    rotate(world, token)


def test_another_client_cannot_end_a_sign_in_with_a_copy() -> None:
    world, token = rotating()
    new = rotate(world, token)
    world.clock.advance(GRACE)
    assert refused(get_tokens, world, token, OPEN) == INVALID
    rotate(world, new)


def test_a_token_that_was_never_given_out_ends_a_sign_in_only_where_tokens_were_replaced() -> None:
    """Who has never held a token of the family cannot name it, so this is no stranger's doing."""
    world, token = rotating()
    assert refused(get_tokens, world, with_other_secret(token)) == INVALID
    new = rotate(world, token)
    assert refused(get_tokens, world, with_other_secret(token)) == REUSED
    assert refused(get_tokens, world, new) == REVOKED


def test_the_loser_of_a_rotation_is_given_the_winners_token() -> None:
    world, token = rotating()
    won: list[str] = []

    async def rival() -> None:
        reply = await getting(world, token)
        assert reply.authentication_result is not None
        won.append(refresh_token(reply.authentication_result))

    grants_of(world).before_rotate = rival()
    assert [rotate(world, token)] == won
    rotate(world, won[0])


def test_the_loser_of_a_rotation_without_a_grace_ends_the_sign_in() -> None:
    world = world_of(HASTY)
    token = refresh_token(sign_in(world))
    grants_of(world).before_rotate = getting(world, token)
    assert refused(get_tokens, world, token) == REUSED
    (grant,) = grants_of(world)._grants.values()
    assert (grant.rotations, grant.revoked) == (1, True)


def test_a_sign_in_that_is_revoked_meanwhile_is_not_rotated() -> None:
    world = world_of(ROTATING)
    result = sign_in(world)
    grants = grants_of(world)
    grants.before_rotate = grants.revoke(claims_of(result.access_token)["origin_jti"])
    assert refused(get_tokens, world, refresh_token(result)) == REVOKED


@pytest.mark.parametrize("client", [ROTATING, HASTY])
def test_many_refreshes_at_once_leave_one_successor_or_none(client: Client) -> None:
    world = world_of(client)
    token = refresh_token(sign_in(world))
    start = Barrier(AT_ONCE)

    def attempt(_: int) -> str:
        start.wait()
        try:
            return rotate(world, token)
        except Exception as error:  # noqa: BLE001 - its name is what is counted
            return type(error).__name__

    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = Counter(threads.map(attempt, range(AT_ONCE)))
    if client is ROTATING:
        assert list(told.values()) == [AT_ONCE]
        rotate(world, next(iter(told)))
    else:
        given = [text for text in told if not text.endswith("Error")]
        assert len(given) == 1
        assert told[given[0]] == 1
        assert refused(get_tokens, world, given[0]) == REVOKED


def test_a_client_shows_its_secret_and_one_without_shows_none() -> None:
    world = world_of()
    open_token = refresh_token(sign_in(world))
    unverified = ("NotAuthorizedException", "Unable to verify secret for client {client_id}")
    for wrong in ("x" * 24, planted.CLIENT_SECRET + "x", "", "é"):
        assert refused(get_tokens, world, open_token, WEB, wrong) == unverified
        assert refused(get_tokens, world, open_token, CONFIDENTIAL, wrong) == unverified
    assert refused(get_tokens, world, open_token, CONFIDENTIAL) == (
        "NotAuthorizedException",
        "Client {client_id} is configured with secret but ClientSecret was not received",
    )
    assert refused(get_tokens, world, open_token, CONFIDENTIAL, planted.CLIENT_SECRET) == INVALID
    get_tokens(world, open_token)


def test_a_confidential_clients_tokens_rotate_for_its_secret_alone() -> None:
    world = world_of()
    token = confidential(world)
    rotating_one = replace(CONFIDENTIAL, tokens=ROTATING.tokens)
    become(world, rotating_one)
    new = refresh_token(get_tokens(world, token, rotating_one, planted.CLIENT_SECRET))
    world.clock.advance(GRACE)
    refused(get_tokens, world, token, rotating_one, "x" * 24)
    refused(get_tokens, world, token, rotating_one)
    get_tokens(world, new, rotating_one, planted.CLIENT_SECRET)


def test_when_rotation_is_turned_off_the_present_token_stays_and_replaced_ones_are_copies() -> None:
    world, token = rotating()
    new = rotate(world, token)
    become(world, WEB)
    refresh(world, new)
    assert refused(refresh, world, token) == REUSED
    assert refused(refresh, world, new) == REVOKED
