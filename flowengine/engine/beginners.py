"""Who a sign-in begins with: by name, by an access token, after a sign-up, or nobody yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.evidence import BUILTIN_EVIDENCE
from flowengine.accounts.pool import Client, Pool
from flowengine.engine.access_tokens import INVALID, holder_of, line_of
from flowengine.engine.parts import Parts, check_secret_hash
from flowengine.engine.responses import required
from flowengine.engine.sign_ups import take_confirmed
from flowengine.engine.step_up import ACCESS_TOKEN, NO_TARGET, Target, begins_by_token
from flowengine.engine.users import NOBODY, Identified, find_device, identify
from flowengine.errors import NotAuthorizedError
from flowengine.flow.program import DoorProgram, FlowProgram
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import SignInRecord

_USERNAME = "USERNAME"
_SECRET_HASH = "SECRET_HASH"


@dataclass(frozen=True, slots=True)
class Beginner:
    """Who a sign-in begins with, and where.

    Attributes:
        username: As it was sent, or as the user is called where no name was.
        ledger: Empty, but for what a sign-up proved, or was proved before this sign-in.
        continues: The ``origin_jti`` of the sign-in that it continues, or "".
        line: That of the first of those, or "".
        named: False for nobody.
        target_levels: The levels that it is to come to one of; none for whatever it comes to.
    """

    user: Identified
    username: str = field(repr=False)
    ledger: Ledger
    start: str
    continues: str = ""
    line: str = ""
    named: bool = True
    target_levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of its user.

    Attributes:
        program: What it will run.
        username: None where the access token says it; "" where nobody is named.
        parameters: All that came, for SECRET_HASH and ACCESS_TOKEN.
        session: Of a confirmed sign-up, or None.
        target: What is asked for.
    """

    program: FlowProgram
    door: DoorProgram
    username: str | None = field(repr=False)
    device_key: str | None = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    session: str | None = field(repr=False)
    target: Target = NO_TARGET


def name_of(door: DoorProgram, parameters: Mapping[str, str]) -> str | None:
    """Give USERNAME, which SECRET_HASH is of; None where that is the access token's user.

    Behind a door that names nobody it may be left out, and SECRET_HASH is then of "".

    Raises:
        InvalidParameterError: It is missing.
    """
    written = parameters.get(_USERNAME)
    if door.continues:
        return written or None
    return required(parameters, _USERNAME) if door.names_user else written or ""


async def find_beginner(parts: Parts, pool: Pool, client: Client, asked: Asked) -> Beginner:
    """Find who a sign-in is for; SECRET_HASH was checked where there is a name.

    Raises:
        CallerError: There is no such user, or it may not be said who it is.
    """
    door, username = asked.door, asked.username
    if not door.names_user:
        nobody = Beginner(NOBODY, "", Ledger(decoy=True), door.start, named=False)
        return replace(nobody, target_levels=asked.target.levels)
    if username is None or begins_by_token(door, asked.parameters):
        return await _continued(parts, pool, client, asked)
    user = await identify(parts, pool, client, username, asked.device_key)
    levels = asked.target.levels
    if asked.session is None or door.after_sign_up is None:
        ledger = Ledger(decoy=user.decoy)
        return Beginner(user, username, ledger, door.start, target_levels=levels)
    ledger = await take_confirmed(parts, client, asked.session, user)
    return Beginner(user, username, ledger, door.after_sign_up, target_levels=levels)


async def _continued(parts: Parts, pool: Pool, client: Client, asked: Asked) -> Beginner:
    """Read whose access token came, and what was proved in the sign-in that it is of.

    Nothing of that is proved in this one: it is seen by ``age`` alone, and not even by that where
    the sign-in is longer ago than was asked for.

    Raises:
        NotAuthorizedError: The token is not one of this client's, or its sign-in was revoked.
        InvalidParameterError: There is none, or it has the level that is asked for.
    """
    holder = await holder_of(parts, required(asked.parameters, ACCESS_TOKEN))
    grant, account = holder.grant, holder.account
    if holder.client_id != client.id or holder.pool.id != pool.id:
        raise NotAuthorizedError(INVALID)
    if grant is None or (grant.client_id, grant.sub) != (client.id, account.sub):
        raise NotAuthorizedError(INVALID)
    earlier = SignInRecord.from_json(grant.record)
    if earlier is None or earlier.ledger.decoy:
        raise NotAuthorizedError(INVALID)
    if asked.username is None:
        check_secret_hash(client, account.username, asked.parameters.get(_SECRET_HASH))
    elif not await _means(parts, pool, asked.username, account):
        raise NotAuthorizedError(INVALID)
    device = await find_device(parts, pool, account, asked.device_key)
    user = Identified(account.facts(), account, decoy=False, device=device)
    username = asked.username or account.username
    ledger, levels = Ledger(decoy=False), asked.target.levels
    if asked.target.credits(grant, parts.clock.now()):
        same = same_evidence(asked.program, parts.flows.get(earlier.flow))
        ledger, levels = earlier.ledger.continued(same), asked.target.above(grant.level)
    start, origin_jti = asked.door.token_start or asked.door.start, grant.origin_jti
    return Beginner(user, username, ledger, start, origin_jti, line_of(grant), target_levels=levels)


def same_evidence(program: FlowProgram, before: FlowProgram | None) -> frozenset[str]:
    """Give the names of evidence that two flows mean the same by: one may ask a captcha ``quiz``.

    Where the other flow is there no more, the names that no flow can declare.
    """
    kinds = {} if before is None else before.kinds
    shared = (name for name, kind in program.kinds.items() if kinds.get(name) == kind)
    return frozenset((*BUILTIN_EVIDENCE, *shared))


async def _means(parts: Parts, pool: Pool, username: str, account: Account) -> bool:
    found = None
    if parts.directory is not None:
        found = await parts.directory.find(pool.id, username)
    return found is not None and found.sub == account.sub
