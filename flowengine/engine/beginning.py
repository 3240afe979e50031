"""How a sign-in begins: by an auth flow of its client, or for a user the caller vouches for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts
from flowengine.challenges.srp_proof import SRP_A
from flowengine.engine.beginners import Asked, Beginner, find_beginner, name_of
from flowengine.engine.client_inputs import client_inputs
from flowengine.engine.conversation import respond
from flowengine.engine.devices import sign_in_id
from flowengine.engine.inline import inline_answer
from flowengine.engine.parts import Parts, check_secret_hash, count_analytics
from flowengine.engine.private import Private
from flowengine.engine.refreshing import REFRESH_FLOWS, refresh_auth
from flowengine.engine.replies import Reply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
    request_facts,
)
from flowengine.engine.responses import read_responses, required
from flowengine.engine.step_up import ACCESS_TOKEN, read_target
from flowengine.engine.triggers.context import of_sign_in
from flowengine.engine.triggers.hooks import before_sign_in
from flowengine.engine.triggers.migrating import PASSWORD_FLOWS, migrate
from flowengine.engine.turn import Turn, take, take_holding
from flowengine.engine.users import Identified, vouched_for, with_device
from flowengine.errors import InvalidParameterError
from flowengine.flow.program import ChallengeNode, DoorProgram, FlowProgram
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import HistoryEntry, SignInRecord
from flowengine.runtime.step import Started

_NOBODY = RequestOrigin()
_NO_INPUTS: Mapping[str, Any] = MappingProxyType({})
_CUSTOM_AUTH = "CUSTOM_AUTH"
READABLE_PARAMETERS = ("PREFERRED_CHALLENGE", "CHALLENGE_NAME", "DEVICE_KEY")
"""The auth-flow parameters that expressions may read; the others go to kinds, or nowhere."""


async def initiate(
    parts: Parts,
    request: InitiateAuthRequest,
    origin: RequestOrigin = _NOBODY,
    *,
    admin: bool = False,
    inputs: Mapping[str, Any] = _NO_INPUTS,
) -> Reply:
    """Begin a sign-in by an auth flow, in the order of COGNITO.md, B.2; or refresh one."""
    if request.auth_flow in REFRESH_FLOWS:
        return await refresh_auth(parts, request, origin)
    client = parts.client(request.client_id)
    count_analytics(parts, client, request.analytics_metadata)
    pool = parts.pool_of(client)
    program, door = parts.door(client, request.auth_flow, admin=admin)
    parameters = request.auth_parameters
    username = name_of(door, parameters)
    given, target = _given(door, parameters), read_target(pool, program, door, parameters)
    metadata = read_responses(program.metadata, request.client_metadata)
    if username is not None:
        check_secret_hash(client, username, parameters.get("SECRET_HASH"))
    await _migrate(parts, client, door, username or "", given, request, origin)
    device = given.get("DEVICE_KEY")
    asked = Asked(program, door, username, device, parameters, request.session, target)
    beginner = await find_beginner(parts, pool, client, asked)
    user, username = beginner.user, beginner.username
    facts = request_facts(origin, request.user_context_data, parts.clock.now(), metadata)
    about = user.facts if beginner.named else None
    inputs = await client_inputs(parts, client, program, about, facts, inputs)
    readable = _chosen(given, READABLE_PARAMETERS)
    inline = _chosen(given, _inline_keys(program, door)) if beginner.named else {}
    record = _new_record(parts, program, door.name, pool, client, user, facts, inputs)
    record = replace(record, parameters=MappingProxyType(readable), history=_history(door, given))
    record = _begun_by(beginner, record)
    snapshot = Snapshot(pool, client, facts)
    if beginner.named:
        await _before(parts, snapshot, record, request)
    turn = Turn(
        program=program,
        pool=pool,
        client=client,
        user=user,
        request=facts,
        snapshot=snapshot,
        token=None,
        carried=_kept(given, {**readable, **inline}),
        sign_in=await _sign_in_id(parts, client, user, given),
        inline=frozenset(inline),
    )
    taken = await take_holding(parts, turn, record, Started(beginner.start))
    answer = inline_answer(program, taken.reply, inline, _as_answer(request, username))
    if answer is None:
        return taken.reply
    return await respond(parts, answer, origin, held=taken.held, inline=True, begins=True)


def _chosen(given: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    return {key: given[key] for key in keys if key in given}


def _begun_by(beginner: Beginner, record: SignInRecord) -> SignInRecord:
    """Enter who a sign-in begins with, and what they bring."""
    brought = replace(
        record,
        ledger=beginner.ledger,
        continues=beginner.continues,
        line=beginner.line,
        named=beginner.named,
        target_levels=beginner.target_levels,
    )
    return with_device(brought, beginner.user)


def _given(door: DoorProgram, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Give the declared parameters; an access token has said who it is, and goes no further."""
    given = read_responses(door.parameters, _named(door, parameters))
    return {key: value for key, value in given.items() if key != ACCESS_TOKEN}


def _kept(given: Mapping[str, str], used: Mapping[str, str]) -> Private:
    """Keep for kinds that come later what nobody reads and nothing answers at once."""
    kept = {key: value for key, value in given.items() if key not in used}
    return Private(carried=MappingProxyType(kept))


async def _before(
    parts: Parts, snapshot: Snapshot, record: SignInRecord, request: InitiateAuthRequest
) -> None:
    """Let PreAuthentication refuse; it alone is told the ClientMetadata that came with this."""
    told = replace(snapshot, client_metadata=request.client_metadata)
    await before_sign_in(parts, of_sign_in(told, record))


async def _migrate(
    parts: Parts,
    client: Client,
    door: DoorProgram,
    username: str,
    given: Mapping[str, str],
    request: InitiateAuthRequest,
    origin: RequestOrigin,
) -> None:
    """Take over a user who is unknown here, where a password came that may be right elsewhere."""
    if door.name in PASSWORD_FLOWS and "PASSWORD" in given:
        pool, password = parts.pool_of(client), given["PASSWORD"]
        told, ip = request.client_metadata, "" if origin.shared else origin.ip
        await migrate(parts, pool, client, username, password, told, ip)


def _named(door: DoorProgram, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Take CHALLENGE_NAME under the other name that the API reference has for it."""
    if door.name != _CUSTOM_AUTH or "ChallengeName" not in parameters:
        return parameters
    return {"CHALLENGE_NAME": parameters["ChallengeName"], **parameters}


def _history(door: DoorProgram, given: Mapping[str, str]) -> tuple[HistoryEntry, ...]:
    """Give what the history begins with: SRP_A, where custom auth begins with the password.

    Raises:
        InvalidParameterError: It shall, and SRP_A did not come.
    """
    if door.name != _CUSTOM_AUTH or given.get("CHALLENGE_NAME") != SRP_A:
        return ()
    required(given, SRP_A)
    return (HistoryEntry(SRP_A, result=True),)


async def _sign_in_id(
    parts: Parts, client: Client, user: Identified, given: Mapping[str, str]
) -> bytes | None:
    """Give the id of a sign-in on a remembered device, which may come back without a Session."""
    if user.remembered is None:
        return None
    return await sign_in_id(parts, client, user.facts.username, given)


def _inline_keys(program: FlowProgram, door: DoorProgram) -> frozenset[str]:
    """Give the keys that may answer the first challenge: the start node's own, and the door's."""
    node = program.nodes[door.start]
    own = node.kind.facts.answered_by if isinstance(node, ChallengeNode) else ()
    return frozenset((*own, *door.inline))


def _as_answer(request: InitiateAuthRequest, username: str) -> RespondToAuthChallengeRequest:
    """Give who asked, in the form in which an inline answer takes it over."""
    return RespondToAuthChallengeRequest(
        client_id=request.client_id,
        challenge_name="",
        challenge_responses={"USERNAME": username},
        user_context_data=request.user_context_data,
        client_metadata=request.client_metadata,
    )


async def start(
    parts: Parts,
    flow: str,
    user: UserFacts,
    client: Client,
    *,
    inputs: Mapping[str, Any] = _NO_INPUTS,
    origin: RequestOrigin = _NOBODY,
    earlier: Mapping[str, datetime] = _NO_INPUTS,
) -> Reply:
    """Begin a flow for a user that the caller vouches for; there are no decoys.

    Args:
        user: Who it is. Where there is a directory, only the name counts: the facts are its own.
        earlier: What the caller knows that this user has proved before, and when; only ``age``
            sees it.

    Raises:
        InvalidParameterError: There is no such flow, or an input is missing or unknown; or what
            was proved earlier has no such name, or is still to come.
        UserNotFoundError: The directory knows no such user.
        NotAuthorizedError: The user is disabled.
        UserNotConfirmedError: The sign-up was not confirmed.
    """
    program = parts.flows.get(flow)
    if program is None:
        raise InvalidParameterError("There is no flow of this name.")
    pool = parts.pool_of(client)
    facts = request_facts(origin, {}, parts.clock.now())
    vouched = await vouched_for(parts, pool, user)
    record = _new_record(parts, program, "", pool, client, vouched, facts, inputs)
    record = replace(record, ledger=_earlier(program, facts.time, earlier))
    turn = Turn(
        program=program,
        pool=pool,
        client=client,
        user=vouched,
        request=facts,
        snapshot=Snapshot(pool, client, facts),
        token=None,
        carried=Private(),
    )
    return await take(parts, turn, record, Started(program.start))


def _earlier(program: FlowProgram, now: datetime, earlier: Mapping[str, datetime]) -> Ledger:
    for name, at in earlier.items():
        if name not in program.evidence:
            raise InvalidParameterError(f"The flow knows no evidence {name}.")
        if at.tzinfo is None or at > now:
            raise InvalidParameterError(f"When {name} was proved is no time in the past.")
    return Ledger(decoy=False, earlier=MappingProxyType(dict(earlier)))


def _new_record(
    parts: Parts,
    program: FlowProgram,
    auth_flow: str,
    pool: Pool,
    client: Client,
    user: Identified,
    facts: RequestFacts,
    inputs: Mapping[str, Any],
) -> SignInRecord:
    return SignInRecord(
        flow=program.name,
        digest=program.digest,
        pool=pool.id,
        client=client.name,
        auth_flow=auth_flow,
        user=user.facts,
        stamp=user.stamp,
        ledger=Ledger(decoy=user.decoy),
        started_at=facts.time,
        issued_at=facts.time,
        event_id=str(uuid.UUID(bytes=parts.entropy.draw(16), version=4)),
        inputs=MappingProxyType(_inputs(program, inputs)),
    )


def _inputs(program: FlowProgram, given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the inputs by their defaults.

    Raises:
        InvalidParameterError: One is missing, unknown or not of its declared type.
    """
    unknown = sorted(set(given) - set(program.inputs))
    if unknown:
        raise InvalidParameterError(f"The flow has no input {unknown[0]}.")
    values = {}
    for name, declared in program.inputs.items():
        if name not in given and declared.required:
            raise InvalidParameterError(f"The flow needs the input {name}.")
        values[name] = given.get(name, declared.default)
        if not declared.takes(values[name]):
            raise InvalidParameterError(f"The input {name} is not of its declared type.")
    return values
