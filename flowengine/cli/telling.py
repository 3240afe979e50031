"""Prints what happens while a flow is played; all of it is escaped for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flowengine.challenges.kind import Channel
from flowengine.cli.escaping import escaped
from flowengine.cli.report import Piece
from flowengine.cli.staging import Stage
from flowengine.cli.terminal import console, print_line
from flowengine.crypto import totp
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import CallerError
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.messages import Message

_MARGIN: Final = "  "
_WIDTH: Final = 80
_OPAQUE: Final = frozenset({"SALT", "SRP_B", "SECRET_BLOCK"})
"""Parameters that only a program reads; long ones are cut."""
_SHOWN: Final = 24


class Telling:
    """Prints one run. It is the engine's ``Observer`` too, and its ``Delivery``.

    Attributes:
        codes: The last code that was sent, by channel.
    """

    def __init__(self) -> None:
        """Print to standard output."""
        self._to = console()
        self._width = min(self._to.width, 100) if self._to.is_terminal else _WIDTH
        self._otherwise: Mapping[tuple[str, str], str] = {}
        self.codes: dict[Channel, str] = {}

    def flow(self, stage: Stage) -> None:
        """Print what is played, and with whom."""
        program = stage.program
        self._otherwise = _otherwise(program)
        self._line(Piece(f"{program.name}, version {program.version}", "bold"))
        if program.definition.summary:
            self._text(program.definition.summary)
        self._table([*_user(stage), *_beginning(stage)])
        self._text("Made up for this run. Enter gives the answer in [brackets]; Ctrl-C stops.")

    def door(self, stage: Stage) -> None:
        """Head what the auth flow itself asks for."""
        if stage.door is not None:
            self._heading(stage.door.name, "")

    def challenge(self, program: FlowProgram, reply: ChallengeReply) -> None:
        """Print a challenge as the client is told it."""
        self._heading(reply.node, reply.challenge_name)
        told = [(key, _shown(key, value)) for key, value in reply.challenge_parameters.items()]
        if reply.available_challenges:
            told.append(("AvailableChallenges", ", ".join(reply.available_challenges)))
        self._table(told)
        node = program.nodes[reply.node]
        if isinstance(node, ChallengeNode):
            self._detours(node)

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        """Print a branch when it is taken, and a ``require`` that does not hold."""
        if event == "branch":
            self._branch(fields)
        elif event == "require-not-met":
            self._text(f"require is not met: {fields['require']}", "yellow")

    async def send(self, message: Message) -> None:
        """Print a code that would be sent."""
        self.codes[Channel(message.channel)] = message.code
        self._text(f"sent by {message.channel} to {message.to}: {message.code}", "cyan")

    def refused(self, error: CallerError) -> None:
        """Print a refusal under the name that the wire has for it."""
        self._text(f"{error.code}: {error}", "red")

    def again(self, tries_left: int) -> None:
        """Say that the same session goes on."""
        tries = "1 try" if tries_left == 1 else f"{tries_left} tries"
        self._text(f"The session stays good: {tries} left.")

    def over(self) -> None:
        """Say that the sign-in ended without success."""
        self._line()
        self._line(Piece("refused", "bold red"), Piece(": the sign-in is over"))

    def success(self, reply: SuccessReply, claims: Mapping[str, Mapping[str, Any]]) -> None:
        """Print what was proved, and the claims of the tokens."""
        self._line()
        self._line(
            Piece("signed in", "bold green"),
            Piece(f": {escaped(reply.user.username)}, at {escaped(reply.node)}"),
        )
        proved = [f"{name} at {at:%H:%M:%S} UTC" for name, at in reply.proved.items()]
        facts = [("proved", ", ".join(proved) or "nothing")]
        if reply.level is not None:
            facts.append(("level", reply.level))
        if not claims:
            facts.append(("tokens", "none"))
        self._table(facts)
        shown: Mapping[str, Any] = {}
        for token, values in claims.items():
            differing = ", where it differs" if shown else ""
            self._line(Piece(f"{_MARGIN}{token}", "bold"), Piece(differing))
            own = {name: value for name, value in values.items() if shown.get(name) != value}
            rows = [(name, _claim(value)) for name, value in own.items()]
            self._table(rows, margin=_MARGIN * 2)
            shown = values

    def computed(self, keys: Iterable[str]) -> None:
        """Say which keys this command answers by itself."""
        self._text(f"{', '.join(keys)}: computed")

    def _branch(self, fields: Mapping[str, str]) -> None:
        decided = fields["outcome"] != "decide"
        outcome = f" ({fields['outcome']})" if decided else ""
        step = f"{_MARGIN}{fields['node']}{outcome} -> {fields['target']}"
        why = _why(fields, self._otherwise.get((fields["node"], fields["outcome"]), ""))
        if why and len(step) + len(why) + 2 > self._width:
            self._line(Piece(escaped(step)))
            self._text(why, margin=_MARGIN * 3)
        else:
            self._line(Piece(escaped(step)), Piece(f"  {escaped(why)}" if why else "", "dim"))

    def _detours(self, node: ChallengeNode) -> None:
        if node.resend is not None:
            self._text(f"or answer {node.resend.key}=1 for a new code")
        if node.switch is not None:
            for challenge in node.switch.to:
                self._text(f"or answer {node.switch.key}={challenge} for another way")

    def _heading(self, name: str, challenge: str) -> None:
        self._line()
        asks = f": {challenge}" if challenge else ""
        self._line(Piece(escaped(name), "bold"), Piece(escaped(asks)))

    def _table(self, rows: Iterable[tuple[str, str]], margin: str = _MARGIN) -> None:
        """Print names and values, aligned; long values go on below themselves."""
        rows = [(escaped(name), escaped(value)) for name, value in rows]
        column = max((len(name) for name, _ in rows), default=0)
        for name, value in rows:
            first = f"{margin}{name.ljust(column)}  "
            lines = self._wrapped(value, len(first))
            self._line(Piece(first, "dim"), Piece(lines[0] or "(empty)"))
            for line in lines[1:]:
                self._line(Piece(" " * len(first) + line))

    def _text(self, text: str, style: str = "", margin: str = _MARGIN) -> None:
        for line in self._wrapped(escaped(text), len(margin)):
            self._line(Piece(margin + line, style))

    def _wrapped(self, text: str, indent: int) -> list[str]:
        """Break a text between words only: what has no blanks must stay one to be copied."""
        room = max(self._width - indent, 20)
        return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]

    def _line(self, *pieces: Piece) -> None:
        print_line(pieces, self._to)


def _user(stage: Stage) -> Iterable[tuple[str, str]]:
    account = stage.account
    yield "user", f"{account.username}, {account.status.value}"
    if account.groups:
        yield "groups", ", ".join(account.groups)
    if stage.asks_stored:
        yield "password", stage.password
    if account.totp is not None:
        yield "app", totp.link(account.totp.secret, account.username)


def _beginning(stage: Stage) -> Iterable[tuple[str, str]]:
    program, door = stage.program, stage.door
    if door is None:
        yield "begins", f"at {program.start}; it has no auth_flows and is told who the user is"
    elif not program.definition.auth_flows:
        yield "begins", f"at {door.start}; it has no auth_flows and is lent {door.name}"
    else:
        yield "begins", f"at {door.start}, by {door.name}"
        others = [name for name in program.doors if name != door.name]
        if others:
            yield "or by", f"{', '.join(others)} (--auth-flow)"


def _otherwise(program: FlowProgram) -> dict[tuple[str, str], str]:
    """Give, for each node and outcome with conditions, why none of them was the reason."""
    table = program.machine.table
    closed = {(row.source, row.outcome) for row in table if row.text is None}
    conditional = {(row.source, row.outcome) for row in table if row.text is not None}
    return {at: "else" if at in closed else "because no condition holds" for at in conditional}


def _why(fields: Mapping[str, str], otherwise: str) -> str:
    """Word the reason of a branch: its condition, or that none was true."""
    because = fields["because"]
    if fields["failed"] == "yes":
        return f"because {because} has no value"
    if fields["outcome"] == "needs":
        return f"because {because} does not hold"
    return f"because {because}" if because else otherwise


def _shown(key: str, value: str) -> str:
    if key in _OPAQUE and len(value) > _SHOWN:
        return f"{value[:_SHOWN]}... ({len(value)} characters)"
    return value


def _claim(value: object) -> str:
    match value:
        case list():
            return ", ".join(map(str, value))
        case bool():
            return str(value).lower()
        case _:
            return str(value)
