"""A deployment whose users make passkeys and sign in by them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.pool import PasskeySettings
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.operations.complete_web_authn_registration import (
    CompleteWebAuthnRegistrationRequest,
    complete_web_authn_registration,
)
from flowengine.operations.start_web_authn_registration import start_web_authn_registration
from flowengine.source import SourceText
from tests.authenticator import ORIGIN, RELYING_PARTY
from tests.operations.world import (
    CONFIDENTIAL,
    FLOWS,
    NOW,
    OTHER,
    POOL,
    WEB,
    ContendedDirectory,
    Rival,
    World,
    new_world,
    run,
)

PASSKEYS: Final = replace(POOL, passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)))
BROWSER: Final = replace(WEB, auth_flows={**FLOWS, "USER_AUTH": "by-passkey"})
OTHER_BROWSER: Final = replace(BROWSER, id="5browser67890", name="other browser")
CLIENTS: Final = (BROWSER, OTHER_BROWSER, CONFIDENTIAL, OTHER)

BY_PASSKEY: Final = """\
flow: by-passkey
version: 1
summary: A passkey, and nothing else.
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


@cache
def by_passkey() -> FlowProgram:
    """Compile the flow of USER_AUTH; once, since it is immutable."""
    program, found = load_source(SourceText("by-passkey.flow.yaml", BY_PASSKEY))
    assert program is not None, [one.message for one in found]
    return program


def passkey_world(**engine: Any) -> World:
    """Put a world together with the users ``ada`` and ``grace``."""
    world = new_world(PASSKEYS, by_passkey(), **{"clients": CLIENTS, **engine})
    world.add_user()
    world.add_user("grace")
    return world


def contended(*rivals: Rival) -> World:
    """Put a world together in which others change ``ada`` at the same time."""
    directory = ContendedDirectory({PASSKEYS.id: PASSKEYS}, rivals)
    world = new_world(PASSKEYS, by_passkey(), clients=CLIENTS, directory=directory)
    world = replace(world, directory=directory)
    world.add_user()
    return world


def begin(world: World, token: str) -> dict[str, Any]:
    """Ask for the options of a registration."""
    return run(start_web_authn_registration(world.parts, token))


def complete(world: World, token: str, credential: object) -> None:
    """Show what an authenticator made."""
    request = CompleteWebAuthnRegistrationRequest(token, credential)
    run(complete_web_authn_registration(world.parts, request))


def give(world: World, passkeys: Iterable[Passkey], username: str = "ada") -> Account:
    """Write passkeys to a user, as an administrator would."""
    present = world.user(username)
    changed = replace(present, passkeys=tuple(passkeys), stamp=f"{present.stamp}, given")
    assert asyncio.run(world.directory.save(changed, present.stamp))
    return changed


def a_passkey(number: int, **changes: Any) -> Passkey:
    """Make up a passkey, the same for the same number."""
    made = Passkey(
        credential_id=f"passkey {number}".encode(),
        public_key=b"key",
        sign_count=0,
        relying_party=RELYING_PARTY,
        created_at=NOW,
        transports=("internal",),
        name=f"Passkey {number}",
    )
    return replace(made, **changes)


def ask(world: World, username: str = "ada") -> tuple[ChallengeReply, dict[str, Any]]:
    """Begin a sign-in by a passkey, and give its options too."""
    reply = world.initiate("USER_AUTH", BROWSER, USERNAME=username)
    assert isinstance(reply, ChallengeReply)
    options = json.loads(reply.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
    assert isinstance(options, dict)
    return reply, options


def answer(
    world: World, reply: ChallengeReply, credential: Mapping[str, Any], username: str = "ada"
) -> ChallengeReply | SuccessReply:
    """Answer a challenge by a passkey."""
    written = json.dumps(credential)
    return world.respond(reply, BROWSER, USERNAME=username, CREDENTIAL=written)
