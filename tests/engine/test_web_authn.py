"""Sign-ins by a passkey, through the whole engine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any, Final

import pytest

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.pool import PasskeySettings
from flowengine.crypto.passkeys import user_handle
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    SessionError,
    SpentSessionError,
)
from flowengine.stores.memory import MemoryDirectory
from tests.authenticator import ORIGIN, RELYING_PARTY, UP, UV, Authenticator, cose_of, raw
from tests.engine.world import NOW, POOL, WEB, World

FLOW: Final = """
flow: sign-in
version: 1
auth_flows: [USER_AUTH]
require: [proved.passkey]
start: passkey
nodes:
  passkey:
    challenge: WEB_AUTHN
    responses: [CREDENTIAL]
    next: done
  done:
    end: success
"""
VERIFIED: Final = FLOW.replace("require: [proved.passkey]", "require: [proved.passkey_uv]")
MENU: Final = """
flow: sign-in
version: 1
auth_flows:
  USER_AUTH: {parameters: ['PREFERRED_CHALLENGE?']}
require: [proved.password || proved.passkey]
start: choice
nodes:
  choice:
    offer: [passkey, plain]
    challenge: SELECT_CHALLENGE
    prefer: auth_flow.parameters.PREFERRED_CHALLENGE
    none: refused
  passkey:
    challenge: WEB_AUTHN
    responses: [CREDENTIAL]
    next: done
  plain:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: done
  done:
    end: success
"""
PASSKEYS: Final = replace(POOL, passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)))


def phone(username: str = "alice") -> Authenticator:
    handle = user_handle(PASSKEYS.id, f"sub-of-{username}")
    return Authenticator(credential_id=f"phone-of-{username}".encode(), handle=handle, count=8)


def world(*phones: Authenticator, flow: str = FLOW) -> World:
    """Give a world in which each phone is of the user whom its name says."""
    made = World(flow, pool=PASSKEYS)
    for each in phones:
        name = each.credential_id.decode().removeprefix("phone-of-")
        made.add_user(name, passkeys=(passkey_of(each),))
    return made


def passkey_of(authenticator: Authenticator) -> Passkey:
    return Passkey(
        credential_id=authenticator.credential_id,
        public_key=cose_of(authenticator.key),
        sign_count=7,
        relying_party=RELYING_PARTY,
        created_at=NOW,
        verifies_user=True,
    )


def begin(there: World, username: str = "alice", **parameters: str) -> ChallengeReply:
    given = {"USERNAME": username, **parameters}
    reply = there.engine.initiate(InitiateAuthRequest(WEB, "USER_AUTH", given))
    assert isinstance(reply, ChallengeReply)
    return reply


def options(reply: ChallengeReply) -> dict[str, Any]:
    told = json.loads(reply.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
    assert isinstance(told, dict)
    return told


def answer(there: World, reply: ChallengeReply, written: object, username: str = "alice") -> Reply:
    responses = {"USERNAME": username, "CREDENTIAL": json.dumps(written)}
    return there.answer("WEB_AUTHN", reply.session, responses)


def count_of(account: Account) -> int:
    return account.passkeys[0].sign_count


def test_a_passkey_signs_in_and_its_counter_moves_without_the_stamp() -> None:
    alice = phone()
    there = world(alice)
    reply = begin(there)
    done = answer(there, reply, alice.get(options(reply)))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"passkey"}
    found = there.find()
    assert (count_of(found), found.stamp) == (8, "stamp-of-alice")


def test_a_verified_user_proves_two_factors() -> None:
    alice = phone()
    there = world(alice, flow=VERIFIED)
    reply = begin(there)
    done = answer(there, reply, alice.get(options(reply), flags=UP | UV))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"passkey", "passkey_uv"}
    reply = begin(there)
    with pytest.raises(NotAuthorizedError):
        answer(there, reply, alice.get(options(reply), count=9))


def test_an_assertion_is_good_once_at_its_own_session_and_at_no_other() -> None:
    alice = phone()
    there = world(alice)
    reply, other = begin(there), begin(there)
    written = alice.get(options(reply))
    with pytest.raises(NotAuthorizedError):
        answer(there, other, written)
    assert isinstance(answer(there, reply, written), SuccessReply)
    with pytest.raises(SpentSessionError):
        answer(there, reply, written)
    with pytest.raises(NotAuthorizedError):
        answer(there, begin(there), written)


def test_a_wrong_assertion_ends_the_sign_in() -> None:
    alice = phone()
    there = world(alice)
    reply = begin(there)
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        answer(there, reply, alice.get(options(reply), origin="https://evil.example"))
    with pytest.raises(SpentSessionError):
        answer(there, reply, alice.get(options(reply)))


def test_what_is_no_assertion_leaves_the_session_good() -> None:
    alice = phone()
    there = world(alice)
    reply = begin(there)
    nonsense: tuple[object, ...] = ("nonsense", {}, None)
    for written in nonsense:
        with pytest.raises(InvalidParameterError):
            answer(there, reply, written)
    assert isinstance(answer(there, reply, alice.get(options(reply))), SuccessReply)


def test_a_copied_passkey_is_refused_and_so_is_the_slower_of_two_at_once() -> None:
    alice = phone()
    there = world(alice)
    first, second = begin(there), begin(there)
    assert isinstance(answer(there, first, alice.get(options(first), count=9)), SuccessReply)
    with pytest.raises(NotAuthorizedError):
        answer(there, second, alice.get(options(second), count=9))
    assert count_of(there.find()) == 9


class Busy(MemoryDirectory):
    """A directory in which another sign-in always counts just after the user was read."""

    async def find(self, pool_id: str, name: str) -> Account | None:
        found = await super().find(pool_id, name)
        if found is not None and found.passkeys:
            old = found.passkeys[0]
            count = old.sign_count
            assert await self.count_passkey(pool_id, old.credential_id, count, count + 1)
        return found


def test_a_counter_that_moves_while_the_answer_is_verified_refuses_it() -> None:
    alice = phone()
    there = World(FLOW, pool=PASSKEYS)
    there.directory = Busy({PASSKEYS.id: PASSKEYS})
    there.engine._parts = replace(there.engine.parts, directory=there.directory)
    there.add_user(passkeys=(passkey_of(alice),))
    reply = begin(there)
    with pytest.raises(NotAuthorizedError):
        answer(there, reply, alice.get(options(reply), count=99))
    assert count_of(there.find()) < 20


def test_another_users_passkey_signs_in_nobody() -> None:
    alice, mallory = phone(), phone("mallory")
    there = world(alice, mallory)
    reply = begin(there)
    with pytest.raises(NotAuthorizedError):
        answer(there, reply, mallory.get(options(reply)))
    reply = begin(there)
    with pytest.raises(SessionError):
        answer(there, reply, mallory.get(options(reply)), "mallory")


def test_a_passkey_that_is_removed_meanwhile_ends_the_sign_in() -> None:
    alice = phone()
    there = world(alice)
    reply, found = begin(there), there.find()
    there.save(replace(found, passkeys=(), stamp="stamp-1"), found.stamp)
    with pytest.raises(SessionError):
        answer(there, reply, alice.get(options(reply)))


def test_who_has_no_passkey_and_who_is_unknown_are_refused_alike() -> None:
    there = world()
    there.add_user("bob")
    refusals = []
    for name in ("bob", "nobody"):
        asked = options(begin(there, name))["allowCredentials"]
        assert asked == options(begin(there, name))["allowCredentials"]
        reply = begin(there, name)
        with pytest.raises(NotAuthorizedError) as refused:
            answer(there, reply, phone(name).get(options(reply)), name)
        refusals.append(str(refused.value))
        with pytest.raises(SpentSessionError):
            answer(there, reply, phone(name).get(options(reply)), name)
    assert refusals == ["Incorrect username or password."] * 2


def test_wrong_assertions_lock_passkeys_and_right_ones_clear_the_count() -> None:
    alice = phone()
    there = world(alice)
    for _ in range(5):
        reply = begin(there)
        with pytest.raises(NotAuthorizedError):
            answer(there, reply, alice.get(options(reply), signature=b"wrong"))
    reply = begin(there)
    with pytest.raises(NotAuthorizedError, match="Password attempts exceeded"):
        answer(there, reply, alice.get(options(reply)))


def test_a_pool_without_settings_signs_in_nobody_by_a_passkey() -> None:
    alice = phone()
    there = World(FLOW, pool=POOL)
    there.add_user(passkeys=(passkey_of(alice),))
    with pytest.raises(NotAuthorizedError):
        begin(there)


def test_a_passkey_is_offered_to_who_has_one() -> None:
    alice = phone()
    there = world(alice, flow=MENU)
    there.add_user("bob")
    assert begin(there).available_challenges == ("WEB_AUTHN", "PASSWORD")
    preferred = begin(there, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert isinstance(answer(there, preferred, alice.get(options(preferred))), SuccessReply)
    alone = begin(there, "bob", PREFERRED_CHALLENGE="WEB_AUTHN")
    assert alone.challenge_name == "PASSWORD"


def test_no_menu_is_of_real_users_alone() -> None:
    there = world(phone(), flow=MENU)
    there.add_user("bob")
    real = {begin(there, name).available_challenges for name in ("alice",)}
    real.add((begin(there, "bob").challenge_name,))
    unknown = [begin(there, f"unknown-{n}") for n in range(24)]
    played = {reply.available_challenges or (reply.challenge_name,) for reply in unknown}
    assert played == real == {("WEB_AUTHN", "PASSWORD"), ("PASSWORD",)}


def test_a_decoy_with_a_passkey_is_signed_in_by_none() -> None:
    there, mine = world(phone(), flow=MENU), phone("mallory")
    asked = 0
    for name in (f"unknown-{n}" for n in range(12)):
        reply = begin(there, name, PREFERRED_CHALLENGE="WEB_AUTHN")
        if reply.challenge_name == "WEB_AUTHN":
            asked += 1
            listed = options(reply)["allowCredentials"]
            mine.credential_id = raw(listed[0]["id"])
            with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
                answer(there, reply, mine.get(options(reply)), name)
    assert asked


def test_a_chosen_passkey_is_asked_for_and_no_assertion_comes_with_the_choice() -> None:
    alice = phone()
    there = world(alice, flow=MENU)
    menu = begin(there)
    chosen = there.answer(
        "SELECT_CHALLENGE",
        menu.session,
        {"USERNAME": "alice", "ANSWER": "WEB_AUTHN", "CREDENTIAL": "{}"},
    )
    assert isinstance(chosen, ChallengeReply)
    assert chosen.challenge_name == "WEB_AUTHN"
    assert isinstance(answer(there, chosen, alice.get(options(chosen))), SuccessReply)


def test_an_account_comes_with_its_passkeys_however_it_is_read() -> None:
    alice = phone()
    there = world(alice)
    found = asyncio.run(there.directory.find(PASSKEYS.id, "alice"))
    assert found is not None
    assert found.facts().has == {"password", "passkey"}
