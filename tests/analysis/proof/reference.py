"""A second reading of flows: an interpreter of the document itself, explored to the end.

It shares nothing with the compiler, the engine or the prover. Coming to a node is one arrow.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain, combinations, product
from operator import getitem
from typing import Any, Final

import yaml

from tests.analysis.proof.reference_attributes import makers, told, written
from tests.analysis.proof.reference_expressions import FaultError, compiled, is_true, literal

Node = Mapping[str, Any]
At = tuple[str, ...]
_METHOD: Final = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email"}
_FIRST: Final = {"PASSWORD": "password", "WEB_AUTHN": "passkey"}
_PROVES: Final = {**_METHOD, **_FIRST}
_OF_NOBODY: Final = {None, "CUSTOM_CHALLENGE", "SELECT_MFA_TYPE", "SELECT_CHALLENGE"}
_DENIED: Final = {"MFA_SETUP", "WEB_AUTHN"}
_NEXT, _FAILED = "(next)", "(failed)"
_TARGET: Final = "auth_flow.target.high"
_CONSTANT: Final = ("n", "k", "d", "words", "tags", "pool.mfa", "pool.mfa_methods", _TARGET)
_REQUEST: Final = ("request.ip", "request.time", "request.metadata", "session.attempts")


class TooLargeError(Exception):
    """There is more of it than may be tried."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a sign-in stands; values are as they are drawn from the domains."""

    at: At
    door: str
    nobody: bool
    sent_key: bool
    constants: tuple[tuple[str, Any], ...]
    user: tuple[tuple[str, Any], ...]
    request: tuple[tuple[str, Any], ...]
    earlier: tuple[tuple[str, int], ...] = ()
    proved: tuple[tuple[str, int], ...] = ()
    enrolled: frozenset[str] = frozenset()
    saved: tuple[tuple[At, Any], ...] = ()
    steps: int = 0
    named: bool = False
    remembered: bool = False


@dataclass(slots=True)
class Found:
    """The least number of arrows from each door to each violation: by place, or node and text."""

    require: dict[tuple[str, int], int] = field(default_factory=dict)
    needs: dict[tuple[str, str, str], int] = field(default_factory=dict)


class Reference:
    """One exploration, breadth first, of a flow and those that it uses."""

    def __init__(self, texts: Sequence[str], domains: Mapping[str, Any], most: int) -> None:
        """Read the documents."""
        flows = [yaml.load(text, yaml.BaseLoader) for text in texts if text]  # noqa: S506 - strings only
        self._outer, self._flows = flows[0], {flow["flow"]: flow for flow in flows}
        self._domains, self._most = domains, most
        self._told = told(flows if "flow: inner" in str(texts[0]) else flows[:1])
        self._own = [name for name in domains if name.startswith("user.")]
        asked = {node.get("challenge") for flow in flows for node in flow["nodes"].values()}
        out = ["UNCONFIRMED"] if asked - _OF_NOBODY else []  # whom a directory lets in nowhere
        self._users = [u for u in self._every(self._own) if dict(u)["user.status"] not in out]
        self.found = Found()

    def run(self) -> Found:
        """Try everything, nearest first; TooLargeError where it is more than ``most``."""
        waiting = deque((0, state) for state in self._beginnings())
        seen = {state for _, state in waiting}
        while waiting:
            length, state = waiting.popleft()
            new = set(self._moves(length, state)) - seen
            seen |= new
            waiting += ((length + 1, after) for after in new)
            if len(seen) > self._most:
                raise TooLargeError
        return self.found

    def _beginnings(self) -> Iterator[State]:
        doors = {**self._outer["auth_flows"], "": {"parameters": [], "continues": "true"}}
        given = product(self._users, *map(self._every, (_CONSTANT, _REQUEST)))
        for (user, held, request), (name, door) in product(given, doors.items()):
            nobody, asked = door.get("names_user") == "false", dict(held)[_TARGET]
            if (asked and name != "USER_AUTH") or (nobody and user != self._users[0]):
                continue
            keys = self._domains["DEVICE_KEY"] if "DEVICE_KEY?" in door["parameters"] else (False,)
            for (at, token, proved), key in product(self._starts(door, request), keys):
                if token and name == "USER_AUTH" and asked is not self._domains[_TARGET][-1]:
                    continue  # who brings a token asks for a level, where there is one
                for earlier in self._domains["earlier"][: None if token else 1]:
                    state = State((at,), name, nobody, key, held, user, request, earlier, proved)
                    yield from self._on_devices(state) if key else [state]

    def _starts(self, door: Node, request: Any) -> Iterator[tuple[str, bool, Any]]:
        """Give where sign-ins begin, whether by a token, and what is proved then."""
        yield door.get("start", self._outer["start"]), "continues" in door, ()
        if "step_up" in door:
            yield door["step_up"], True, ()
        for name in ("email", "sms") if "after_sign_up" in door else ():
            yield door["after_sign_up"], False, ((name, dict(request)["request.time"]),)

    def _on_devices(self, state: State) -> Iterator[State]:
        """Give a state, and where it is somebody's on no device yet, it on each."""
        yield state
        for key, kept in self._domains["device"] if not state.named and not state.nobody else ():
            if key:
                yield replace(state, named=True, remembered=kept)

    def _every(self, names: Sequence[str]) -> list[tuple[tuple[str, Any], ...]]:
        every = product(*(self._domains[name] for name in names))
        return [tuple(zip(names, values, strict=True)) for values in every]

    def _moves(self, length: int, state: State) -> Iterator[State]:
        site, name = state.at[:-1], state.at[-1]
        if name in (_NEXT, _FAILED):
            outer = self._flow(site[:-1])["nodes"][site[-1]]
            yield from self._edge(outer[name.strip("()")], site[:-1], state)
            return
        node = self._flow(site)["nodes"][name]
        if not self._may_enter(length, state, node):
            return
        if "end" in node:
            yield from self._ended(length, state, node)
        elif "choose" in node:
            yield from self._edge(node["choose"], site, state)
        elif "flow" in node:
            yield replace(state, at=(*state.at, self._flow(state.at)["start"]))
        else:
            asks = self._offered if "offer" in node else self._challenged
            yield from self._called(state, node) if "call" in node else asks(state, node)

    def _may_enter(self, length: int, state: State, node: Node) -> bool:
        needs = [node["needs"]] if "needs" in node else []
        if node.get("end") == "success" and len(state.at) > 1:
            needs += self._flow(state.at[:-1]).get("require", [])
        wrong = [text for text in needs if not is_true(text, self._env(state.at[:-1], state))]
        for text in wrong:
            self.found.needs.setdefault((state.door, "/".join(state.at), text), length)
        return not wrong

    def _ended(self, length: int, state: State, node: Node) -> Iterator[State]:
        site, success = state.at[:-1], node["end"] == "success"
        if site:
            if success or self._fails(site):
                yield replace(state, at=(*site, _NEXT if success else _FAILED))
        elif success:
            for number, text in enumerate(self._outer["require"]):
                if not is_true(text, self._env((), state)):
                    self.found.require.setdefault((state.door, number), length)

    def _edge(self, edge: Any, site: At, state: State) -> Iterator[State]:
        env = self._env(site, state)
        for branch in edge if isinstance(edge, list) else [{"else": edge}]:
            try:
                taken = "else" in branch or compiled(branch["when"])(env) is True
            except FaultError:
                return
            if taken:
                yield from self._to(str(branch.get("goto", branch.get("else"))), site, state)
                return

    def _to(self, target: str, site: At, state: State) -> Iterator[State]:
        if target == "refused" and self._fails(site):
            yield replace(state, at=(*site, _FAILED))
        elif target not in ("refused", "again", "locked"):
            yield replace(state, at=(*site, target))

    def _called(self, state: State, node: Node) -> Iterator[State]:
        site, place = state.at[:-1], (*state.at[:-1], node["save"])
        kept = tuple(each for each in state.saved if each[0] != place)
        yield from self._edge(node["failed"], site, replace(state, saved=kept))
        for value in self._domains["vars.c"]:
            returned = replace(state, saved=tuple(sorted((*kept, (place, value)))))
            yield from self._edge(node["next"], site, returned)

    def _offered(self, state: State, node: Node) -> Iterator[State]:
        site, nodes = state.at[:-1], self._flow(state.at[:-1])["nodes"]
        options = {nodes[name]["challenge"]: name for name in node["offer"]}
        there = [each for each in options if self._has(each, state)]
        prefers = dict(state.user)["user.prefers"] if "prefer" in node else None
        chosen = prefers if prefers in there else there[0] if len(there) == 1 else None
        if not there or chosen is not None:
            target = node["none"] if chosen is None else options[chosen]
            yield from self._edge(target, site, state)
        else:
            yield from self._to("refused", site, state)
            for asked in self._requests(state):
                yield from self._to("refused", site, asked)
                for each in there:
                    yield from self._to(options[each], site, asked)

    def _challenged(self, state: State, node: Node) -> Iterator[State]:
        site, kind, late = state.at[:-1], node["challenge"], "expires" in node
        if kind not in ("PASSWORD", "NEW_PASSWORD_REQUIRED"):
            yield from self._edge(node.get("unavailable", "refused"), site, state)
        bad = {"CUSTOM_CHALLENGE": state.at[-1]}.get(kind, "refused" if kind in _FIRST else "again")
        last = kind == "PASSWORD" and "exhausted" in node  # its one wrong answer is the last, then
        may = {"wrong": not last, "exhausted": True, "expired": late, "denied": kind in _DENIED}
        for asked in self._requests(state):
            for name in node["switch"]["to"] if "switch" in node else ():
                if asked.nobody or self._has(self._flow(site)["nodes"][name]["challenge"], asked):
                    yield from self._to(name, site, asked)
            for outcome in filter(may.get, may):
                edge = node.get(outcome, bad if outcome == "wrong" else "refused")
                for after in self._left(asked, node, proved=False):
                    yield from self._edge(edge, site, after)
            for somebody in self._named(asked):
                for after in self._left(somebody, node, proved=True):
                    yield from self._edge(node["next"], site, after)

    def _named(self, state: State) -> Iterator[State]:
        """Give whose a state may be once it is answered rightly: anybody's, if it was nobody's."""
        people = (replace(state, nobody=False, user=user) for user in self._users)
        return chain(*map(self._on_devices, people)) if state.nobody else iter([state])

    def _requests(self, state: State) -> Iterator[State]:
        """Give the state in every next request: its facts, and a device that it may name."""
        for request in self._every(_REQUEST):
            yield from self._on_devices(replace(state, request=request, steps=self._next(state)))

    def _left(self, state: State, node: Node, *, proved: bool) -> Iterator[State]:
        """Give what an answer leaves of the ledger and the user, in every way."""
        kind = node["challenge"]
        name = node.get("evidence") or _PROVES.get(kind, "")
        if kind == "MFA_SETUP":
            methods = dict(state.constants)["pool.mfa_methods"]
            may = [_METHOD[m] for m in ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP") if m in methods]
            for count in range(1 if proved else 0, len(may) + 1):
                for names in combinations(may, count):
                    enrolled = replace(state, enrolled=state.enrolled | set(names))
                    has = {f"user.has.{name}": True for name in set(names) - state.enrolled}
                    yield from self._changed(enrolled, has) if names else (enrolled,)
        elif kind == "NEW_PASSWORD_REQUIRED" and proved:
            for made in written(node, self._told):
                after = replace(state, enrolled=state.enrolled | made)
                yield from self._changed(after, {"user.status": "CONFIRMED"})
        elif proved and not makers(name, self._told) & state.enrolled:
            proofs = {**dict(state.proved), name: dict(state.request)["request.time"]}
            yield replace(state, proved=tuple(sorted(proofs.items())))
        else:
            yield state

    def _changed(self, state: State, sets: Mapping[str, Any]) -> Iterator[State]:
        may = [d for d in self._own if d.startswith(("user.has.", "user.attributes"))]
        for now in self._every(may):
            yield replace(state, user=tuple({**dict(state.user), **dict(now), **sets}.items()))

    def _next(self, state: State) -> int:
        return min(state.steps + 1, 3) if len(self._domains["counts"]) > 1 else 0

    def _flow(self, site: At) -> Any:
        return reduce(lambda flow, n: self._flows[flow["nodes"][n]["flow"]], site, self._outer)

    def _fails(self, site: At) -> bool:
        return bool(site) and "failed" in self._flow(site[:-1])["nodes"][site[-1]]

    def _has(self, challenge: str, state: State) -> bool:
        methods = (*dict(state.constants)["pool.mfa_methods"], *_FIRST)
        return bool(dict(state.user)[f"user.has.{_PROVES[challenge]}"]) and challenge in methods

    def _env(self, site: At, state: State) -> dict[str, Any]:
        values = {**dict(state.constants), **dict(state.user), **dict(state.request)}
        env: dict[str, Any] = {"user": {"has": {}}, "request": {}, "session": {}, "pool": {}}
        env["auth_flow"] = {"name": state.door, "target": {}}
        for path, value in values.items():
            *groups, last = path.split(".")
            group: Any = reduce(getitem, groups, env)
            group[last] = dict(value) if last in ("metadata", "attributes", "tags") else value
        has = env["user"]["has"]
        has["any"] = any(has[name] for name in has if name != "password")
        env["session"]["steps"] = state.steps
        env["proved"] = defaultdict(bool, dict.fromkeys(dict(state.proved), True))
        env["enrolled"] = defaultdict(bool, dict.fromkeys(state.enrolled, True))
        env["age"] = {n: values["request.time"] - at for n, at in state.earlier + state.proved}
        env["device"] = {"claimed": state.sent_key or state.named, "remembered": state.remembered}
        env["auth_flow"]["parameters"] = {"DEVICE_KEY": "key"} if state.sent_key else {}
        env["vars"] = {at[-1]: dict(value) for at, value in state.saved if at[:-1] == site}
        return {**env, **self._given(site, state)} if site else env

    def _given(self, site: At, state: State) -> dict[str, Any]:
        """Give the inputs of a step: an expression of the outer flow, a literal, or the default."""
        given = self._flow(site[:-1])["nodes"][site[-1]].get("with", {}).items()
        env, inputs = self._env(site[:-1], state), self._flow(site).get("inputs", {}).items()
        own = {n: compiled(e)(env) if isinstance(e, str) else literal(e["value"]) for n, e in given}
        return {**{name: literal(declared["default"]) for name, declared in inputs}, **own}
