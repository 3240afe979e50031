"""Random flows as text, small enough to be explored to the end."""

from __future__ import annotations

from random import Random  # noqa: TID251 - a seed names a drawn flow
from typing import Final

ATOMS: Final = (
    "user.has.totp",
    "user.has.any",
    'user.status == "FORCE_CHANGE_PASSWORD"',
    'user.status != "CONFIRMED"',
    '"staff" in user.groups',
    'user.groups.exists(g, g == "staff" || g == "root")',
    'user.groups.all(g, g == "staff")',
    'user.attributes.tier == "gold"',
    "has(user.attributes.tier)",
    'request.ip == "10.0.0.1"',
    'request.ip in ["10.0.0.1", "10.0.0.2"]',
    'request.time < timestamp("2030-01-01T00:05:00Z")',
    "n < 20",
    "n >= 70",
    "n == 20",
    "d < 0.5",
    'pool.mfa == "none"',
    '"SMS_MFA" in pool.mfa_methods',
    'auth_flow.name == "CUSTOM_AUTH"',
    "(has(vars.c) && vars.c.ok)",
    "(has(vars.c) && vars.c.level > 1)",
    "device.remembered",
    "device.claimed",
    'request.metadata.channel == "app"',
    'user.prefers == "SMS_MFA"',
    "has(auth_flow.parameters.DEVICE_KEY)",
)
CLOSED: Final = (
    "proved.password",
    "proved.totp",
    "proved.email",
    "enrolled.totp",
)
OPAQUE: Final = (
    'user.username.startsWith("a")',
    'age.totp < duration("5m")',
    "session.attempts >= 3",
    "session.steps > 2",
    "size(user.groups) > 1",
    "n * 2 > 40",
)
"""What the prover does not see into, or what the engine counts: it may say that it cannot tell."""

_ASKING: Final = {
    "password": "challenge: PASSWORD, responses: [PASSWORD]",
    "totp": "challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE]",
    "email": "challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE]",
    "sms": "challenge: SMS_MFA, responses: [SMS_MFA_CODE]",
    "fresh": "challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD]",
    "setup": "challenge: MFA_SETUP, responses: []",
}


class Drawing:
    """One random flow.

    Attributes:
        exact: Whether nothing in it is opaque, so that the prover must decide.
    """

    def __init__(self, seed: int) -> None:
        """Draw it."""
        self._random = Random(seed)
        self.exact = self._random.random() < 0.7
        pool = [*ATOMS] if self.exact else [*ATOMS[:8], *OPAQUE]
        self._atoms = self._random.sample(pool, self._random.randint(1, 3))
        self._names = [f"n{i}" for i in range(self._random.randint(2, 9))]
        self._kinds = [self._kind() for _ in self._names]
        self.text = self._text()

    def _kind(self) -> str:
        return self._random.choice([*_ASKING, "choose", "choose", "choose", "call", "offer"])

    def condition(self, depth: int = 2) -> str:
        """Draw a condition."""
        draw = self._random.random()
        if depth == 0 or draw < 0.4:
            return self._random.choice([*self._atoms, self._random.choice(CLOSED)])
        one, other = self.condition(depth - 1), self.condition(depth - 1)
        form = self._random.choice(
            ["({0} && {1})", "({0} || {1})", "!({0})", "({0} ? {1} : {2})", "(({0}) == ({1}))"]
        )
        return form.format(one, other, self._random.choice(self._atoms))

    def _text(self) -> str:
        door = "CUSTOM_AUTH: {parameters: ['DEVICE_KEY?']}"
        starts = self._random.choice(self._names)
        doors = f"{{{door}, USER_PASSWORD_AUTH: {{start: {starts}, parameters: ['PASSWORD?']}}}}"
        lines = [
            "flow: drawn",
            "version: 1",
            f"auth_flows: {doors}",
            "metadata: {channel: {optional: true}}",
            "inputs: {n: {type: int, default: 0}, d: {type: double, default: 0.0}}",
            "functions: {f: {returns: {ok: bool, level: int}}}",
            f"require: ['{self.condition()}', '{self.condition(1)}']",
            "start: n0",
            "nodes:",
            *(self._node(i) for i in range(len(self._names))),
            "  done: {end: success}",
            "  worse: {end: success}",
        ]
        return "\n".join(lines) + "\n"

    def _node(self, number: int) -> str:
        name, kind = self._names[number], self._kinds[number]
        needs = f", needs: '{self.condition(1)}'" if self._random.random() < 0.15 else ""
        if kind == "choose":
            return f"  {name}: {{choose: {self._edge(number, ahead=True)}{needs}}}"
        if kind == "call":
            failed = self._edge(number, ahead=True)
            return (
                f"  {name}: {{call: f, save: c, next: {self._edge(number, ahead=True)}, "
                f"failed: {failed}{needs}}}"
            )
        if kind == "offer":
            return self._offer(number, needs)
        more = "".join(
            f", {outcome}: {self._edge(number)}"
            for outcome in ("wrong", "exhausted", "unavailable", "expired")
            if self._random.random() < 0.15 and (outcome, kind) != ("wrong", "password")
        )
        if self._random.random() < 0.2 and kind == "password":
            others = [n for n, k in zip(self._names, self._kinds, strict=True) if k == "totp"]
            more += f", switch: {{key: SWITCH, to: [{others[0]}]}}" if others else ""
        return f"  {name}: {{{_ASKING[kind]}, next: {self._edge(number)}{more}{needs}}}"

    def _offer(self, number: int, needs: str) -> str:
        asking = {
            kind: name
            for name, kind in zip(self._names, self._kinds, strict=True)
            if kind in ("totp", "sms", "email")
        }
        none = self._edge(number, ahead=True)
        if not asking:
            return f"  {self._names[number]}: {{choose: {none}{needs}}}"
        prefer = ", prefer: user.prefers" if self._random.random() < 0.5 else ""
        offered = ", ".join(asking.values())
        return f"  {self._names[number]}: {{offer: [{offered}]{prefer}, none: {none}{needs}}}"

    def _edge(self, number: int, *, ahead: bool = False) -> str:
        targets = ["done", "done", "worse", "refused", *self._names[number + 1 :]]
        if not ahead:
            targets += self._names
        guards = [
            f"{{when: '{self.condition()}', goto: {self._random.choice(targets)}}}"
            for _ in range(self._random.choice([0, 1, 1, 2]))
        ]
        return f"[{', '.join([*guards, f'{{else: {self._random.choice(targets)}}}'])}]"
