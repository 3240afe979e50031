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
    '"x" in words',
    'words.all(w, w == "x")',
    'tags.colour == "red"',
)
CLOSED: Final = (
    "proved.password",
    "proved.totp",
    "proved.email",
    "enrolled.totp",
    "proved.quiz",
    "enrolled.email",
)
OPAQUE: Final = (
    'user.username.startsWith("a")',
    'age.totp < duration("5m")',
    "session.attempts >= 3",
    "session.steps > 2",
    "size(user.groups) > 1",
    "n * 2 > 40",
    'tags.all(k, k == "colour")',
    "(has(vars.c) && vars.c.level * 2 > 3)",
    "(device.remembered ? n : 0) * 2 > 40",
    "size(user.attributes) > 0",
)
"""What the prover does not see into, or what the engine counts: it may say that it cannot tell."""

FAMILIES: Final = (
    (
        "n < k",
        "n == k",
        "n <= k",
        "n + k > 3",
        "n - k >= 2",
        "n < k * 2",
        "n in [k, 3]",
        "(proved.totp ? n : k) < 3",
        "(user.has.totp ? n : 4) <= k",
        "n < 2",
        "k >= 3",
    ),
    (
        "session.attempts < n",
        "session.attempts <= k",
        "session.attempts + 1 == n",
        "n < k",
        "n <= k",
        "session.attempts > 2",
        "k < 3",
    ),
    (
        "(has(vars.c) && vars.c.level < n)",
        "(has(vars.c) && vars.c.level + n == k)",
        "(has(vars.c) && vars.c.level <= k)",
        "(has(vars.c) && vars.c.level > 1)",
        "n <= k",
        "n < 2",
    ),
    (
        "request.ip == user.username",
        "user.username == request.metadata.channel",
        "user.attributes.tier == request.ip",
        "user.attributes.tier != user.username",
        "(user.has.totp ? request.ip : user.username) == user.attributes.tier",
        'user.username == "ann"',
        'user.attributes.tier == "gold"',
        'request.ip == "ann"',
    ),
)
"""Comparisons of the same few facts, with each other and with literals."""

_ASKING: Final = {
    "password": "challenge: PASSWORD, responses: [PASSWORD]",
    "totp": "challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE]",
    "email": "challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE]",
    "sms": "challenge: SMS_MFA, responses: [SMS_MFA_CODE]",
    "fresh": "challenge: NEW_PASSWORD_REQUIRED, responses: [NEW_PASSWORD]",
    "setup": "challenge: MFA_SETUP, responses: []",
    "quiz": (
        "challenge: CUSTOM_CHALLENGE, responses: [ANSWER], create: {call: ask}, "
        "verify: responses.ANSWER == private.answer, evidence: quiz"
    ),
}
_PLAIN: Final = ("password", "totp", "email", "fresh", "quiz", "choose", "choose", "call")
"""The kinds that read few facts besides those that are compared."""
_NARROW: Final = 0.7
"""How many edges of a flow that compares facts lead on only where two comparisons are true."""
_EXPIRING: Final = 0.15
"""How many challenges have codes that expire; an ``expired`` edge of others is never taken."""
_OWN: Final = (
    "evidence: {quiz: knowledge}",
    "metadata: {channel: {optional: true}}",
    "functions: {f: {returns: {ok: bool, level: int}}}",
)
_TARGET: Final = "auth_flow.target.high"
_HIGH: Final = "proved.password && proved.totp"
_INPUTS: Final = {
    "n": "{type: int, default: 0}",
    "k": "{type: int, default: 0}",
    "d": "{type: double, default: 0.0}",
    "words": "{type: [string], default: []}",
    "tags": "{type: map(string), default: {}}",
}


class Drawing:
    """One random flow, and beside it the flow that it may use as a step.

    Attributes:
        exact: Whether nothing in it is opaque, so that the prover must decide.
        text: The flow.
        inner: The one that it may use; "" for none.
    """

    def __init__(self, seed: int, *, mixed: bool = False) -> None:
        """Draw it; a mixed one compares several facts with each other."""
        self._random, self._mixed = Random(seed), mixed
        self.exact = self._random.random() < 0.7
        if mixed:
            family = self._random.choice(FAMILIES)
            self._atoms = self._random.sample(family, self._random.randint(2, 4))
        else:
            pool = [*ATOMS] if self.exact else [*ATOMS[:8], *OPAQUE]
            self._atoms = self._random.sample(pool, self._random.randint(1, 3))
        # Of USER_AUTH a level may be asked for, of other auth flows none.
        self._asked = not mixed and self._random.random() < 0.3
        self._atoms += [_TARGET] if self._asked else []
        nested = self._random.random() < 0.3
        inner = self._random.randint(1, 3) if nested else 0
        nodes = self._random.randint(2, (6 if mixed else 12) - inner)
        self.inner = self._flow("inner", inner, (), doors=False) if nested else ""
        self.text = self._flow("drawn", nodes, ("step",) if nested else (), doors=True)

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

    def _demand(self) -> str:
        """Draw what is demanded: where facts are compared, something that others may imply."""
        if not self._mixed:
            return self.condition()
        return " || ".join(self._random.choices(self._atoms, k=2))

    def _flow(self, name: str, nodes: int, kinds: tuple[str, ...], *, doors: bool) -> str:
        self._names = [f"n{i}" for i in range(nodes)]
        self._kinds = [self._kind(kinds) for _ in self._names]
        door = "CUSTOM_AUTH: {parameters: ['DEVICE_KEY?']}"
        starts = self._random.choice(self._names)
        named = "USER_AUTH" if self._asked else "USER_PASSWORD_AUTH"
        second = f"{named}: {{start: {starts}, parameters: ['PASSWORD?']}}"
        wrong = self._random.choice(["success", "failure"])
        lines = [
            f"flow: {name}",
            "version: 1",
            *([f"auth_flows: {{{door}, {second}}}"] if doors else ()),
            *_OWN,
            f"define: {{high: '{_HIGH}'}}",
            f"inputs: {{{', '.join(f'{key}: {value}' for key, value in _INPUTS.items())}}}",
            f"require: ['{self._demand()}', '{self.condition(1)}']",
            "start: n0",
            "nodes:",
            *(self._node(i) for i in range(nodes)),
            "  done: {end: success}",
            "  higher: {end: success, level: high}",
            f"  worse: {{end: {'success' if doors else wrong}}}",
        ]
        return "\n".join(lines) + "\n"

    def _kind(self, more: tuple[str, ...]) -> str:
        if self._mixed:
            return self._random.choice([*_PLAIN, *more])
        return self._random.choice([*_ASKING, "choose", "choose", "call", "offer", *more * 4])

    def _node(self, number: int) -> str:
        name, kind = self._names[number], self._kinds[number]
        needs = f", needs: '{self.condition(1)}'" if self._random.random() < 0.15 else ""
        match kind:
            case "choose":
                written = f"choose: {self._edge(number, ahead=True)}"
            case "call":
                failed = self._edge(number, ahead=True)
                following = self._edge(number, ahead=True)
                written = f"call: f, save: c, next: {following}, failed: {failed}"
            case "offer":
                written = self._offer(number)
            case "step":
                written = self._step(number)
            case _:
                written = f"{_ASKING[kind]}, next: {self._edge(number)}{self._more(number, kind)}"
        return f"  {name}: {{{written}{needs}}}"

    def _more(self, number: int, kind: str) -> str:
        more = "".join(
            f", {outcome}: {self._edge(number)}"
            for outcome in ("wrong", "exhausted", "unavailable", "expired", "denied")
            if self._random.random() < 0.15 and (outcome, kind) != ("wrong", "password")
        )
        if not self._mixed and self._random.random() < _EXPIRING:
            more += ", expires: 3m"
        others = [n for n, k in zip(self._names, self._kinds, strict=True) if k == "totp"]
        if kind == "password" and others and self._random.random() < 0.2:
            more += f", switch: {{key: SWITCH, to: [{others[0]}]}}"
        return more

    def _step(self, number: int) -> str:
        given = self._random.choice(["", ", with: {n: n}", ", with: {n: {value: 20}, d: d}"])
        following = self._edge(number, ahead=True)
        failed = f", failed: {self._edge(number, ahead=True)}"
        return f"flow: inner{given}, next: {following}{self._random.choice(['', failed])}"

    def _offer(self, number: int) -> str:
        asking = {
            kind: name
            for name, kind in zip(self._names, self._kinds, strict=True)
            if kind in ("totp", "sms", "email")
        }
        none = self._edge(number, ahead=True)
        if not asking:
            return f"choose: {none}"
        prefer = ", prefer: user.prefers" if self._random.random() < 0.5 else ""
        return f"offer: [{', '.join(asking.values())}]{prefer}, none: {none}"

    def _edge(self, number: int, *, ahead: bool = False) -> str:
        targets = ["done", "higher", "worse", "refused", *self._names[number + 1 :]]
        if not ahead:
            targets += self._names
        guards = [
            f"{{when: '{self.condition()}', goto: {self._random.choice(targets)}}}"
            for _ in range(self._random.choice([0, 1, 1, 2]))
        ]
        if self._mixed and self._random.random() < _NARROW:
            both = " && ".join(self._random.sample(self._atoms, 2))
            return f"[{{when: '{both}', goto: {self._random.choice(targets)}}}, {{else: refused}}]"
        return f"[{', '.join([*guards, f'{{else: {self._random.choice(targets)}}}'])}]"
