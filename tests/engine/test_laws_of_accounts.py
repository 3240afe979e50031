"""What an account must never be passed over by, tried on the engine; see docs/LAWS.md."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine.accounts.pool import Pool
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import CallerError, NotAuthorizedError, UnknownSessionError
from flowengine.stores.memory import MemoryDirectory
from tests.engine.lawful import ADDRESSES, EVERYTHING, PASSKEY, PHONE, begin
from tests.engine.world import OTHER, PASSWORD, POOL, WEB, World

# T10: account and client are asked about at every step, whatever the way.

DOORS: Final = """
flow: doors
version: 1
auth_flows:
  USER_SRP_AUTH: {start: srp}
  CUSTOM_AUTH: {start: mailbox}
  USER_AUTH: {start: passkey}
require: [proved.password || proved.email || proved.passkey]
start: srp
nodes:
  srp:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  mailbox: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  passkey: {challenge: WEB_AUTHN, responses: [CREDENTIAL], next: done}
  done: {end: success}
"""


def at_the_door(world: World, door: str) -> tuple[str, str | None, dict[str, str]]:
    """Begin by a door, and work out the right answer."""
    if door == "USER_SRP_AUTH":
        return "PASSWORD_VERIFIER", None, world.srp()[1]
    reply = begin(world, door=door)
    if door == "CUSTOM_AUTH":
        answer = {"EMAIL_OTP_CODE": world.delivery.messages[-1].code}
    else:
        options = json.loads(reply.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
        answer = {"CREDENTIAL": json.dumps(PHONE.get(options))}
    return reply.challenge_name, reply.session, {"USERNAME": "alice", **answer}


@pytest.mark.parametrize("door", ["USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"])
@pytest.mark.parametrize("what", ["nothing", "user", "client"])
def test_who_is_disabled_on_the_way_is_refused_at_every_door(door: str, what: str) -> None:
    """Keycloak CVE-2026-3009 and three more: four doors, and one did not ask."""
    world = World(DOORS, EVERYTHING)
    account = world.add_user(attributes=ADDRESSES, passkeys=PASSKEY)
    challenge, session, answer = at_the_door(world, door)
    if what == "user":  # by somebody who does not even move the stamp
        world.save(replace(account, enabled=False), account.stamp)
    elif what == "client":
        world.engine = Engine.over(replace(world.engine.parts, clients={}))
    if what == "nothing":
        assert isinstance(world.answer(challenge, session, answer), SuccessReply)
        return
    with pytest.raises(CallerError):
        world.answer(challenge, session, answer)


# T11: nothing of one pool is good in another.


def two_pools() -> tuple[World, Engine]:
    """Give a world, and an engine for it with another pool that has users of the same names."""
    here = replace(POOL, srp=False)  # else what is kept of a password is the pool's own
    world = World(pool=here)
    there = replace(here, id="eu-west-1_Elsewhere", name="elsewhere")
    world.directory = MemoryDirectory({here.id: here, there.id: there})
    clients = (world.client, replace(world.client, id=OTHER, name="other", pool_id=there.id))
    parts = replace(
        world.engine.parts,
        directory=world.directory,
        pools={each.id: each for each in (here, there)},
        clients={each.id: each for each in clients},
    )
    world.engine = Engine.over(parts)
    return world, world.engine


def test_nothing_of_one_pool_is_good_in_another() -> None:
    """WSO2 CVE-2025-9973: a script of one organisation ran against another."""
    world, engine = two_pools()
    world.add_user(with_totp=True)

    def signed_in(client: str, password: str = PASSWORD) -> Reply:
        parameters = {"USERNAME": "alice", "PASSWORD": password}
        return engine.initiate(InitiateAuthRequest(client, "USER_PASSWORD_AUTH", parameters))

    with pytest.raises(NotAuthorizedError):  # she is no user there
        signed_in(OTHER)
    halfway = signed_in(WEB)
    assert isinstance(halfway, ChallengeReply)
    answer = {"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": world.totp_code()}
    with pytest.raises(UnknownSessionError):
        engine.respond(
            RespondToAuthChallengeRequest(OTHER, "SOFTWARE_TOKEN_MFA", halfway.session, answer)
        )
    for _ in range(5):  # guessed at there, she is not locked here
        with pytest.raises(NotAuthorizedError):
            signed_in(OTHER, "wrong")
    with pytest.raises(NotAuthorizedError, match=LOCKED):
        signed_in(OTHER, "wrong")
    assert isinstance(world.answer_totp(halfway), SuccessReply)
    assert isinstance(signed_in(WEB), ChallengeReply)


# T12: a user has one name, however it is spelt.

SPELLINGS: Final = ("alice", "ALICE", "Alice", "alice@example.com", "ALICE@example.com")
LOCKED: Final = "Password attempts exceeded"
NOBODY: Final = ("alice ", " alice", "alice\u00a0", "alice\u200b", "al\u0131ce", "\uff41lice")


def folding(**changes: Any) -> World:
    pool: Pool = replace(EVERYTHING, usernames_case_sensitive=False)
    world = World(pool=pool)
    world.add_user(with_totp=True, attributes=ADDRESSES, **changes)
    return world


@pytest.mark.parametrize("name", SPELLINGS)
def test_no_spelling_of_a_name_spares_its_user_the_second_factor(name: str) -> None:
    """Vault CVE-2025-6013: the second factor was not applied where names differed by spaces."""
    asked = folding().sign_in_by_password(name)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"
    assert asked.challenge_parameters["USER_ID_FOR_SRP"] == "alice"


@pytest.mark.parametrize("name", NOBODY)
def test_what_only_looks_like_a_name_is_nobodys(name: str) -> None:
    with pytest.raises(NotAuthorizedError):
        folding().sign_in_by_password(name)


def test_wrong_answers_add_up_over_all_spellings_of_a_name() -> None:
    world = folding()
    for name in SPELLINGS:
        with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
            world.sign_in_by_password(name, "wrong")
    for name in SPELLINGS:
        with pytest.raises(NotAuthorizedError, match=LOCKED):
            world.sign_in_by_password(name)
    world.clock.advance(timedelta(minutes=1))
    assert isinstance(world.sign_in_by_password("ALICE"), ChallengeReply)
