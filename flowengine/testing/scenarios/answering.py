"""The client of a scenario: works out what a right answer is, and what a wrong one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.account import Account
from flowengine.challenges.custom_settings import CustomSettings, Equality, EqualsLiteral
from flowengine.challenges.kind import Channel
from flowengine.crypto import srp_client, totp
from flowengine.crypto.passkey_client import new_passkey
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.step_up import LEVELS
from flowengine.flow.definition import ResponseRule
from flowengine.flow.program import ChallengeNode
from flowengine.testing.scenarios.people import new_secret
from flowengine.testing.scenarios.stage import ORIGIN, Stage

Responses = dict[str, str]
Said = Mapping[str, Any]

_IMPLIED: Final = frozenset({"USERNAME", "SECRET_HASH", "DEVICE_KEY"})
_WRONG: Final = "wrong"
_RIGHT: Final = "right"
_NOBODYS_CODE: Final = "00000000"
_TOTP_STEPS: Final = MappingProxyType({"now": 0, "previous": -1, "next": 1})


class CannotAnswerError(Exception):
    """The scenario asks for an answer that nobody could give; the text says why."""


def is_wrong(said: object) -> bool:
    """Say whether an answer is meant to be wrong."""
    if isinstance(said, Mapping):
        members = ("password", "totp", "code", "passkey", "device")
        return any(said.get(name) == _WRONG for name in members)
    return said == _WRONG


class Client:
    """What a client program does between a person and the wire.

    Attributes:
        saved: Codes by the names that ``sent`` gave them.
    """

    def __init__(self, stage: Stage) -> None:
        """Draw a for SRP."""
        self._stage = stage
        self._ephemeral = srp_client.begin(stage.entropy.draw)
        self.saved: dict[str, str] = {}

    def parameters(self, said: Mapping[str, str | None]) -> Responses:
        """Give AuthParameters.

        Raises:
            CannotAnswerError: There is no access token to continue with.
        """
        stage = self._stage
        door = stage.door
        given: dict[str, str | None] = {}
        if door is not None and door.names_user and not door.continues:
            given["USERNAME"] = stage.person.name
        if door is not None and (door.continues or (door.step_up and stage.scenario.steps_up)):
            given["ACCESS_TOKEN"] = stage.continued.token(self._account())
            given[LEVELS] = " ".join(stage.program.levels) or None
        for rule in door.parameters if door is not None else ():
            if not rule.optional and rule.key == "SRP_A":
                given["SRP_A"] = self._ephemeral.srp_a
            elif not rule.optional and rule.key == "PASSWORD":
                given["PASSWORD"] = stage.person.password
        if stage.scenario.device is not None:
            given["DEVICE_KEY"] = stage.person.named_device(stage.scenario.device)
        given.update(said)
        if said.get("PASSWORD") is not None:
            given["PASSWORD"] = self._password({"password": said["PASSWORD"]})
        if said.get("SRP_A") == _RIGHT:
            given["SRP_A"] = self._ephemeral.srp_a
        return {key: value for key, value in given.items() if value is not None}

    def session(self) -> str | None:
        """Give the Session of a sign-up, where one is continued.

        Raises:
            CannotAnswerError: There is no such sign-up.
        """
        if self._stage.scenario.after_sign_up is None:
            return None
        return self._stage.continued.session(self._account())

    def _account(self) -> Account:
        account = self._stage.person.account
        if account is None:
            raise CannotAnswerError("a user who does not exist has nothing to continue")
        return account

    def responses(self, node: ChallengeNode, asked: ChallengeReply, said: object) -> Responses:
        """Give ChallengeResponses.

        Raises:
            CannotAnswerError: There is nothing to answer with.
        """
        wanted: Said = said if isinstance(said, Mapping) else {}
        wanted = dict.fromkeys(_ALL, _WRONG) if said == _WRONG else wanted
        given: dict[str, str | None] = {**self._names(asked, wanted)}
        if "resend" in wanted or "switch" in wanted:
            given.update(_detour(node, wanted))
        else:
            given.update(self._worked_out(node, asked, wanted))
        given.update(wanted.get("responses", {}))
        return {key: value for key, value in given.items() if value is not None}

    def _names(self, asked: ChallengeReply, said: Said) -> Responses:
        """Say who answers, and on which device."""
        stage = self._stage
        name = asked.challenge_parameters.get("USER_ID_FOR_SRP", stage.person.name)
        if "user" in said:
            name = said["user"]
            stage.person = stage.people[name]
        by_passkey = asked.challenge_name == "WEB_AUTHN" and not self._is_named(asked)
        names = {} if by_passkey else {"USERNAME": name}
        if "device_key" in said:
            names["DEVICE_KEY"] = stage.person.named_device(said["device_key"])
        return names

    def _is_named(self, asked: ChallengeReply) -> bool:
        """Say whether the sign-in is somebody's: an answer's reply tells whom it named."""
        door = self._stage.door
        return door is None or door.names_user or "USERNAME" in asked.challenge_parameters

    def user_code(self, secret_code: str) -> str:
        """Give the first code of an app that was just set up, and keep its secret."""
        self._stage.person.totp = totp.from_text(secret_code)
        return self._totp_code(0)

    def new_password_taken(self, responses: Mapping[str, str]) -> None:
        """Remember a new password that was taken."""
        if "NEW_PASSWORD" in responses:
            self._stage.person.password = responses["NEW_PASSWORD"]

    def _worked_out(self, node: ChallengeNode, asked: ChallengeReply, said: Said) -> Responses:
        settings = node.settings
        if isinstance(settings, CustomSettings):
            given = self._custom(settings, said)
        else:
            answer = _BY_CHALLENGE.get(asked.challenge_name)
            if answer is None and "responses" not in said:
                raise CannotAnswerError(f"write what {asked.challenge_name} is answered with")
            given = answer(self, asked, said) if answer is not None else {}
        return {**_fillers(node.responses, given), **given}

    def _password(self, said: Said) -> str:
        written: str = said.get("password", _RIGHT)
        right = self._stage.person.password
        return right if written == _RIGHT else f"not {right}" if written == _WRONG else written

    def _plain(self, _asked: ChallengeReply, said: Said) -> Responses:
        return {"PASSWORD": self._password(said)}

    def _srp_a(self, _asked: ChallengeReply, said: Said) -> Responses:
        return {"SRP_A": "0" if said.get("srp_a") == _WRONG else self._ephemeral.srp_a}

    def _verifier(self, asked: ChallengeReply, said: Said) -> Responses:
        user = asked.challenge_parameters["USER_ID_FOR_SRP"]
        return self._claim(asked, self._stage.pool.srp_name, user, self._password(said))

    def _device_srp(self, asked: ChallengeReply, said: Said) -> Responses:
        return {"DEVICE_KEY": self._stage.person.device.key, **self._srp_a(asked, said)}

    def _device_verifier(self, asked: ChallengeReply, said: Said) -> Responses:
        own = self._stage.person.device
        secret = f"not {own.password}" if said.get("device") == _WRONG else own.password
        return {"DEVICE_KEY": own.key, **self._claim(asked, own.group_key, own.key, secret)}

    def _claim(self, asked: ChallengeReply, group: str, user: str, secret: str) -> Responses:
        told = asked.challenge_parameters
        half = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        now = self._stage.clock.now()
        return srp_client.answer(self._ephemeral, group, user, secret, half, now).responses()

    def _totp(self, _asked: ChallengeReply, said: Said) -> Responses:
        written: str = said.get("totp", said.get("code", "now"))
        if written == _WRONG:
            right = {self._totp_code(steps) for steps in _TOTP_STEPS.values()}
            code = next(f"{n:06d}" for n in range(4) if f"{n:06d}" not in right)
        elif written in _TOTP_STEPS:
            code = self._totp_code(_TOTP_STEPS[written])
        else:
            code = self.saved.get(written, written)
        return {"SOFTWARE_TOKEN_MFA_CODE": code}

    def _totp_code(self, steps: int) -> str:
        counter = totp.counter_at(self._stage.clock.now()) + steps
        return totp.code(self._stage.person.totp, max(counter, 0))  # there is none before 1970

    def _sent(self, key: str, channel: Channel, said: Said) -> Responses:
        written: str = said.get("code", "sent")
        if written not in ("sent", _WRONG):
            return {key: self.saved.get(written, written)}
        return {key: _spoilt(self._last(channel), is_wrong=written == _WRONG)}

    def _last(self, channel: Channel) -> str:
        messages = [m for m in self._stage.delivery.messages if m.channel == channel]
        if messages:
            return messages[-1].code
        if self._stage.person.account is None:
            return _NOBODYS_CODE
        raise CannotAnswerError(f"no code was sent by {channel}")

    def _new_password(self, _asked: ChallengeReply, said: Said) -> Responses:
        written = said.get("new_password") or new_secret(self._stage.entropy.draw)
        attributes = {f"userAttributes.{k}": v for k, v in said.get("attributes", {}).items()}
        return {"NEW_PASSWORD": "-" if written == _WRONG else written, **attributes}

    def _choose(self, asked: ChallengeReply, said: Said) -> Responses:
        told = asked.challenge_parameters.get("MFAS_CAN_CHOOSE")
        choices = asked.available_challenges if told is None else tuple(json.loads(told))
        written = said.get("choose") or choices[0]
        return {"ANSWER": "NONE" if written == _WRONG else written}

    def _set_up(self, _asked: ChallengeReply, said: Said) -> Responses:
        address: str = said.get("email", _WRONG)
        return {} if address == _WRONG else {"email": address}

    def _passkey(self, asked: ChallengeReply, said: Said) -> Responses:
        options = json.loads(asked.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
        written, person = said.get("passkey", _RIGHT), self._stage.person
        key = new_passkey(self._stage.entropy.draw) if written == _WRONG else person.passkey
        person.count += 1
        verified = written == "verified"
        signed = key.sign(options, ORIGIN, person.count, person.handle, verified=verified)
        return {"CREDENTIAL": json.dumps(signed)}

    def _custom(self, settings: CustomSettings, said: Said) -> Responses:
        """Answer by what the canned function under ``create`` keeps for ``verify``."""
        written: str = said.get("code", _RIGHT)
        verify = settings.verify
        if not isinstance(verify, Equality | EqualsLiteral):
            return {}
        if written not in (_RIGHT, _WRONG, "sent"):
            return {verify.response: self.saved.get(written, written)}
        right = verify.value if isinstance(verify, EqualsLiteral) else self._private(settings)
        return {verify.response: _spoilt(right, is_wrong=written == _WRONG)}

    def _private(self, settings: CustomSettings) -> str:
        name = settings.verify.private if isinstance(settings.verify, Equality) else ""
        function = settings.create.function if settings.create is not None else ""
        returned = self._stage.functions.returned.get(function)
        private = returned.get("private") if isinstance(returned, Mapping) else None
        value = private.get(name) if isinstance(private, Mapping) else None
        if not isinstance(value, str):
            raise CannotAnswerError(f"{function or 'nothing'} returned no private {name}")
        return value


def _fillers(rules: Iterable[ResponseRule], given: Responses) -> Responses:
    """Give the keys that a node demands and nothing is worked out for."""
    demanded = (r for r in rules if not (r.optional or r.family or r.key in given))
    return {r.key: r.enum[0] if r.enum else "x" for r in demanded if r.key not in _IMPLIED}


def _detour(node: ChallengeNode, said: Said) -> Responses:
    if "resend" in said and node.resend is not None:
        return {node.resend.key: "1"}
    if "switch" in said and node.switch is not None:
        return {node.switch.key: said["switch"]}
    word = "resend" if "resend" in said else "switch"
    raise CannotAnswerError(f"node {node.name} has no {word}")


def _spoilt(right: str, *, is_wrong: bool) -> str:
    """Give a code, or another one of the same form."""
    if not is_wrong:
        return right
    last = right[-1:]
    return right[:-1] + ("1" if last == "0" else "0" if last.isdigit() else f"{last}x")


_ALL: Final = (
    *("password", "srp_a", "totp", "code", "passkey", "device"),
    *("choose", "new_password", "email"),
)
"""What an answer that is wrong all over has wrong; ``srp_a`` only so."""
_BY_CHALLENGE: Final[Mapping[str, Callable[[Client, ChallengeReply, Said], Responses]]] = (
    MappingProxyType(
        {
            "PASSWORD": Client._plain,  # noqa: SLF001 - its own table
            "PASSWORD_SRP": Client._srp_a,  # noqa: SLF001 - its own table
            "PASSWORD_VERIFIER": Client._verifier,  # noqa: SLF001 - its own table
            "DEVICE_SRP_AUTH": Client._device_srp,  # noqa: SLF001 - its own table
            "DEVICE_PASSWORD_VERIFIER": Client._device_verifier,  # noqa: SLF001 - its own table
            "SOFTWARE_TOKEN_MFA": Client._totp,  # noqa: SLF001 - its own table
            "SMS_MFA": lambda c, _, said: c._sent("SMS_MFA_CODE", Channel.SMS, said),  # noqa: SLF001 - its own table
            "SMS_OTP": lambda c, _, said: c._sent("SMS_OTP_CODE", Channel.SMS, said),  # noqa: SLF001 - its own table
            "EMAIL_OTP": lambda c, _, said: c._sent("EMAIL_OTP_CODE", Channel.EMAIL, said),  # noqa: SLF001 - its own table
            "NEW_PASSWORD_REQUIRED": Client._new_password,  # noqa: SLF001 - its own table
            "SELECT_MFA_TYPE": Client._choose,  # noqa: SLF001 - its own table
            "SELECT_CHALLENGE": Client._choose,  # noqa: SLF001 - its own table
            "MFA_SETUP": Client._set_up,  # noqa: SLF001 - its own table
            "WEB_AUTHN": Client._passkey,  # noqa: SLF001 - its own table
        }
    )
)
"""How each challenge is answered; a test holds the names against the catalog."""
