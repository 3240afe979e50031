"""What a flow is played with: an engine in memory, and a user made up for one run."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.attributes import is_storable, value_objection
from flowengine.accounts.credentials import make_password
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserStatus
from flowengine.assembly.functions import called_by, load_functions
from flowengine.cli.escaping import escaped
from flowengine.crypto import totp
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.parts import PoolKeys
from flowengine.engine.ports import Delivery, Observer
from flowengine.engine.system import SystemClock, SystemEntropy
from flowengine.flow.definition import ResponseRule
from flowengine.flow.durations import parse_duration
from flowengine.flow.program import DoorProgram, FlowProgram, InputProgram
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.tokens import keys

CLIENT_ID: Final = "1played23456789"

_POOL_ID: Final = "eu-west-1_Played"
_POOL: Final = Pool(
    _POOL_ID,
    "played",
    issuer=f"https://flowengine.invalid/{_POOL_ID}",
    mfa_methods=("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"),
)
_ADDRESSES: Final = MappingProxyType(
    {
        "email": "user@example.com",
        "email_verified": "true",
        "phone_number": "+15555550100",
        "phone_number_verified": "true",
    }
)
_LONGEST_SESSION: Final = timedelta(minutes=15)
"""Cognito's longest: whoever reads along is not hurried."""

_SUBSTITUTE: Final = "USER_SRP_AUTH"
"""What begins a flow that has no auth flow and reads a directory: it brings all that kinds need."""


@dataclass(frozen=True, slots=True)
class Casting:
    """The options of the command, as they were written."""

    user: str
    user_totp: bool
    user_email: bool
    user_sms: bool
    temporary: bool
    groups: tuple[str, ...]
    attributes: tuple[str, ...]
    auth_flow: str | None
    inputs: tuple[str, ...]
    earlier: tuple[str, ...]
    metadata: tuple[str, ...]
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """All that one run is made of.

    Attributes:
        door: The auth flow that begins; None where the engine is told who the user is.
        password: The user's first one.
        earlier: What was proved before this sign-in, and when.
    """

    program: FlowProgram
    door: DoorProgram | None
    pool: Pool
    engine: AsyncEngine
    account: Account
    password: str = field(repr=False)
    inputs: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, str] = field(repr=False)
    earlier: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def names_user(self) -> bool:
        """Whether the request that begins the sign-in says whose it is."""
        return self.door is None or self.door.names_user

    @property
    def asks_stored(self) -> bool:
        """Whether the flow verifies answers by what a directory keeps of the user."""
        return self.program.needs_directory


async def set_stage(
    program: FlowProgram, casting: Casting, observer: Observer, delivery: Delivery
) -> Stage:
    """Make up the user and put the engine together.

    Raises:
        UsageError: An option does not fit the flow.
        UnavailableError: A module of functions cannot be imported.
    """
    door = _door(program, casting.auth_flow)
    if door is not None:
        program = replace(program, doors=MappingProxyType({**program.doors, door.name: door}))
    inputs = dict(_inputs(program, casting.inputs))
    metadata = _metadata(program, casting.metadata)
    password = draw_password()
    account = _account(casting, password)
    directory = MemoryDirectory({_POOL.id: _POOL}) if door is not None else None
    if directory is not None:
        await directory.add(account)
    engine = AsyncEngine(
        [program],
        sessions=MemorySessions(),
        counters=MemoryCounters(),
        directory=directory,
        grants=MemoryGrants() if door is not None else None,
        delivery=delivery,
        functions=_functions(program, casting.functions),
        pools=[_POOL],
        clients=[_client(program)],
        signing={_POOL.id: _new_keys()} if door is not None else {},
        observer=observer,
    )
    earlier = dict(_earlier(program, door, casting.earlier))
    return Stage(program, door, _POOL, engine, account, password, inputs, metadata, earlier)


def draw_password() -> str:
    """Draw a password that can be read and typed: 80 bits in base32."""
    return base64.b32encode(SystemEntropy().draw(10)).decode("ascii").lower()


def _client(program: FlowProgram) -> Client:
    return Client(
        CLIENT_ID,
        "played",
        _POOL.id,
        session_validity=_LONGEST_SESSION,
        auth_flows=dict.fromkeys(program.doors, program.name),
    )


def _new_keys() -> PoolKeys:
    draw = SystemEntropy().draw
    return PoolKeys(
        keys.generate(keys.TokenUse.ID, draw), keys.generate(keys.TokenUse.ACCESS, draw)
    )


def _door(program: FlowProgram, chosen: str | None) -> DoorProgram | None:
    """Find the auth flow that begins; a flow without one gets one if it reads a directory."""
    doors = program.doors
    if chosen is not None and chosen not in doors:
        has = f"it has {', '.join(doors)}" if doors else "it has none"
        raise click.UsageError(
            f"flow {program.name} has no auth flow {escaped(chosen)} (--auth-flow): {has}"
        )
    if doors:
        return doors[chosen] if chosen is not None else next(iter(doors.values()))
    if not program.needs_directory:
        return None
    srp_a = ResponseRule("SRP_A", program.definition.name.span)
    return DoorProgram(_SUBSTITUTE, program.start, (srp_a,))


def _account(casting: Casting, password: str) -> Account:
    if not casting.user or not is_storable(casting.user):
        raise click.UsageError("--user takes a name")
    clock, entropy = SystemClock(), SystemEntropy()
    now = clock.now()
    status = UserStatus.FORCE_CHANGE_PASSWORD if casting.temporary else UserStatus.CONFIRMED
    return Account(
        pool_id=_POOL.id,
        username=casting.user,
        sub=str(uuid.UUID(bytes=entropy.draw(16), version=4)),
        stamp=entropy.draw(16).hex(),
        created_at=now,
        modified_at=now,
        status=status,
        groups=casting.groups,
        attributes=_attributes(casting.attributes),
        password=make_password(_POOL, casting.user, password, entropy.draw),
        totp=TotpFactor(totp.new_secret(entropy.draw)) if casting.user_totp else None,
        sms_mfa=casting.user_sms,
        email_mfa=casting.user_email,
        temporary_until=now + _POOL.temporary_password_life if casting.temporary else None,
    )


def _attributes(written: Iterable[str]) -> Mapping[str, str]:
    given = dict(_pairs("--attribute", "NAME=VALUE", written))
    if "sub" in given:
        raise click.UsageError("--attribute sub: it is drawn, and no attribute")
    for name, value in given.items():
        objection = value_objection(name, value)
        if objection is not None:
            raise click.UsageError(f"--attribute {escaped(name)}: {escaped(objection)}")
    return MappingProxyType({**_ADDRESSES, **given})


def _metadata(program: FlowProgram, written: Iterable[str]) -> Mapping[str, str]:
    given = dict(_pairs("--metadata", "KEY=VALUE", written))
    for key in given:
        if not any(_declares(rule, key) for rule in program.metadata):
            raise click.UsageError(
                f"flow {program.name} declares no metadata {escaped(key)} (--metadata): "
                f"{_known(rule.key for rule in program.metadata)}"
            )
    return MappingProxyType(given)


def _declares(rule: ResponseRule, key: str) -> bool:
    return key.startswith(rule.key) if rule.family else key == rule.key


def _inputs(program: FlowProgram, written: Iterable[str]) -> Iterator[tuple[str, Any]]:
    given = dict(_pairs("--input", "NAME=JSON", written))
    for name, text in given.items():
        declared = program.inputs.get(name)
        if declared is None:
            raise click.UsageError(
                f"flow {program.name} has no input {escaped(name)} (--input): "
                f"{_known(program.inputs)}"
            )
        yield name, _input(program, declared, text)
    for name, declared in program.inputs.items():
        if declared.required and name not in given:
            raise click.UsageError(
                f"flow {program.name} needs --input {name}=JSON, {_type_of(program, declared)}"
            )


def _input(program: FlowProgram, declared: InputProgram, text: str) -> object:
    """Read a value; what was given is never part of an error."""
    wanted = f"it is {_type_of(program, declared)}"
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        hint = "; a string of JSON has double quotes" if "string" in wanted else ""
        raise click.UsageError(f"--input {declared.name} is not JSON: {wanted}{hint}") from None
    if not declared.takes(value):
        raise click.UsageError(f"--input {declared.name} does not fit: {wanted}")
    return value


def _type_of(program: FlowProgram, declared: InputProgram) -> str:
    """Give an input's type as its author wrote it, or nearly."""
    written = next(i.type for i in program.definition.inputs if i.name.text == declared.name)
    return f"of type {escaped(json.dumps(written, ensure_ascii=False)).replace(chr(34), '')}"


def _earlier(
    program: FlowProgram, door: DoorProgram | None, written: Iterable[str]
) -> Iterator[tuple[str, datetime]]:
    now = SystemClock().now()
    given = dict(_pairs("--earlier", "NAME=DURATION", written))
    if given and door is not None and door.token_start is None:
        raise click.UsageError(f"{door.name} of flow {program.name} continues nothing (--earlier)")
    if not given and door is not None and door.continues:
        given = {"password": "0s"}
    for name, text in given.items():
        if name not in program.evidence:
            raise click.UsageError(
                f"flow {program.name} knows no evidence {escaped(name)} (--earlier): "
                f"{_known(program.evidence)}"
            )
        try:
            yield name, now - parse_duration(text)
        except ValueError:
            raise click.UsageError(f"--earlier {escaped(name)} is no duration, as 5m is") from None


def _pairs(option: str, form: str, written: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in written:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{option} takes {form}")
        yield name, value


def _known(names: Iterable[str]) -> str:
    known = ", ".join(map(escaped, names))
    return f"it has {known}" if known else "it has none"


def _functions(program: FlowProgram, modules: tuple[str, ...]) -> Mapping[str, Any]:
    """Import the functions that the flow calls, out of this folder or what is installed."""
    found = load_functions(modules, Path.cwd(), [program])
    missing = [name for name in dict.fromkeys(called_by([program])) if name not in found]
    if not missing:
        return found
    where = f"{', '.join(map(escaped, modules))} has not" if modules else "no module was named"
    raise click.UsageError(
        f"flow {program.name} calls {', '.join(missing)}, and {where}: "
        "name the Python module that has them with --functions"
    )
