"""The work of ``flowengine run``: begins a sign-in, answers until it ends, and says how."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import click

from flowengine.analysis.checking import check_flow
from flowengine.cli.answering import Answering
from flowengine.cli.checked import Checked, ordered
from flowengine.cli.exits import Exit
from flowengine.cli.formats.as_text import write
from flowengine.cli.programs import check_is_file
from flowengine.cli.reading import library_of, read_source
from flowengine.cli.sources import STDIN
from flowengine.cli.staging import CLIENT_ID, Casting, Stage, set_stage
from flowengine.cli.telling import Telling
from flowengine.cli.terminal import complain, console, print_report
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
)
from flowengine.engine.step_up import LEVELS
from flowengine.errors import CallerError
from flowengine.flow.program import ChallengeNode, DoorProgram, FlowProgram
from flowengine.runtime.token import parse_secret_block, parse_session
from flowengine.testing.earlier import earlier_token
from flowengine.tokens import jwt
from flowengine.tokens.keys import TokenUse

Result = TypeVar("Result")

_HERE = RequestOrigin(ip="127.0.0.1", user_agent="flowengine run")
_ADMIN = "ADMIN_"


def play_flow(file: str, casting: Casting) -> int:
    """Play a flow and give the exit code."""
    program = _load(file)
    if program is None:
        return Exit.FINDINGS
    telling = Telling()
    # One event loop for the whole run: functions may be coroutines, as they may under `serve`.
    with asyncio.Runner() as runner:
        stage = runner.run(set_stage(program, casting, telling, telling))
        try:
            return _Play(stage, telling, runner).play()
        except EOFError:
            complain("the answers ended before the sign-in did")
            return Exit.FINDINGS


def _load(file: str) -> FlowProgram | None:
    """Check a flow; print what is found as ``check`` does.

    Raises:
        UsageError: The file is not there, or cannot be a flow.
    """
    if file == STDIN:
        raise click.UsageError("answers come from standard input: the flow must be in a file")
    check_is_file(file)
    source, found = read_source(file)
    program = None
    if source is not None:
        program, found = check_flow(source, library_of(file))
    if program is None:
        write(Checked(ordered(found), (file,), flows=1, deployments=0))
    else:
        print_report(found, console())
    return program


class _Play:
    """One sign-in from its beginning to its end."""

    def __init__(self, stage: Stage, telling: Telling, runner: asyncio.Runner) -> None:
        self._stage = stage
        self._telling = telling
        self._runner = runner
        self._answering = Answering(stage, telling)

    def play(self) -> int:
        self._telling.flow(self._stage)
        reply = self._begin()
        while isinstance(reply, ChallengeReply):
            reply = self._answer(reply)
        if reply is None:
            self._telling.over()
            return Exit.FINDINGS
        self._telling.success(reply, self._claims(reply))
        return Exit.CLEAN

    def _begin(self) -> Reply | None:
        """Begin the sign-in; None where it is refused at once."""
        stage = self._stage
        engine, door = stage.engine, stage.door
        if door is None:
            started = engine.start(
                stage.program.name,
                user=stage.account.facts(),
                inputs=stage.inputs,
                origin=_HERE,
                earlier=stage.earlier,
            )
        else:
            self._telling.door(stage)
            request = InitiateAuthRequest(
                CLIENT_ID,
                door.name,
                {**self._answering.parameters(door.parameters), **self._token(door)},
                client_metadata=stage.metadata,
            )
            admin = door.name.startswith(_ADMIN)
            started = engine.initiate(request, _HERE, inputs=stage.inputs, admin=admin)
        return self._run_or_refuse(started)

    def _token(self, door: DoorProgram) -> dict[str, str]:
        """Give the access token of the sign-in that is continued, if one is."""
        if not door.continues and not (door.step_up and self._stage.earlier):
            return {}
        parts, stage = self._stage.engine.parts, self._stage
        client = parts.client(CLIENT_ID)
        made = earlier_token(parts, client, stage.account, stage.earlier, stage.program.name)
        levels = " ".join(stage.program.levels)
        return {"ACCESS_TOKEN": self._run(made), **({LEVELS: levels} if levels else {})}

    def _answer(self, reply: ChallengeReply) -> Reply | None:
        """Answer a challenge until something else comes; None where the sign-in is over."""
        program = self._stage.program
        node = program.nodes[reply.node]
        if not isinstance(node, ChallengeNode):
            raise TypeError("only a challenge is asked")
        self._telling.challenge(program, reply)
        while True:
            responses = self._answering.responses(node, reply)
            request = RespondToAuthChallengeRequest(
                CLIENT_ID,
                reply.challenge_name,
                reply.session,
                responses,
                client_metadata=self._stage.metadata,
            )
            following = self._run_or_refuse(self._stage.engine.respond(request, _HERE))
            if following is not None:
                self._answering.accepted(responses)
                return following
            tries_left = self._run(self._tries_left(reply))
            if not tries_left:
                return None
            self._telling.again(tries_left)

    async def _tries_left(self, reply: ChallengeReply) -> int:
        """Ask the store how often the same handle may still be answered; 0 when it is over."""
        block = reply.challenge_parameters.get("SECRET_BLOCK", "")
        token = parse_session(reply.session) if reply.session else parse_secret_block(block)
        if token is None:
            return 0
        parts = self._stage.engine.parts
        now = parts.clock.now()
        row = await parts.sessions.peek(token.id, now)
        if row is None or row.step != token.step or row.expires_at <= now:
            return 0
        return row.tries_left

    def _claims(self, reply: SuccessReply) -> Mapping[str, Mapping[str, Any]]:
        """Verify the tokens as a backend would, and give what they say."""
        result, pool = reply.authentication_result, self._stage.pool
        if result is None:
            return {}
        parts = self._stage.engine.parts
        keys, now = parts.signing[pool.id], parts.clock.now()
        tokens = (
            ("id token", result.id_token, keys.id, TokenUse.ID),
            ("access token", result.access_token, keys.access, TokenUse.ACCESS),
        )
        return {
            name: jwt.verify(token, [key], pool.issuer, use, now, client_ids={CLIENT_ID})
            for name, token, key, use in tokens
        }

    def _run(self, asked: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(asked)

    def _run_or_refuse(self, asked: Coroutine[Any, Any, Reply]) -> Reply | None:
        """Give the reply; None where it was refused, which is printed."""
        try:
            return self._run(asked)
        except CallerError as error:
            self._telling.refused(error)
            return None
