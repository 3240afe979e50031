"""Random flows as text, small enough to be explored to the end."""

from __future__ import annotations

import re
from random import Random  # noqa: TID251 - a seed names a drawn flow
from typing import Final

from tests.analysis.proof.writing import WRITTEN_CLOSED, WRITTEN_KINDS, with_attributes

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

FEATURES: Final = {
    "nobody": ("user.has.passkey", "user.has.password", "proved.passkey"),
    "continues": ("has(age.totp)", "has(age.password)"),
    "step_up": ("has(age.totp)", "has(age.password)"),
    "after_sign_up": ("proved.email", "proved.sms"),
    "makers": ("proved.link", "enrolled.password"),
}
"""What a part of the flows has besides, and what its conditions then may read."""
_WEIGHTS: Final = {"": 70, "nobody": 12, "continues": 9, "step_up": 5, "after_sign_up": 4}
"""How a sign-in begins at one of the doors, in percent."""
_MAKING: Final = 0.15
"""In how many flows most nodes make a factor, or prove one that may have been made."""
_WHO: Final = ("who", "said")
"""The nodes that name a user where nobody is."""
_OF_SOMEBODY: Final = re.compile(r"\b(user|device|vars)\.")

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
    "link": (
        "challenge: CUSTOM_CHALLENGE, responses: [ANSWER], create: {call: ask}, "
        "verify: responses.ANSWER == private.answer, evidence: link"
    ),
}
_MADE: Final = ("setup", "fresh", "totp", "email", "link", "password", "setup", "choose")
_PLAIN: Final = ("password", "totp", "email", "fresh", "quiz", "choose", "choose", "call")
"""The kinds that read few facts besides those that are compared."""
_NARROW: Final = 0.7
"""How many edges of a flow that compares facts lead on only where two comparisons are true."""
_EXPIRING: Final = 0.15
"""How many challenges have codes that expire; an ``expired`` edge of others is never taken."""
_OWN: Final = (
    "evidence: {quiz: knowledge, link: mailbox}",
    "metadata: {channel: {optional: true}}",
    "functions: {f: {returns: {ok: bool, level: int}}}",
)
_EXACT: Final = 0.7
_ASKED: Final = 0.3
_NESTED: Final = 0.3
_SELDOM: Final = 0.15
_EVEN: Final = 0.5
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
        features: Which of ``FEATURES`` it was drawn with.
        text: The flow.
        inner: The one that it may use; "" for none.
    """

    def __init__(self, seed: int, *, mixed: bool = False) -> None:
        """Draw it; a mixed one compares several facts with each other."""
        self._random, self._mixed = Random(seed), mixed
        self.exact = self._random.random() < _EXACT
        ways = [*_WEIGHTS], [*_WEIGHTS.values()]
        self._begins = "" if mixed else self._random.choices(*ways)[0]
        self._makes = not mixed and self._random.random() < _MAKING
        self.features = frozenset(filter(None, (self._begins, "makers" if self._makes else "")))
        self._writes = self._makes and self._random.random() < _EVEN
        self._closed = [*CLOSED, *(each for f in sorted(self.features) for each in FEATURES[f])]
        self._closed = [*WRITTEN_CLOSED] if self._writes else self._closed
        # Of USER_AUTH a level may be asked for, of other auth flows none.
        self._asked = not mixed and self._random.random() < _ASKED
        self._atoms = self._drawn_atoms()
        nested = self._random.random() < _NESTED
        inner = self._random.randint(1, 3) if nested else 0
        most = 6 if mixed or self._begins == "nobody" else 8 if self.features else 12
        nodes = self._random.randint(1 if self._begins == "nobody" else 2, most - inner)
        self.inner = self._flow("inner", inner, (), doors=False) if nested else ""
        self.text = self._flow("drawn", nodes, ("step",) if nested else (), doors=True)

    def _drawn_atoms(self) -> list[str]:
        """Draw what conditions read; with a feature fewer, since it is explored to the end too."""
        if self._mixed:
            return self._random.sample(self._random.choice(FAMILIES), self._random.randint(2, 4))
        pool = [*ATOMS] if self.exact else [*ATOMS[:8], *OPAQUE]
        atoms = self._random.sample(pool, self._random.randint(1, 1 if self._begins else 3))
        atoms += [self._random.choice(FEATURES[self._begins])] if self._begins else []
        return [*atoms, _TARGET] if self._asked else atoms

    def condition(self, depth: int = 2) -> str:
        """Draw a condition."""
        draw = self._random.random()
        if depth == 0 or draw < 0.4:
            return self._random.choice([*self._atoms, self._random.choice(self._closed)])
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
        start = self._random.choice(self._names)
        opened = [f"auth_flows: {{{self._doors(start)}}}"] if doors else []
        self._naming = _WHO if doors and self._begins == "nobody" else ()
        wrong = self._random.choice(["success", "failure"])
        lines = [
            f"flow: {name}",
            "version: 1",
            *opened,
            *_OWN,
            f"define: {{high: '{_HIGH}'}}",
            f"inputs: {{{', '.join(f'{key}: {value}' for key, value in _INPUTS.items())}}}",
            f"require: ['{self._demand()}', '{self.condition(1)}']",
            "start: n0",
            "nodes:",
            *(self._node(i) for i in range(nodes)),
            *(self._asked_who() if self._naming else ()),
            "  done: {end: success}",
            "  higher: {end: success, level: high}",
            f"  worse: {{end: {'success' if doors else wrong}}}",
        ]
        return "\n".join(lines) + "\n"

    def _doors(self, start: str) -> str:
        """Draw how sign-ins begin: at one of two doors perhaps otherwise than by a name."""
        doors = [
            "parameters: ['DEVICE_KEY?']",
            f"start: {start}, parameters: ['PASSWORD?']",
        ]
        by_user = self._asked
        match self._begins:
            case "continues":
                doors[self._random.randrange(2)] += ", continues: true"
            case "step_up" | "after_sign_up":
                by_user = True
                doors[1] += f", {self._begins}: {self._random.choice(self._names)}"
            case "nobody":
                which = 1 if by_user and self._random.random() < _EVEN else 0
                first = self._random.choice([*_WHO, "before"])
                doors[which] = f"names_user: false, start: {first}, parameters: ['DEVICE_KEY?']"
        named = "USER_AUTH" if by_user else "USER_PASSWORD_AUTH"
        return f"CUSTOM_AUTH: {{{doors[0]}}}, {named}: {{{doors[1]}}}"

    def _asked_who(self) -> list[str]:
        """Draw the nodes that name a user, and one before them; what nobody has is not read."""
        asking = (
            "challenge: WEB_AUTHN, responses: [CREDENTIAL]",
            "challenge: PASSWORD, responses: [USERNAME, PASSWORD]",
        )
        before = self._random.choice(
            [
                f"choose: {self._edge_of_nobody('who', 'said')}",
                "call: f, save: c, next: who, failed: said",
            ]
        )
        lines = [f"  before: {{{before}}}"]
        for name, other, written in zip(_WHO, _WHO[::-1], asking, strict=True):
            more = "".join(
                f", {outcome}: {self._edge_of_nobody(other, 'refused')}"
                for outcome in ("wrong", "exhausted", "unavailable", "expired", "denied")
                if self._random.random() < _SELDOM
            )
            if self._random.random() < _EVEN:
                more += f", switch: {{key: SWITCH, to: [{other}]}}"
            lines.append(f"  {name}: {{{written}, next: {self._edge(-1)}{more}}}")
        return lines

    def _edge_of_nobody(self, one: str, other: str) -> str:
        free = [each for each in self._atoms if not _OF_SOMEBODY.search(each)]
        pool = [*free * 2, "proved.password", "proved.totp"]
        return f"[{{when: '{self._random.choice(pool)}', goto: {one}}}, {{else: {other}}}]"

    def _kind(self, more: tuple[str, ...]) -> str:
        if self._mixed:
            return self._random.choice([*_PLAIN, *more])
        if self._makes:
            kinds: tuple[str, ...] = WRITTEN_KINDS if self._writes else _MADE
            return self._random.choice([*kinds, *more])
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
                asking = _ASKING[kind]
                asking = with_attributes(asking, self._random) if self._writes else asking
                written = f"{asking}, next: {self._edge(number)}{self._more(number, kind)}"
        return f"  {name}: {{{written}{needs}}}"

    def _more(self, number: int, kind: str) -> str:
        more = "".join(
            f", {outcome}: {self._edge(number)}"
            for outcome in ("wrong", "exhausted", "unavailable", "expired", "denied")
            if self._random.random() < _SELDOM and (outcome, kind) != ("wrong", "password")
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
        targets = ["done", "higher", "worse", "refused", *self._names[number + 1 :], *self._naming]
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
