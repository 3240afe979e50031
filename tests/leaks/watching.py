"""Searching whatever comes to light in a test run for secrets."""

from __future__ import annotations

import base64
import logging
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Final

from flowengine.runtime.token import StepToken
from tests.planted import MARK

_OF_A_CLASS: Final = 25
"""How many objects of one class are searched in one file of tests."""
_TOKENS: Final = re.compile(
    r"flowengine-refresh\.[A-Za-z0-9_-]{8}|\beyJ[A-Za-z0-9_-]{8,}\.|PRIVATE KEY"
)
_LONG_ENOUGH: Final = 6
_NAME: Final = re.compile("[A-Z_]+")
_NAMING: Final = frozenset({"USERNAME", "TARGET_ACR_VALUES"})
"""What a client sends that stands in its tokens too."""
_SESSIONS_KEPT: Final = 256
_SECRET_AT: Final = 28
"""Characters of base64 before the ones that depend on nothing but the handle's secret."""


def _encoded(secret: bytes) -> Iterator[str]:
    """Give what any base64 of a text that holds the secret must hold, at each alignment."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
        yield text[2 * before : -2]


def _patterns(secret: str) -> re.Pattern[str]:
    raw = secret.encode()
    parts = {secret, raw.hex(), *_encoded(raw)}
    parts |= {part.translate(str.maketrans("+/", "-_")) for part in parts}
    return re.compile("|".join(map(re.escape, sorted(parts))), re.IGNORECASE)


_MARK: Final = _patterns(MARK)


@dataclass
class Watch:
    """What was searched, and what was found in it.

    Attributes:
        searched: Texts by where they came from.
        found: One line each: the kind of secret and where. Never the secret.
    """

    searched: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)
    sessions: deque[str] = field(default_factory=lambda: deque(maxlen=_SESSIONS_KEPT))
    answers: set[str] = field(default_factory=set)
    of_class: Counter[str] = field(default_factory=Counter)
    searching: bool = False

    def plant(self, token: StepToken) -> None:
        """Keep a step's handle: from now on it is a secret too."""
        self.sessions.append(token.secret_block()[_SECRET_AT:])

    def hear(self, told: Mapping[str, str]) -> None:
        """Keep what a client sends: it is a secret until the test ends.

        Short words are not, nor the protocol's own, such as the name of the challenge chosen.
        """
        self.answers.update(
            text
            for key, text in told.items()
            if key not in _NAMING and len(text) >= _LONG_ENOUGH and not _NAME.fullmatch(text)
        )

    def forget(self) -> None:
        """Begin another test."""
        self.answers.clear()

    def search(self, text: str, where: str, *, tokens: bool = True) -> None:
        """Search one text; ``tokens`` are none of our business where a client prints its own."""
        self.searched[where.partition(" ")[0]] += 1
        kinds = []
        if _MARK.search(text):
            kinds.append("a planted secret")
        if tokens and _TOKENS.search(text):
            kinds.append("a token or private key")
        if tokens and any(_is_word(answer, text) for answer in tuple(self.answers)):
            kinds.append("an answer")
        if tokens and len(text) >= len(MARK):
            standard = text.translate(str.maketrans("-_", "+/"))
            if any(session in standard for session in tuple(self.sessions)):
                kinds.append("a session")
        self.found.extend(f"{kind} in {where}" for kind in kinds)

    def search_repr(self, thing: object) -> None:
        """Search the repr of an object of ours, unless enough of its class were."""
        name = type(thing).__qualname__
        if self.searching or self.of_class[name] >= _OF_A_CLASS:
            return
        self.of_class[name] += 1
        self.searching = True  # a repr may make objects of its own
        try:
            self.search(repr(thing), f"repr of {name}")
        finally:
            self.searching = False

    def search_files(self, folder: Path) -> None:
        """Search what programs left behind: logs, and databases, which hold no plain secret."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and re.search(r"(^|\.)log$|\.db(-wal)?$", path.name):
                is_log = path.name.endswith("log")
                text = path.read_bytes().decode("latin-1")
                self.search(_without_ids(text, is_log=is_log), f"file {path.name}", tokens=is_log)

    def take(self) -> list[str]:
        """Give what was found since the last time."""
        found, self.found = self.found, []
        return found


def _without_ids(text: str, *, is_log: bool) -> str:
    """Take the planted client ids out of a database, whose clients are no secret to itself."""
    return text if is_log else re.sub(rf"[0-9]{MARK}client", "", text)


def _is_word(answer: str, text: str) -> bool:
    if answer not in text:
        return False
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None


class LogWatch(logging.Handler):
    """Searches each record as a handler would print it, its exception included."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.DEBUG)
        self._watch = watch
        self._formatter = logging.Formatter("%(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.search(self._formatter.format(record), f"log of {record.name}")


def watched_init(cls: type[Any], see: Callable[[Any], None]) -> None:
    """Have every object of a class seen once it is made; of its subclasses, by their own."""
    made = cls.__init__

    @wraps(made)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes its place
        made(self, *args, **kwargs)
        if type(self) is cls:
            see(self)

    cls.__init__ = __init__
