"""From what happens at nodes to the steps of a scenario, and to what its functions return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from flowengine.challenges.custom_settings import CustomCall, CustomSettings, Equality
from flowengine.challenges.offers import Offer
from flowengine.flow.durations import write_duration
from flowengine.flow.machine import FAILED, OFFERED, RESENT, SWITCHED
from flowengine.flow.program import CallNode, ChallengeNode, FlowProgram
from flowengine.testing.scenarios.definition import BEGINNING, Step

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_WRONG: Final = MappingProxyType(
    dict.fromkeys(("password", "totp", "code", "passkey", "device", "new_password"), "wrong")
)
_MISSED: Final = ("wrong", "exhausted")
"""The outcomes of an answer that is wrong."""
_DEFAULT: Final = object()


class UnwritableError(Exception):
    """There is no scenario that tells this; the text says why."""


@dataclass(frozen=True, slots=True)
class Move:
    """What happens at one node.

    Attributes:
        node: By its full name.
        outcome: What the machine calls it: ``proved``, ``wrong``, ``exhausted``, ``expired``,
            ``denied``, ``unavailable``, ``resent``, ``offered SMS_MFA``, ``switched SMS_MFA``;
            of a call ``returned`` or ``failed``. That of a decision says nothing.
        asked: False for an offer whose menu is skipped.
        answer: More of the answer than that it is right or wrong, as scenarios write it:
            ``{passkey: verified}``, ``{user: bob, device_key: remembered}``, ``{email: …}``.
        returned: What the call returned, or the function under ``create``.
        request: What the request carries from here on, in the form of the record that
            expressions read; None as before. Its ``time`` is when it comes.
        wait: How much later than the request before it comes.
    """

    node: str
    outcome: str
    asked: bool = True
    answer: Mapping[str, Any] | None = field(default=None, repr=False)
    returned: Any = field(default=_DEFAULT, repr=False)
    request: Mapping[str, Any] | None = field(default=None, repr=False)
    wait: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Steps:
    """What moves come to.

    Attributes:
        functions: What each function does.
        parameters: Those that answer the first node at once.
        request: What the request that begins carries: where it answers at once, what that move's
            request does.
    """

    steps: tuple[Step, ...]
    functions: Mapping[str, Any] = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)
    request: Mapping[str, Any] = field(repr=False)


def steps_of(
    program: FlowProgram, auth_flow: str | None, moves: Iterable[Move], request: Mapping[str, Any]
) -> Steps:
    """Give the steps, what functions do, and what begins.

    Args:
        request: What the request that begins carries.

    Raises:
        UnwritableError: The text says why.
    """
    telling = _Telling(program, auth_flow, request)
    for move in moves:
        telling.tell(move)
    functions = telling.functions()
    return Steps(tuple(telling.steps), functions, telling.parameters, telling.begun)


class _Telling:
    """Steps as they come about.

    Attributes:
        begun: What the request that begins carries.
        _inline: The parameters that may answer the first challenge with the request that begins.
        _used: How many answers each node has taken.
        _results: What each call of a function does, in their order.
        _told: The functions of which somebody said it; the others do the same at each call.
    """

    def __init__(
        self, program: FlowProgram, auth_flow: str | None, request: Mapping[str, Any]
    ) -> None:
        self._program = program
        self.steps: list[Step] = []
        self.parameters: dict[str, str] = {}
        self._results: dict[str, list[dict[str, Any]]] = {}
        self._told: set[str] = set()
        self._used: dict[str, int] = {}
        self.begun = dict(request)
        self._request = _carried(request)
        self._now: datetime = request.get("time", BEGINNING)
        self._inline = _demanded(program, auth_flow)

    def functions(self) -> dict[str, Any]:
        """Give what functions do: one call after another, or the same whenever they are called."""
        return {
            name: results if name in self._told else results[0]
            for name, results in self._results.items()
        }

    def tell(self, move: Move) -> None:
        """Take one move."""
        match self._program.nodes.get(move.node):
            case CallNode(call=call):
                self._returns(call.function, _result(move, None))
            case ChallengeNode() as node if not _is_skipped(node, move):
                self._challenge(node, move)
            case None:
                raise UnwritableError(f"flow {self._program.name} has no node {move.node}")

    def _challenge(self, node: ChallengeNode, move: Move) -> None:
        self._created(node, move)
        if move.outcome == "unavailable":
            return
        if self._answers_at_once(node):
            self._begins_with(move)
            if move.outcome not in _MISSED:
                return
            self.parameters |= dict.fromkeys(node.kind.facts.answered_by, "wrong")
            self._used[node.name] = 1
            if move.outcome == "wrong" or node.attempts == 1:
                return
        if move.outcome == "exhausted":
            self._use_up(node)
        if move.outcome == "expired":
            move = replace(move, wait=max(move.wait, _life(node)))
        self._answered(node, move, _said(node, move))
        self._verified(node, move.outcome)
        shows_mailbox = "email" in (move.answer or {}) and "email" in node.kind.facts.enrols
        if move.outcome == "proved" and shows_mailbox:
            self.steps.append(Step("answer", "right"))  # the code that went to the mailbox

    def _answers_at_once(self, node: ChallengeNode) -> bool:
        keys = node.kind.facts.answered_by
        found = bool(keys) and self._inline.issuperset(keys)
        self._inline = frozenset()
        return found

    def _begins_with(self, move: Move) -> None:
        """Have the request that begins carry what the answer's does: they are one."""
        self.begun |= move.request or _NOTHING
        self._request = _carried(self.begun)
        self._now = self.begun.get("time", BEGINNING)

    def _use_up(self, node: ChallengeNode) -> None:
        """Answer wrongly until one try is left."""
        left = node.attempts - 1 - self._used.get(node.name, 0)
        if left > 0 and "wrong" in node.written:
            raise UnwritableError(f"{left} more wrong answers at {node.name} would lead elsewhere")
        missed = Move(node.name, "wrong")
        for _ in range(left):
            self._answered(node, missed, "wrong")
            self._verified(node, missed.outcome)
            self._created(node, missed)  # asked anew

    def _answered(self, node: ChallengeNode, move: Move, said: Any) -> None:  # noqa: ANN401 - as the schema has it
        self._wait(move)
        self._carry(move)
        expected = {"challenge": node.kind.facts.name, "node": node.name}
        self.steps += [Step("expect", expected), Step("answer", said)]
        if not (isinstance(said, Mapping) and ("switch" in said or "resend" in said)):
            self._used[node.name] = self._used.get(node.name, 0) + 1

    def _wait(self, move: Move) -> None:
        wait, at = move.wait, (move.request or _NOTHING).get("time")
        if at is not None:
            wait = max(wait, at - self._now)
        if at is not None and at < self._now:
            raise UnwritableError(f"the request at {move.node} comes before the one before it")
        if not wait:
            return
        self._now += wait
        try:
            self.steps.append(Step("wait", write_duration(wait)))
        except ValueError as error:
            raise UnwritableError(f"before {move.node} there is {error}") from None

    def _carry(self, move: Move) -> None:
        if move.request is None:
            return
        carried = _carried(move.request)
        if carried != self._request:
            self._request = carried
            self.steps.append(Step("request", carried))

    def _returns(self, function: str, result: dict[str, Any], *, told: bool = True) -> None:
        self._results.setdefault(function, []).append(result)
        if told:
            self._told.add(function)

    def _created(self, node: ChallengeNode, move: Move) -> None:
        """Have the function under ``create`` make what this node asks with."""
        settings = node.settings
        if not isinstance(settings, CustomSettings) or settings.create is None:
            return
        function, verify = settings.create.function, settings.verify
        if move.outcome == "unavailable" or move.returned is not _DEFAULT:
            failed = move.outcome == "unavailable"
            self._returns(function, {"raises": True} if failed else {"returns": move.returned})
            return
        names = [verify.private] if isinstance(verify, Equality) else []
        names += ["code"] if settings.deliver is not None else []
        made = {"public": {}, "private": dict.fromkeys(names, "246810")}
        self._returns(function, {"returns": made}, told=False)

    def _verified(self, node: ChallengeNode, outcome: str) -> None:
        """Have the function under ``verify`` say what it has to."""
        settings = node.settings
        verify = settings.verify if isinstance(settings, CustomSettings) else None
        if isinstance(verify, CustomCall) and outcome in ("proved", "denied", *_MISSED):
            judged = "wrong" if outcome in _MISSED else outcome
            self._returns(verify.function, {"returns": judged})


def _is_skipped(node: ChallengeNode, move: Move) -> bool:
    """Say whether nobody is asked: of an offer there is none, one, or one that is preferred."""
    return isinstance(node.settings, Offer) and (not move.asked or move.outcome == "none")


def _said(node: ChallengeNode, move: Move) -> Any:  # noqa: ANN401 - as the schema has it
    """Give what stands beside ``answer``."""
    more = dict(move.answer or {})
    if move.outcome.startswith(SWITCHED):
        return {"switch": move.outcome.removeprefix(SWITCHED), **more}
    if move.outcome.startswith(OFFERED):
        return {"choose": move.outcome.removeprefix(OFFERED), **more}
    if move.outcome == RESENT:
        return {"resend": True, **more}
    if move.outcome in _MISSED:
        return {**_WRONG, **more} if more else "wrong"
    if move.outcome not in ("proved", "expired", "denied"):
        raise UnwritableError(f"nothing that is answered at {node.name} comes to {move.outcome}")
    return more or "right"


def _life(node: ChallengeNode) -> timedelta:
    """Give how long what a node sent is good."""
    if node.expires is None:
        raise UnwritableError(f"what {node.name} asks does not expire before its Session")
    return node.expires


def _result(move: Move, otherwise: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if move.outcome == FAILED:
        return {"raises": True}
    return {"returns": otherwise if move.returned is _DEFAULT else move.returned}


def _carried(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name != "time"}


def _demanded(program: FlowProgram, auth_flow: str | None) -> frozenset[str]:
    """Name the parameters that must come, and may answer the first challenge."""
    door = program.doors.get(auth_flow or next(iter(program.doors), ""))
    if door is None or not door.names_user:
        return frozenset()
    node = program.nodes[door.start]
    own = node.kind.facts.answered_by if isinstance(node, ChallengeNode) else ()
    may = {*own, *door.inline}
    return frozenset(rule.key for rule in door.parameters if not rule.optional and rule.key in may)
