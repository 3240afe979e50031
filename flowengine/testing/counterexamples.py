"""From the counter-example of a proof to the way that a scenario plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowengine.accounts.evidence import ANY_ATTRIBUTE, written_attribute
from flowengine.analysis.proof.facts import EARLIER, Form
from flowengine.analysis.proof.verdict import Counterexample, FactValue, Step
from flowengine.engine.step_up import LEVELS
from flowengine.flow.doors import USER_AUTH
from flowengine.flow.machine import RETURNED
from flowengine.flow.program import CallNode, ChallengeNode, ChooseNode, FlowProgram
from flowengine.testing.scenarios import BACKEND, MAILBOX, Move, UnwritableError, Way
from flowengine.testing.told import ANY, Facts, Told, made, nested, plain

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PACE: Final = timedelta(seconds=10)
"""Between requests, where something reads how long ago something was."""
_PERIOD: Final = timedelta(seconds=30)
"""Of an authenticator's codes, each of which is good once."""
_WRITES: Final = {"email": MAILBOX, "phone_number": "+15555550100"}
"""What a counter-example writes where that must have a form."""
_SOME: Final = "nickname"
_SETTLED: Final = (("user", "status"), ("user", "enabled"), ("user", "exists"))
_CONFIRMING: Final = ("email", "sms")
"""What a code of ConfirmSignUp proves."""
_SRP_A: Final = "SRP_A"
_VERIFIER: Final = "PASSWORD_VERIFIER"
_PASSWORD_SRP: Final = "PASSWORD_SRP"
_OF_PASSWORDS: Final = frozenset({"PASSWORD", _PASSWORD_SRP, _VERIFIER})
_OF_DEVICES: Final = frozenset({"DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"})
_PASSWORD: Final = ("user", "has", "password")
_AGE: Final = ("age",)
_SO_FAR: Final = ("session", "age")


def way_of(program: FlowProgram, example: Counterexample, known: Mapping[str, Any]) -> Way:
    """Tell a counter-example as facts and moves; it comes to an end that is refused.

    What no branch on the path reads, and a sign-in needs, is left to the scenario: a user who is
    asked for a code has the factor, whatever the proof chose for a fact that says nothing.

    Args:
        known: The settled variables ``pool`` and ``client``; they win over what is told.

    Raises:
        UnwritableError: No scenario tells it; the text says why.
    """
    return _Telling(program, example, known).way()


class _Telling:
    """One counter-example.

    Attributes:
        _asked: The challenges that are answered.
        _read: For each request, the facts that its branches read; the first is the beginning.
        _pace: How long after the one before it each request comes.
    """

    def __init__(
        self, program: FlowProgram, example: Counterexample, known: Mapping[str, Any]
    ) -> None:
        self._program = program
        self._example = example
        self._known = known
        self._door = program.doors.get(example.auth_flow)
        self._asked = frozenset(_asked(program, example.steps))
        self._read = list(self._reading())
        everything = frozenset().union(*self._read)
        dated = {e.text for e in example.facts.values() if e.path[:1] == _AGE or e.path == _SO_FAR}
        self._pace = _PACE if dated & everything else timedelta()

    def way(self) -> Way:
        """Put it together."""
        example = self._example
        begun = nested(example.facts)
        return Way(
            moves=tuple(self._moves()),
            auth_flow=example.auth_flow or (BACKEND if self._program.doors else None),
            facts=self._world(begun),
            earlier={
                name: timedelta() for name, proved in begun.get(EARLIER, {}).items() if proved
            },
            after_sign_up=self._after_sign_up(begun),
            token="right" if self._steps_up(begun) else None,
        )

    def _steps_up(self, begun: Facts) -> bool:
        """Say whether a sign-in that may bring an access token does."""
        door = self._door
        if door is None or door.step_up is None or self._example.start != door.step_up:
            return False
        return door.step_up != door.start or any(begun.get(EARLIER, {}).values())

    def _reading(self) -> Iterator[frozenset[str]]:
        """Name the facts that are read between one request and the next."""
        example = self._example
        read = self._needed(example.start, example.facts)
        for step in example.steps:
            if step.request:
                yield frozenset(read)
                read = set()
            read |= {each.text for each in step.telling}
            read |= self._needed(step.target, step.values)
        yield frozenset(read | {each.text for each in example.final})

    def _needed(self, name: str, told: Told) -> set[str]:
        """Name the facts that a node's ``needs`` read."""
        node = self._program.nodes.get(name)
        paths = {path for each in (node.needs if node else ()) for path in each.program.variables}
        return {each.text for each in told.values() if _is_within(each, paths)}

    def _world(self, begun: Facts) -> Facts:
        """Give what holds when it begins."""
        example = self._example
        read = frozenset().union(*self._read)
        of_user = example.facts
        if self._door is not None and not self._door.names_user and example.steps:
            of_user = example.steps[0].values  # nobody's facts are known before
        world = {
            "user": _user(of_user, read, self._asked),
            "request": {**self._begun_at(), **_request(example.facts, self._read[0])},
            "device": self._device(begun.get("device", {}), read),
            "auth_flow": self._auth_flow(begun),
            **{name: _named(begun[name]) for name in ("pool", "client") if name in begun},
            **{name: self._settled(name, plain(value)) for name, value in self._known.items()},
        }
        for name, declared in self._program.inputs.items():
            if name in begun or declared.required:
                world[name] = made(declared.type, begun.get(name))
        return world

    def _begun_at(self) -> Facts:
        """Say when it begins where nothing reads that: not after a later request that is read."""
        asked = [step for step in self._example.steps if step.request]
        told = (_request(s.values, r) for s, r in zip(asked, self._read[1:], strict=True))
        times = [each["time"] for each in told if "time" in each]
        return {"time": min(times)} if times else {}

    def _settled(self, name: str, record: Facts) -> Facts:
        """Leave out an id that no branch reads: who has a client's may speak as it does."""
        rows = (row.program for row in self._program.machine.table if row.program is not None)
        conditions = (each.program for each in self._program.require)
        read = {path for each in (*rows, *conditions) for path in each.variables}
        return {each: v for each, v in record.items() if each != "id" or f"{name}.id" in read}

    def _device(self, device: Facts, read: frozenset[str]) -> Facts:
        """Give the device, which has to be there where it is asked to prove itself."""
        if not self._asked & _OF_DEVICES:
            return device
        if device.get("remembered") is False and "device.remembered" in read:
            return {**device, "claimed": True}
        return {**device, "remembered": True}

    def _auth_flow(self, begun: Facts) -> Facts:
        """Give the parameters, with the half of a password's proof that may come by them.

        The levels that are asked for are those that are told to be, or may be where one must.
        """
        auth_flow: Facts = begun.get("auth_flow", {})
        target = auth_flow.get("target", {})
        must = self._steps_up(begun) or (self._door is not None and self._door.continues)
        levels = [level for level in self._program.levels if target.get(level, must)]
        if levels and self._door is not None and self._door.name == USER_AUTH:
            given = {LEVELS: " ".join(levels), **auth_flow.get("parameters", {})}
            auth_flow = {**auth_flow, "parameters": given}
        may = {rule.key for rule in self._door.parameters if rule.optional} if self._door else ()
        if _VERIFIER not in self._asked or _PASSWORD_SRP in self._asked or _SRP_A not in may:
            return auth_flow
        return {**auth_flow, "parameters": {_SRP_A: "right", **auth_flow.get("parameters", {})}}

    def _after_sign_up(self, begun: Facts) -> str | None:
        door = self._door
        if door is None or door.after_sign_up is None:
            return None
        proved = begun.get("proved", {})
        if not any(proved.values()) and self._example.start == door.start:
            return None
        may = [name for name in _CONFIRMING if proved.get(name, True)]
        return next((name for name in may if proved.get(name)), may[0])

    def _moves(self) -> Iterator[Move]:
        before, requests, codes = self._example.facts, 0, 0
        for step in self._example.steps:
            node = self._program.nodes[step.node]
            requests += step.request
            if isinstance(node, ChallengeNode):
                uses_code = step.outcome == "proved" and "totp" in _totp(node, step)
                codes += uses_code
                late = _PERIOD if uses_code and codes > 1 else timedelta()
                yield from self._challenged(node, step, before, self._read[requests], late)
            elif isinstance(node, CallNode):
                yield _called(node, step)
            elif not isinstance(node, ChooseNode):
                raise UnwritableError(f"nothing happens at {step.node}")
            before = step.values

    def _challenged(
        self,
        node: ChallengeNode,
        step: Step,
        before: Told,
        read: frozenset[str],
        late: timedelta,
    ) -> Iterator[Move]:
        request = _request(step.values, read) if step.request else None
        wait = max(late, self._pace if step.request else timedelta())
        tried = _tried(step)
        if tried > node.attempts:
            raise UnwritableError(f"{node.name} takes no more than {node.attempts} answers")
        for _ in range(tried - 1):
            yield Move(node.name, "wrong", request=request, wait=wait)
            wait = timedelta()
        answer = _answer(node, step, before)
        outcome, asked = step.outcome, step.event
        yield Move(node.name, outcome, asked, answer or None, request=request, wait=wait)


def _asked(program: FlowProgram, steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        node = program.nodes[step.node]
        if isinstance(node, ChallengeNode) and step.event and step.outcome != "unavailable":
            yield node.kind.facts.name


def _totp(node: ChallengeNode, step: Step) -> tuple[str, ...]:
    """Name ``totp`` where an authenticator's code answers."""
    if "totp" in node.kind.facts.enrols:
        return ("totp",) if "totp" in step.enrolled else ()
    return ("totp",) if "totp" in node.evidence else ()


def _called(node: CallNode, step: Step) -> Move:
    if step.outcome != RETURNED or node.save is None or node.returns is None:
        return Move(node.name, step.outcome)
    site, _, name = node.save.rpartition("/")
    saved = nested(step.values).get(f"{site}/vars" if site else "vars", {}).get(name)
    return Move(node.name, step.outcome, returned=made(node.returns, saved))


def _tried(step: Step) -> int:
    """Count the answers that a branch wants to have been given at the node."""
    for each in step.telling:
        if each.path == ("session", "attempts") and each.form is Form.VALUE:
            return int(each.value or 1) if step.outcome == "proved" else 1
    return 1


def _answer(node: ChallengeNode, step: Step, before: Told) -> Facts:
    """Give more of an answer than that it is right."""
    answer: Facts = {}
    read = [each for each in step.telling if each.path[:1] == ("responses",)]
    responses = nested({e.text: step.values[e.text] for e in read}).get("responses", {})
    if responses:
        answer["responses"] = responses
    if step.outcome != "proved":
        return answer
    if "passkey_uv" in step.proved and "passkey_uv" in node.kind.facts.may_prove:
        answer["passkey"] = "verified"
    if "email" in node.kind.facts.enrols and "totp" not in step.enrolled:
        answer["email"] = _attributes(before).get("email", MAILBOX)
    if "user.attributes" in node.kind.facts.writes and "email" not in node.kind.facts.enrols:
        old, new = _attributes(before), _attributes(step.values)
        changed = {name: value for name, value in new.items() if old.get(name) != value}
        names = filter(None, map(written_attribute, step.enrolled))
        changed |= {_SOME if n == ANY_ATTRIBUTE else n: _WRITES.get(n, "other") for n in names}
        answer |= {"attributes": changed} if changed else {}
    return answer | _device(step, before)


def _attributes(told: Told) -> Facts:
    attributes: Facts = nested(told).get("user", {}).get("attributes", {})
    return attributes


def _device(step: Step, before: Told) -> Facts:
    """Name the device that an answer comes from, where none was named before."""
    old, new = (nested(told).get("device", {}) for told in (before, step.values))
    if not new.get("named") or old.get("named"):
        return {}
    return {"device_key": "remembered" if new.get("remembered") else "confirmed"}


def _user(told: Told, read: frozenset[str], asked: frozenset[str]) -> Facts:
    """Give the user, without what says nothing and may be in the way."""
    kept = {
        text: each for text, each in told.items() if text in read or not _says_nothing(each, asked)
    }
    user: Facts = nested(kept).get("user", {})
    return user


def _says_nothing(fact: FactValue, asked: frozenset[str]) -> bool:
    """Say whether a fact that no branch reads is one that a user has for no reason.

    That there is no password is one for a menu, which asks for what there is.
    """
    if fact.form is not Form.VALUE or (fact.path == _PASSWORD and not asked & _OF_PASSWORDS):
        return False
    return fact.value is False or fact.path in _SETTLED


def _named(record: Facts) -> Facts:
    """Leave it to the scenario which id it is of which nothing is known but that it is another."""
    return {n: v for n, v in record.items() if n != "id" or not str(v).startswith(ANY)}


def _request(told: Told, read: frozenset[str]) -> Facts:
    request: Facts = nested({t: e for t, e in told.items() if t in read}).get("request", {})
    if "time" in request:
        request["time"] = _EPOCH + timedelta(microseconds=request["time"] // 1000)
    return request


def _is_within(fact: FactValue, paths: set[str]) -> bool:
    """Say whether conditions that read these dotted paths depend on a fact."""
    own = ".".join(fact.path) or fact.text
    return any(f"{own}.".startswith(f"{p}.") or f"{p}.".startswith(f"{own}.") for p in paths)
