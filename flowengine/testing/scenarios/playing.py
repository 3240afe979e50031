"""Plays one scenario, step by step, on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from flowengine.engine.engine import run
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
)
from flowengine.errors import CallerError, FlowEngineError
from flowengine.flow.durations import parse_duration
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.token import parse_secret_block, parse_session
from flowengine.source import Diagnostic, Span
from flowengine.testing.scenarios.answering import CannotAnswerError, Client, is_wrong
from flowengine.testing.scenarios.definition import Placed
from flowengine.testing.scenarios.recording import Seen
from flowengine.testing.scenarios.results import ScenarioResult
from flowengine.testing.scenarios.stage import Stage

ASSOCIATE: Final = "AssociateSoftwareToken"
VERIFY: Final = "VerifySoftwareToken"
LOCKED: Final = "Password attempts exceeded"
_ADMIN: Final = "ADMIN_"


class MismatchError(Exception):
    """Something else came than was expected; the text says what."""


def play(placed: Placed, program: FlowProgram) -> ScenarioResult:
    """Play a scenario to its end, or to the first step that comes out otherwise."""
    try:
        stage = Stage(program, placed.scenario)
    except FlowEngineError as error:
        message = f"this cannot be played: {error}"
        finding = Diagnostic("scenario", message, placed.source, placed.name)
        return _result(placed, program, None, finding)
    return _result(placed, program, stage, _Play(placed, stage).play())


def _result(
    placed: Placed, program: FlowProgram, stage: Stage | None, failure: Diagnostic | None
) -> ScenarioResult:
    source = placed.source
    return ScenarioResult(
        name=placed.scenario.name,
        file=source.name,
        line=source.position(placed.name.start).line,
        program=program,
        failure=failure,
        trail=tuple(stage.machine.trail) if stage is not None else (),
        unmet=tuple(stage.noted) if stage is not None else (),
        seen=stage.machine.seen if stage is not None else Seen(),
    )


class _Play:
    """One scenario under way.

    Attributes:
        _asked: The challenge that was asked last; it stays when the sign-in is over.
        _refusal: How the last request was refused; None where it was not.
        _told: Whether the scenario knows of the refusal.
        _place: Where a mismatch is shown.
        _asking: The place of the step that made the last request.
    """

    def __init__(self, placed: Placed, stage: Stage) -> None:
        self._placed = placed
        self._stage = stage
        self._client = Client(stage)
        self._request: Mapping[str, Any] = placed.scenario.request
        self._asked: ChallengeReply | None = None
        self._sessions: list[str | None] = []
        self._success: SuccessReply | None = None
        self._refusal: CallerError | None = None
        self._told = True
        self._sent_before = 0
        self._place = self._asking = placed.name

    def play(self) -> Diagnostic | None:
        """Play; a mismatch becomes a finding at its step."""
        scenario = self._placed.scenario
        try:
            self._begin()
            for step, place in zip(scenario.steps, self._placed.steps, strict=True):
                if step.does != "error":
                    self._check_not_refused()
                self._place = place
                _STEPS[step.does](self, step.what)
            self._place = self._placed.outcome
            self._outcome(scenario.outcome)
        except MismatchError as mismatch:
            return self._failure(str(mismatch), self._place)
        except CannotAnswerError as impossible:
            return self._failure(f"this cannot be answered: {impossible}", self._place)
        except FlowEngineError as error:
            return self._failure(f"{type(error).__name__}: {error}", self._place)
        return None

    def _failure(self, message: str, place: Span) -> Diagnostic:
        uncanned = dict.fromkeys(self._stage.functions.uncanned)
        hint = f"nothing says what these functions do: {', '.join(uncanned)}" if uncanned else None
        source = self._placed.source
        start, end = place.start, place.end
        line_end = source.text.find("\n", start, end)
        shown = Span(start, line_end if line_end >= 0 else end)
        return Diagnostic("scenario", message, source, shown, hint)

    def _begin(self) -> None:
        stage, scenario = self._stage, self._placed.scenario
        self._asked, self._success, self._sessions = None, None, []
        if stage.door is None:
            account = stage.person.account
            if account is None:
                raise MismatchError("a flow that is told who the user is cannot have one unknown")
            facts = account.facts()
            flow, inputs = stage.program.name, scenario.inputs
            earlier = stage.continued.proved()
            self._send(
                lambda: stage.engine.start(
                    flow, user=facts, inputs=inputs, origin=self._origin(), earlier=earlier
                )
            )
            return
        request = InitiateAuthRequest(
            stage.client.id,
            stage.door.name,
            self._client.parameters(scenario.parameters),
            client_metadata=self._request.get("metadata", {}),
            user_context_data=self._context(),
            session=self._client.session(),
        )
        admin = stage.door.name.startswith(_ADMIN)
        self._send(
            lambda: stage.engine.initiate(
                request, self._origin(), inputs=scenario.inputs, admin=admin
            )
        )

    def _origin(self) -> RequestOrigin:
        ip, agent = self._request.get("ip", "127.0.0.1"), self._request.get("user_agent", "")
        return RequestOrigin(ip=ip, user_agent=agent)

    def _context(self) -> dict[str, str]:
        said = self._request.get("context", {})
        names = {"ip": "IpAddress", "data": "EncodedData"}
        return {names[name]: value for name, value in said.items()}

    def _send(self, ask: Callable[[], Reply], *, may_fail: bool = False) -> bool:
        """Send a request and take what comes; whether it was not refused."""
        self._sent_before = len(self._stage.delivery.messages)
        self._asking = self._place
        self._refusal, self._told = None, True
        try:
            reply = ask()
        except CallerError as error:
            self._refusal, self._told = error, may_fail
            return False
        self._stage.machine.seen.nodes.add(reply.node)
        if isinstance(reply, SuccessReply):
            self._success = reply
        else:
            self._asked = reply
            self._sessions.append(reply.session)
        return True

    def _check_not_refused(self) -> None:
        if self._refusal is not None and not self._told:
            self._place = self._asking
            raise MismatchError(f"expected no refusal, got {_worded(self._refusal)}")

    def _waiting(self) -> ChallengeReply:
        if self._asked is None:
            raise MismatchError(f"expected a challenge, got {self._standing()}")
        return self._asked

    def _expect(self, what: str | Mapping[str, Any]) -> None:
        wanted: Mapping[str, Any] = {"challenge": what} if isinstance(what, str) else what
        if self._success is not None or self._asked is None or self._is_over():
            named = wanted.get("challenge") or wanted.get("node") or "a challenge"
            raise MismatchError(f"expected {named}, got {self._standing()}")
        asked = self._asked
        _compare("challenge", wanted.get("challenge"), asked.challenge_name)
        _compare("node", wanted.get("node"), asked.node)
        if "available" in wanted:
            expected, got = wanted["available"], asked.available_challenges
            _compare("choices", ", ".join(expected), ", ".join(got))
        for name, value in wanted.get("parameters", {}).items():
            _compare(f"parameter {name}", value, asked.challenge_parameters.get(name, "none"))

    def _answer(self, what: str | Mapping[str, Any]) -> None:
        asked, stage = self._waiting(), self._stage
        node = stage.program.nodes[asked.node]
        if not isinstance(node, ChallengeNode):
            raise TypeError("only a challenge is asked")
        said = what if isinstance(what, Mapping) else {}
        enrols = asked.challenge_name == "MFA_SETUP" and asked.session == self._sessions[-1]
        if what == "right" and enrols:
            self._enrol("totp")
            asked = self._waiting()
        stage.functions.is_right = not is_wrong(what)
        responses = self._client.responses(node, asked, what)
        request = RespondToAuthChallengeRequest(
            stage.client.id,
            said.get("challenge", asked.challenge_name),
            self._session(said),
            responses,
            client_metadata=self._request.get("metadata", {}),
            user_context_data=self._context(),
        )
        taken = self._send(
            lambda: stage.engine.respond(request, self._origin()), may_fail=is_wrong(what)
        )
        if taken:
            self._client.new_password_taken(responses)

    def _session(self, said: Mapping[str, Any]) -> str | None:
        if said.get("session") != "previous":
            return self._waiting().session
        if len(self._sessions) < 2:  # noqa: PLR2004 - the newest and one before
            raise CannotAnswerError("there is no Session before this one")
        return self._sessions[-2]

    def _enrol(self, _what: str) -> None:
        asked, engine = self._waiting(), self._stage.engine
        try:
            made = engine.advance(asked.session or "", ASSOCIATE)
            code = {"UserCode": self._client.user_code(made.result["SecretCode"])}
            done = engine.advance(made.session, VERIFY, code)
        except CallerError as error:
            self._refusal, self._told, self._asking = error, False, self._place
            return
        self._asked = replace(asked, session=done.session)

    def _wait(self, what: str) -> None:
        self._stage.clock.advance(parse_duration(what))

    def _sent(self, what: Mapping[str, Any]) -> None:
        messages = self._stage.delivery.messages[self._sent_before :]
        found = [each for each in messages if each.channel == what["channel"]]
        if not found:
            raise MismatchError(f"expected a code by {what['channel']}, and none was sent")
        message = found[-1]
        _compare("address", what.get("to"), message.to)
        _compare("purpose", what.get("purpose"), message.purpose)
        if "save" in what:
            self._client.saved[what["save"]] = message.code

    def _error(self, what: str | Mapping[str, str]) -> None:
        wanted = {"type": what} if isinstance(what, str) else what
        if self._refusal is None:
            raise MismatchError(f"expected {wanted['type']}, got {self._standing()}")
        _compare_refusal(wanted, self._refusal)
        self._told = True

    def _restart(self, what: str) -> None:
        if what == "process":
            self._stage.start_process()
        else:
            self._begin()

    def _change_request(self, what: Mapping[str, Any]) -> None:
        self._request = what

    def _outcome(self, what: str | Mapping[str, Any]) -> None:
        wanted: str
        detail: Any
        wanted, detail = (what, {}) if isinstance(what, str) else next(iter(what.items()))
        if self._success is not None or wanted in ("success", "waits"):
            self._check_not_refused()
            self._place = self._placed.outcome
        standing = self._standing()
        kind = standing.partition(" ")[0].removesuffix(":")
        if wanted == "refused" and kind == "locked" and detail:
            kind = "refused"
        if kind != wanted:
            raise MismatchError(f"expected {wanted}, got {standing}")
        if wanted == "waits" and detail and self._asked is not None:
            _compare("node", detail, self._asked.node)
        elif wanted == "refused" and detail and self._refusal is not None:
            _compare_refusal(detail, self._refusal)
        elif wanted == "success" and self._success is not None:
            self._check_success(detail, self._success)

    def _check_success(self, wanted: Mapping[str, Any], success: SuccessReply) -> None:
        _compare("node", wanted.get("node"), success.node)
        _compare("acr", wanted.get("acr"), success.level or "none")
        for what, got in (("evidence", success.proved), ("enrolled", success.enrolled)):
            if what in wanted:
                _compare(what, _listed(wanted[what]), _listed(got))

    def _standing(self) -> str:
        """Word how the sign-in stands; begins with what ``outcome`` calls it."""
        if self._success is not None:
            return f"success at {self._success.node}"
        if self._refusal is not None and self._is_over():
            kind = "locked" if self._refusal.message == LOCKED else "refused"
            return f"{kind}: {_worded(self._refusal)}"
        if self._asked is None:
            return "nothing"
        refused = f", having refused: {_worded(self._refusal)}" if self._refusal else ""
        return f"waits at {self._asked.node} for {self._asked.challenge_name}{refused}"

    def _is_over(self) -> bool:
        """Say whether nothing could be answered any more."""
        asked = self._asked
        if asked is None:
            return True
        block = asked.challenge_parameters.get("SECRET_BLOCK", "")
        token = parse_session(asked.session) if asked.session else parse_secret_block(block)
        if token is None:
            return True
        parts = self._stage.engine.parts
        now = parts.clock.now()
        row = run(parts.sessions.peek(token.id, now))
        return (
            row is None
            or row.ended
            or row.step != token.step
            or row.expires_at <= now
            or row.tries_left == 0
        )


def _compare(what: str, expected: object, got: object) -> None:
    if expected is not None and expected != got:
        raise MismatchError(f"expected {what} {expected}, got {got}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _compare_refusal(wanted: Mapping[str, str], refusal: CallerError) -> None:
    expected = wanted["type"] + (f": {wanted['message']}" if "message" in wanted else "")
    got = _worded(refusal) if "message" in wanted else refusal.code
    if expected != got:
        raise MismatchError(f"expected {expected}, got {_worded(refusal)}")


def _worded(refusal: CallerError) -> str:
    return f"{refusal.code}: {refusal.message}"


_STEPS: Final[Mapping[str, Callable[[_Play, Any], None]]] = {
    "expect": _Play._expect,  # noqa: SLF001 - its own table
    "answer": _Play._answer,  # noqa: SLF001 - its own table
    "wait": _Play._wait,  # noqa: SLF001 - its own table
    "sent": _Play._sent,  # noqa: SLF001 - its own table
    "enrol": _Play._enrol,  # noqa: SLF001 - its own table
    "error": _Play._error,  # noqa: SLF001 - its own table
    "restart": _Play._restart,  # noqa: SLF001 - its own table
    "request": _Play._change_request,  # noqa: SLF001 - its own table
}
