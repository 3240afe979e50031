"""A second reading of flows: an interpreter of the document itself, explored to the end.

It shares nothing with the compiler, the engine or the prover. One arrow is one move: nodes are
come to, held against their ``needs``, and left.
"""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

from tests.analysis.proof.reference_expressions import FaultError, compiled, is_true, literal

Node = Mapping[str, Any]
At = tuple[str, ...]
_METHOD: Final = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email"}
_OF_NOBODY: Final = (None, "CUSTOM_CHALLENGE", "SELECT_MFA_TYPE", "SELECT_CHALLENGE")
"""What is asked without a look at what is stored of a user."""
_PROVES: Final = {**_METHOD, "PASSWORD": "password"}
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
    sent_key: bool
    named: bool
    remembered: bool
    constants: tuple[tuple[str, Any], ...]
    user: tuple[tuple[str, Any], ...]
    earlier: tuple[tuple[str, int], ...] = ()
    proved: tuple[tuple[str, int], ...] = ()
    enrolled: frozenset[str] = frozenset()
    saved: tuple[tuple[At, Any], ...] = ()
    steps: int = 0
    request: tuple[tuple[str, Any], ...] = ()


@dataclass(slots=True)
class Found:
    """The least number of arrows to each violation: of ``require`` by place, of needs by text."""

    require: dict[int, int] = field(default_factory=dict)
    needs: dict[tuple[str, str], int] = field(default_factory=dict)


class Reference:
    """One exploration, breadth first, of a flow and those that it uses."""

    def __init__(
        self, texts: Sequence[str], domains: Mapping[str, Sequence[Any]], most: int
    ) -> None:
        """Read the documents."""
        flows = [yaml.load(text, yaml.BaseLoader) for text in texts if text]  # noqa: S506 - strings only
        self._outer, self._flows = flows[0], {flow["flow"]: flow for flow in flows}
        self._domains, self._most = domains, most
        self._counts, self._earlier = len(domains["counts"]) > 1, domains["earlier"]
        asked = (node.get("challenge") for flow in flows for node in flow["nodes"].values())
        self._stored = any(name not in _OF_NOBODY for name in asked)
        self.found = Found()

    def run(self) -> Found:
        """Try everything, nearest first; TooLargeError where it is more than ``most``."""
        waiting = deque((0, state) for state in self._beginnings())
        seen = {state for _, state in waiting}
        while waiting:
            length, state = waiting.popleft()
            for after in self._moves(length, state):
                if after not in seen:
                    seen.add(after)
                    waiting.append((length + 1, after))
            if len(seen) > self._most:
                raise TooLargeError
        return self.found

    def _beginnings(self) -> Iterator[State]:
        doors = {**self._outer["auth_flows"], "": {"parameters": []}}
        own = [d for d in self._domains if d.startswith("user.")]
        given = itertools.product(*map(self._every, (own, _CONSTANT, _REQUEST)))
        for (user, held, request), (name, door) in itertools.product(given, doors.items()):
            if self._stored and dict(user)["user.status"] == "UNCONFIRMED":
                continue  # the directory's users are refused before
            start = (door.get("start", self._outer["start"]),)
            if dict(held)[_TARGET] and name != "USER_AUTH":  # no other has the parameter
                continue
            keys = self._domains["DEVICE_KEY"] if "DEVICE_KEY?" in door["parameters"] else (False,)
            for key, earlier in itertools.product(keys, self._earlier[: 1 if name else None]):
                for device in self._devices(may=key):
                    yield State(start, name, key, *device, held, user, earlier, request=request)

    def _devices(self, *, may: bool) -> Iterator[tuple[bool, bool]]:
        yield False, False
        yield from ((True, kept) for key, kept in self._domains["device"] if may and key)

    def _every(self, names: Iterable[str]) -> list[tuple[tuple[str, Any], ...]]:
        names = tuple(names)
        return [
            tuple(zip(names, values, strict=True))
            for values in itertools.product(*(self._domains[name] for name in names))
        ]

    def _moves(self, length: int, state: State) -> Iterator[State]:
        site, name = state.at[:-1], state.at[-1]
        if name in (_NEXT, _FAILED):
            written = self._flow(site[:-1])["nodes"][site[-1]]
            key = "next" if name == _NEXT else "failed"
            yield from self._edge(written[key], site[:-1], state)
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
        elif "call" in node:
            yield from self._called(state, node)
        elif "offer" in node:
            yield from self._offered(state, node)
        else:
            yield from self._challenged(state, node)

    def _may_enter(self, length: int, state: State, node: Node) -> bool:
        needs = [node["needs"]] if "needs" in node else []
        if node.get("end") == "success" and len(state.at) > 1:
            needs += self._flow(state.at[:-1]).get("require", [])
        env = self._env(state.at[:-1], state)
        wrong = [text for text in needs if not is_true(text, env)]
        for text in wrong:
            self.found.needs.setdefault(("/".join(state.at), text), length)
        return not wrong

    def _ended(self, length: int, state: State, node: Node) -> Iterator[State]:
        site, success = state.at[:-1], node["end"] == "success"
        if site:
            if success or self._fails(site):
                yield replace(state, at=(*site, _NEXT if success else _FAILED))
        elif success:
            env = self._env((), state)
            for number, text in enumerate(self._outer["require"]):
                if not is_true(text, env):
                    self.found.require.setdefault(number, length)

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
        saved = {at: value for at, value in state.saved if at != place}
        unset = replace(state, saved=tuple(sorted(saved.items())))
        yield from self._edge(node["failed"], site, unset)
        for value in self._domains["vars.c"]:
            returned = replace(state, saved=tuple(sorted({**saved, place: value}.items())))
            yield from self._edge(node["next"], site, returned)

    def _offered(self, state: State, node: Node) -> Iterator[State]:
        site = state.at[:-1]
        nodes = self._flow(site)["nodes"]
        options = {nodes[name]["challenge"]: name for name in node["offer"]}
        there = [each for each in options if self._has(each, state)]
        prefers = dict(state.user)["user.prefers"] if "prefer" in node else None
        chosen = prefers if prefers in there else there[0] if len(there) == 1 else None
        if not there:
            yield from self._edge(node["none"], site, state)
        elif chosen is not None:
            yield from self._to(options[chosen], site, state)
        else:
            yield from self._to("refused", site, replace(state, steps=self._next(state)))
            for asked in self._requests(state):
                yield from self._to("refused", site, asked)
                for each in there:
                    yield from self._to(options[each], site, asked)

    def _challenged(self, state: State, node: Node) -> Iterator[State]:
        site = state.at[:-1]
        missing = replace(state, steps=self._next(state))
        retries = node["challenge"] != "PASSWORD"
        if node["challenge"] not in ("PASSWORD", "NEW_PASSWORD_REQUIRED"):
            yield from self._edge(node.get("unavailable", "refused"), site, missing)
        own = state.at[-1] if node["challenge"] == "CUSTOM_CHALLENGE" else "again"
        wrong = own if retries else "refused"
        for asked in self._requests(state):
            for name in node["switch"]["to"] if "switch" in node else ():
                if self._has(self._flow(site)["nodes"][name]["challenge"], asked):
                    yield from self._to(name, site, asked)
            for outcome in _misses(node):
                edge = node.get(outcome, wrong if outcome == "wrong" else "refused")
                for after in self._left(asked, node, proved=False):
                    yield from self._edge(edge, site, after)
            for after in self._left(asked, node, proved=True):
                yield from self._edge(node["next"], site, after)

    def _requests(self, state: State) -> Iterator[State]:
        """Give the state in every next request: its facts, and a device that it may name."""
        for request in self._every(_REQUEST):
            asked = replace(state, request=request, steps=self._next(state))
            yield asked
            for named, remembered in () if state.named else self._devices(may=True):
                yield replace(asked, named=named, remembered=remembered)

    def _left(self, state: State, node: Node, *, proved: bool) -> Iterator[State]:
        """Give what an answer leaves of the ledger and the user, in every way."""
        kind = node["challenge"]
        if kind == "MFA_SETUP":
            methods = dict(state.constants)["pool.mfa_methods"]
            may = [_METHOD[m] for m in ("SOFTWARE_TOKEN_MFA", "EMAIL_OTP") if m in methods]
            for count in range(1 if proved else 0, len(may) + 1):
                for names in itertools.combinations(may, count):
                    enrolled = replace(state, enrolled=state.enrolled | set(names))
                    has = {f"user.has.{name}": True for name in set(names) - state.enrolled}
                    yield from self._changed(enrolled, has) if names else (enrolled,)
        elif kind == "NEW_PASSWORD_REQUIRED" and proved:
            made = replace(state, enrolled=state.enrolled | {"password"})
            yield from self._changed(made, {"user.status": "CONFIRMED"})
        elif proved and (name := node.get("evidence") or _PROVES[kind]) not in state.enrolled:
            now = dict(state.request)["request.time"]
            yield replace(state, proved=tuple(sorted({**dict(state.proved), name: now}.items())))
        else:
            yield state

    def _changed(self, state: State, sets: Mapping[str, Any] | None = None) -> Iterator[State]:
        written = [d for d in self._domains if d.startswith(("user.has.", "user.attributes"))]
        for values in self._every(written):
            user = {**dict(state.user), **dict(values), **(sets or {})}
            yield replace(state, user=tuple(user.items()))

    def _next(self, state: State) -> int:
        return min(state.steps + 1, 3) if self._counts else 0

    def _flow(self, site: At) -> Any:
        flow = self._outer
        for name in site:
            flow = self._flows[flow["nodes"][name]["flow"]]
        return flow

    def _fails(self, site: At) -> bool:
        return bool(site) and "failed" in self._flow(site[:-1])["nodes"][site[-1]]

    def _has(self, challenge: str, state: State) -> bool:
        methods = dict(state.constants)["pool.mfa_methods"]
        return bool(dict(state.user)[f"user.has.{_METHOD[challenge]}"]) and challenge in methods

    def _env(self, site: At, state: State) -> dict[str, Any]:
        values = {**dict(state.constants), **dict(state.user), **dict(state.request)}
        target = {"high": values.pop(_TARGET)}
        env: dict[str, Any] = {"user": {"has": {}}, "request": {}, "session": {}, "pool": {}}
        for path, value in values.items():
            *groups, last = path.split(".")
            group = env
            for name in groups:
                group = group[name]
            group[last] = dict(value) if last in ("metadata", "attributes", "tags") else value
        env["user"]["has"]["any"] = any(env["user"]["has"].values())
        env["session"]["steps"] = state.steps
        env["proved"] = defaultdict(bool, dict.fromkeys(dict(state.proved), True))
        env["enrolled"] = defaultdict(bool, dict.fromkeys(state.enrolled, True))
        env["age"] = {n: values["request.time"] - at for n, at in state.earlier + state.proved}
        claimed = state.sent_key or state.named
        env["device"] = {"claimed": claimed, "remembered": state.remembered}
        sent = {"DEVICE_KEY": "key"} if state.sent_key else {}
        env["auth_flow"] = {"name": state.door, "parameters": sent, "target": target}
        env["vars"] = {at[-1]: dict(value) for at, value in state.saved if at[:-1] == site}
        return {**env, **self._given(site, state)} if site else env

    def _given(self, site: At, state: State) -> dict[str, Any]:
        """Give the inputs of a step: an expression of the outer flow, a literal, or the default."""
        given = self._flow(site[:-1])["nodes"][site[-1]].get("with", {})
        outer, inputs = self._env(site[:-1], state), self._flow(site).get("inputs", {})
        return {
            name: compiled(given[name])(outer)
            if isinstance(given.get(name), str)
            else literal(given[name]["value"] if name in given else declared["default"])
            for name, declared in inputs.items()
        }


def _misses(node: Node) -> Iterator[str]:
    """Name what an answer to a challenge can come to if it is not right."""
    kind = node["challenge"]
    if kind != "PASSWORD" or "exhausted" not in node:  # whose one wrong answer is the last, then
        yield "wrong"
    yield "exhausted"
    if "expires" in node:
        yield "expired"
    if kind == "MFA_SETUP":
        yield "denied"
