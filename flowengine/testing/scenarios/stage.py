"""What a scenario is played on: the real engine over memory, in a world that stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from flowengine.accounts.device import DeviceSettings
from flowengine.accounts.lockout import LockoutPolicy
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.pool import Client, Mfa, PasskeySettings, Pool
from flowengine.challenges.custom_settings import CustomCall, CustomSettings
from flowengine.engine.engine import Engine, run
from flowengine.flow.definition import ResponseRule
from flowengine.flow.durations import parse_duration
from flowengine.flow.machine import Decision
from flowengine.flow.program import ChallengeNode, DoorProgram, FlowProgram
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from flowengine.stores.memory_devices import MemoryDevices
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.testing.fakes import FixedClock, KeptMessages, ScriptedEntropy
from flowengine.testing.scenarios.checks import DEFAULT_USER
from flowengine.testing.scenarios.continued import Continued, keys_of
from flowengine.testing.scenarios.definition import BACKEND, Scenario
from flowengine.testing.scenarios.functions import CannedFunctions
from flowengine.testing.scenarios.people import (
    RELYING_PARTY,
    REMEMBERED,
    UNKNOWN,
    Person,
    device_of,
    make_person,
)
from flowengine.testing.scenarios.recording import RecordingMachine, recorded

_CLIENT_ID: Final = "1scenario23456789"
ORIGIN: Final = f"https://{RELYING_PARTY}"
LENT: Final = "USER_SRP_AUTH"
"""What begins a flow that has no auth flow and reads a directory: it brings all that kinds need."""

NEEDS: Final = "needs"
"""What the engine calls it where a node may not be entered; no event of the machine."""

_POOL_ID: Final = "eu-west-1_Scenario"
_METHODS: Final = ("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP")


class Stage:
    """One scenario's engine and all around it.

    Attributes:
        door: The auth flow that begins; None where the engine is told who the user is.
        people: Everyone, by name.
        person: Who sits before the client; who signs in, until an answer says somebody else.
        continued: The sign-in or sign-up that this one continues.
        noted: What the engine's observer was told beside branches: conditions of ``require``
            that did not hold.
    """

    def __init__(self, program: FlowProgram, scenario: Scenario) -> None:
        """Put everything together."""
        self.scenario = scenario
        self.door = _door(program, scenario)
        if self.door is not None:
            program = replace(program, doors={**program.doors, self.door.name: self.door})
        self.machine: RecordingMachine
        self.program, self.machine = recorded(program)
        self.clock = FixedClock(scenario.clock)
        self.entropy = ScriptedEntropy(scenario.name)
        users = scenario.users or {DEFAULT_USER: {}}
        self.pool = pool_of(scenario.pool, users)
        self.delivery = KeptMessages()
        self.functions = CannedFunctions(scenario.functions, _judges(program))
        self.noted: list[str] = []
        self.client = _client(scenario.client, program, self.pool)
        self._sessions, self._counters = MemorySessions(), MemoryCounters()
        self._directory = MemoryDirectory({self.pool.id: self.pool})
        self._grants, self._devices = MemoryGrants(), MemoryDevices()
        self._decoy_secret = self.entropy.draw(32)
        self.people = {name: self._person(name, said) for name, said in users.items()}
        self.person: Person = self.people[scenario.user or next(iter(self.people))]
        self._add_devices()
        self.engine = self.start_process()
        self.continued = Continued(self.engine.parts, self.client, scenario)

    def start_process(self) -> Engine:
        """Make an engine over the stores that are there, as another process would."""
        continues = any(door.token_start for door in self.program.doors.values())
        self.engine = Engine(
            [self.program],
            sessions=self._sessions,
            counters=self._counters,
            directory=self._directory if self.door or self.program.needs_directory else None,
            grants=self._grants,
            devices=self._devices,
            delivery=self.delivery,
            functions={name: self.functions.function(name) for name in self.program.functions},
            pools=[self.pool],
            clients=[self.client],
            signing=keys_of(self.pool) if continues else {},
            decoy_secret=self._decoy_secret,
            clock=self.clock,
            entropy=self.entropy,
            observer=self,
        )
        return self.engine

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        """Note what the machine's own trail does not have."""
        if event == "require-not-met":
            self.noted.append(fields["require"])
        elif event == "branch" and fields["outcome"] == NEEDS:
            refused = Decision(fields["node"], NEEDS, None, fields["because"])
            self.machine.trail.append(refused)

    def _person(self, name: str, said: Mapping[str, Any]) -> Person:
        person = make_person(name, said, self.pool, self.entropy.draw, self.clock.now())
        if person.account is not None:
            run(self._directory.add(person.account))
        return person

    def _add_devices(self) -> None:
        """Have the directory know the devices that the client will name."""
        for name, known in dict.fromkeys(_named_devices(self.scenario, self.person.name)):
            person = self.people[name]
            if known != UNKNOWN and person.account is not None:
                own, remembered = person.devices[known], known == REMEMBERED
                run(self._devices.add(device_of(own, person.account, remembered=remembered)))


def _named_devices(scenario: Scenario, user: str) -> Iterator[tuple[str, str]]:
    """Give whose devices are named, and what the directory knows of each."""
    if scenario.device is not None:
        yield user, scenario.device
    for step in scenario.steps:
        said = step.what if step.does == "answer" and isinstance(step.what, Mapping) else {}
        user = said.get("user", user)
        if "device_key" in said:
            yield user, said["device_key"]


def pool_of(said: Mapping[str, Any], users: Mapping[str, Mapping[str, Any]]) -> Pool:
    """Make the pool that a file describes; it takes passkeys where one of its users has one."""
    has_one = any("passkey" in user.get("has", ()) for user in users.values())
    passkeys = said.get("passkeys", has_one)
    pool_id = said.get("id", _POOL_ID)
    return Pool(
        id=pool_id,
        name=said.get("name", "scenario"),
        issuer=f"https://flowengine.invalid/{pool_id}",
        mfa=Mfa(said.get("mfa", Mfa.OPTIONAL.value)),
        mfa_methods=tuple(said.get("mfa_methods", _METHODS)),
        required_attributes=tuple(said.get("required_attributes", ())),
        password_policy=PasswordPolicy(said.get("min_password_length", 8)),
        lockout=None if said.get("lockout") == "none" else LockoutPolicy(),
        usernames_case_sensitive=said.get("case_sensitive", True),
        aliases=tuple(said.get("aliases", ())),
        passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)) if passkeys else None,
        devices=DeviceSettings(challenge_on_new=said.get("device_challenge", True)),
    )


def _client(said: Mapping[str, Any], program: FlowProgram, pool: Pool) -> Client:
    return Client(
        said.get("id", _CLIENT_ID),
        said.get("name", "scenario"),
        pool.id,
        session_validity=parse_duration(said.get("session_validity", "3m")),
        prevent_user_existence_errors=said.get("prevent_user_existence_errors", True),
        auth_flows=dict.fromkeys(program.doors, program.name),
        require=tuple(said.get("require", ())),
    )


def _door(program: FlowProgram, scenario: Scenario) -> DoorProgram | None:
    """Find the auth flow that begins; a flow without one gets one if it reads a directory."""
    if scenario.auth_flow == BACKEND:
        return None
    if program.doors:
        return program.doors[scenario.auth_flow or next(iter(program.doors))]
    if not program.needs_directory:
        return None
    span = program.definition.name.span
    rules = (ResponseRule("SRP_A", span), ResponseRule("DEVICE_KEY", span, optional=True))
    return DoorProgram(LENT, program.start, rules, continues=bool(scenario.earlier))


def _judges(program: FlowProgram) -> frozenset[str]:
    """Name the functions that judge answers."""
    found = set()
    for node in program.nodes.values():
        settings = node.settings if isinstance(node, ChallengeNode) else None
        if isinstance(settings, CustomSettings) and isinstance(settings.verify, CustomCall):
            found.add(settings.verify.function)
    return frozenset(found)
