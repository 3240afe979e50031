"""Answers the challenges of a flow that is played: asks a person, and does the client's sums."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import click

from flowengine.challenges.offers import Offer
from flowengine.cli.escaping import escaped
from flowengine.cli.staging import Stage, draw_password
from flowengine.cli.stdin import at_terminal, next_line
from flowengine.cli.telling import Telling
from flowengine.crypto import srp_client, totp
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.system import SystemClock, SystemEntropy
from flowengine.flow.definition import ResponseRule
from flowengine.flow.program import ChallengeNode

_SRP_A: Final = "SRP_A"
_PASSWORD: Final = "PASSWORD"
_NEW_PASSWORD: Final = "NEW_PASSWORD"
_CODE: Final = "SOFTWARE_TOKEN_MFA_CODE"
_VERIFIER: Final = "PASSWORD_VERIFIER"
_CLAIM: Final = ("PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP")
_HIDDEN: Final = frozenset({_PASSWORD, _NEW_PASSWORD})
_USERNAME: Final = "USERNAME"
_TOKEN: Final = "ACCESS_TOKEN"
_LEFT_OUT: Final = (_PASSWORD, _SRP_A, "DEVICE_KEY")
_IMPLIED: Final = frozenset({_USERNAME, "SECRET_HASH"})
_CHOICES: Final = "MFAS_CAN_CHOOSE"


class _Detour(Exception):  # noqa: N818 - no error: the answer asks for something else
    """A new code or another way was asked for instead of an answer."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(key)
        self.responses = {key: value}


class Answering:
    """One person at one terminal, and what this command knows for them."""

    def __init__(self, stage: Stage, telling: Telling) -> None:
        """Know the user's password, and propose another."""
        self._stage = stage
        self._telling = telling
        self._password = stage.password
        self._new_password = draw_password()
        self._ephemeral = srp_client.begin(SystemEntropy().draw)

    def parameters(self, rules: Iterable[ResponseRule]) -> dict[str, str]:
        """Give what an auth flow takes beside USERNAME.

        Optional passwords and SRP_A are left out: the challenge that needs one asks for it.

        Raises:
            EOFError: There are no more answers.
        """
        given: dict[str, str] = {}
        if self._stage.names_user:
            given[_USERNAME] = self._stage.account.username
        for rule in rules:
            if rule.key == _TOKEN or (rule.optional and rule.key in _LEFT_OUT):
                continue
            given |= self._key(rule, None, None)
        return given

    def responses(self, node: ChallengeNode, reply: ChallengeReply) -> dict[str, str]:
        """Give an answer to a challenge.

        Raises:
            EOFError: There are no more answers.
        """
        told = reply.challenge_parameters.get(_USERNAME)
        username = {_USERNAME: told or self._stage.account.username}
        try:
            return {**username, **self._declared(node, reply)}
        except _Detour as detour:
            return {**detour.responses, **username}

    def accepted(self, responses: Mapping[str, str]) -> None:
        """Remember a new password that was taken."""
        self._password = responses.get(_NEW_PASSWORD, self._password)

    def _declared(self, node: ChallengeNode, reply: ChallengeReply) -> dict[str, str]:
        given: dict[str, str] = {}
        if reply.challenge_name == _VERIFIER:
            given |= self._claim(reply)
        left_out = {*given, *_IMPLIED}
        if node.names is not None and not self._stage.names_user:
            left_out.discard(_USERNAME)  # whoever is at the keyboard says who they are
        if isinstance(node.settings, Offer):
            left_out |= set(node.settings.inline)  # the chosen challenge asks for them
        rules = [rule for rule in node.responses if rule.key not in left_out]
        for rule in rules:
            given |= self._key(rule, node, reply)
        if not rules and not given:
            self._ask("Enter to answer", "", node)
        return given

    def _claim(self, reply: ChallengeReply) -> dict[str, str]:
        """Ask for the password and prove it by SRP, as a client does."""
        told = reply.challenge_parameters
        password = ask("password", self._password, hidden=True) or self._password
        self._telling.computed(_CLAIM)
        proof = srp_client.answer(
            self._ephemeral,
            self._stage.pool.srp_name,
            told["USER_ID_FOR_SRP"],
            password,
            srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"]),
            SystemClock().now(),
        )
        return proof.responses()

    def _key(
        self, rule: ResponseRule, node: ChallengeNode | None, reply: ChallengeReply | None
    ) -> dict[str, str]:
        """Ask for one declared key; nothing where an optional one is left out."""
        if rule.key == _SRP_A:
            self._telling.computed([_SRP_A])
            return {_SRP_A: self._ephemeral.srp_a}
        if rule.family:
            return dict(self._family(rule, node))
        hidden = rule.sensitive or rule.key in _HIDDEN
        label = f"{rule.key}{_hints(rule)}"
        answer = self._ask(label, self._known(rule, node, reply), node, hidden=hidden)
        # Again, not what was shown: by now there may be another code.
        answer = answer or self._known(rule, node, reply)
        return {rule.key: answer} if answer or not rule.optional else {}

    def _family(self, rule: ResponseRule, node: ChallengeNode | None) -> Iterator[tuple[str, str]]:
        while True:
            answer = self._ask(f"{rule.key}NAME=VALUE (Enter: no more)", "", node)
            if not answer:
                return
            name, equals, value = answer.removeprefix(rule.key).partition("=")
            if equals:
                yield f"{rule.key}{name}", value

    def _ask(
        self, label: str, known: str, node: ChallengeNode | None, *, hidden: bool = False
    ) -> str:
        answer = ask(label, known, hidden=hidden)
        key, equals, value = answer.partition("=")
        detours = [] if node is None else [e.key for e in (node.resend, node.switch) if e]
        if equals and key in detours:
            raise _Detour(key, value)
        return answer

    def _known(
        self, rule: ResponseRule, node: ChallengeNode | None, reply: ChallengeReply | None
    ) -> str:
        """Give the right answer where there is one that we know; else nothing."""
        if rule.key == _USERNAME:
            return self._stage.account.username
        if rule.key == _PASSWORD:
            return self._password
        if node is None or reply is None or rule.key not in node.kind.facts.required:
            return ""
        if isinstance(node.settings, Offer):
            return next(iter(_choices(reply)), "")
        channel = node.kind.facts.channel
        return self._telling.codes.get(channel, "") if channel else self._made_up(rule.key)

    def _made_up(self, key: str) -> str:
        """Give the answer that follows from what was made up."""
        factor = self._stage.account.totp
        if key == _CODE and factor is not None:
            return totp.code(factor.secret, totp.counter_at(SystemClock().now()))
        return self._new_password if key == _NEW_PASSWORD else ""


def ask(label: str, known: str, *, hidden: bool = False) -> str:
    """Ask for one line; the empty one where Enter was pressed.

    Args:
        known: The answer that Enter stands for, which is shown.
        hidden: What is typed is not.

    Raises:
        EOFError: There are no more lines.
        UsageError: What comes is no text.
    """
    shown = f"  {escaped(label)}{f' [{escaped(known)}]' if known else ''}: "
    if not at_terminal():
        click.echo(shown)
        return next_line()
    try:
        return getpass.getpass(shown) if hidden else input(shown)
    except EOFError:
        click.echo()  # what follows begins on a line of its own
        raise


def _hints(rule: ResponseRule) -> str:
    hints = ["one of " + ", ".join(rule.enum)] if rule.enum else []
    hints += ["optional"] if rule.optional else []
    return f" ({'; '.join(hints)})" if hints else ""


def _choices(reply: ChallengeReply) -> tuple[str, ...]:
    """Give what a menu lets choose among."""
    told = reply.challenge_parameters.get(_CHOICES)
    return reply.available_challenges if told is None else tuple(json.loads(told))
