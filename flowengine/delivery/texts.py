"""The texts of messages, by purpose, channel and locale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from flowengine.delivery.sending import UndeliverableError
from flowengine.runtime.messages import Message

PLACEHOLDERS: Final = ("code", "name", "username")
_PLACEHOLDER: Final = re.compile(r"\{(code|name|username)\}")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""What ends a line or turns its direction; and halves of characters, which no encoding has."""
_LONGEST_NAME: Final = 64
_LONGEST_LOCALE: Final = 35
"""RFC 5646, section 4.4.1: room for every tag without extensions."""

Key = tuple[str, str]
"""A purpose and a channel."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places for the code and the user's names; replaced once, and nothing else.

    Attributes:
        subject: One line; empty where the channel has none.
    """

    subject: str
    text: str

    def fill(self, code: str, name: str, username: str = "") -> Written:
        """Put them in. None is looked at again: a name that is ``{code}`` stays that."""
        values = {
            "code": code,
            "name": _short(_one_line(name)),
            "username": _one_line(username),
        }
        return Written(_filled(self.subject, values), _filled(self.text, values))


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the code in it."""

    subject: str = field(repr=False)
    text: str = field(repr=False)


BUILT_IN: Final[Mapping[Key, Template]] = MappingProxyType(
    {
        ("sign-in", "email"): Template(
            "Your sign-in code",
            "Your sign-in code is {code}\n\n"
            "Never tell it to anybody. If you are not signing in, you need not do anything.\n",
        ),
        ("sign-in", "sms"): Template("", "{code} is your sign-in code. Never tell it to anybody."),
        ("sign-up", "email"): Template(
            "Your confirmation code",
            "Your confirmation code is {code}\n\n"
            "Enter it to finish signing up. If you did not sign up, you need not do anything.\n",
        ),
        ("sign-up", "sms"): Template("", "{code} is your confirmation code for signing up."),
        ("forgot-password", "email"): Template(
            "Your code for a new password",
            "Your code for choosing a new password is {code}\n\n"
            "Never tell it to anybody. If you did not ask for it, your password stays as it is.\n",
        ),
        ("forgot-password", "sms"): Template(
            "", "{code} is your code for choosing a new password. Never tell it to anybody."
        ),
        ("admin-create-user", "email"): Template(
            "Your temporary password",
            "An account was made for you.\n\n"
            "Your user name is {username}\n"
            "Your temporary password is {code}\n\n"
            "You will be asked for one of your own when you first sign in.\n",
        ),
        ("admin-create-user", "sms"): Template(
            "",
            "An account was made for you. Your user name is {username} and your temporary "
            "password {code}",
        ),
        ("verify-attribute", "email"): Template(
            "Your verification code",
            "Your code for verifying this address is {code}\n\n"
            "If you did not ask for it, you need not do anything.\n",
        ),
        ("verify-attribute", "sms"): Template("", "{code} is your code for verifying this number."),
    }
)
"""English, for users of every locale that has no text of its own."""


class Texts:
    """The texts of one deployment."""

    def __init__(self, texts: Mapping[Key, Mapping[str, Template]] = MappingProxyType({})) -> None:
        """Take texts by purpose and channel, and by locale as :func:`canonical` writes it.

        The empty locale is everybody else's. What is not there is the built-in text.
        """
        self._texts = {key: {**_built_in(key), **texts.get(key, {})} for key in {*BUILT_IN, *texts}}

    def has(self, purpose: str, channel: str) -> bool:
        """Say whether there is a text for users of every locale."""
        return "" in self._texts.get((purpose, channel), {})

    def write(self, message: Message) -> Written:
        """Write the text of a message in the nearest locale that there is (RFC 4647, 3.4).

        What the message itself has of subject and text goes before it.

        Raises:
            UndeliverableError: There is none for its purpose and channel.
        """
        if message.text is not None and (message.subject is not None or message.channel == "sms"):
            return Written(message.subject or "", message.text)
        written = self._nearest(message)
        subject = written.subject if message.subject is None else message.subject
        return Written(subject, written.text if message.text is None else message.text)

    def _nearest(self, message: Message) -> Written:
        by_locale = self._texts.get((message.purpose, message.channel), {})
        for locale in _ranges(message.locale):
            if locale in by_locale:
                return by_locale[locale].fill(message.code, message.name, message.username)
        raise UndeliverableError("no-text")


def canonical(locale: str) -> str:
    """Write a locale in the one way that it is looked up by: ``pt_BR`` is ``pt-br``."""
    return locale.replace("_", "-").lower()


def _ranges(locale: str) -> Iterator[str]:
    """Give ``zh-hant-tw``, ``zh-hant``, ``zh`` and the empty one, the nearest first."""
    left = canonical(locale) if len(locale) <= _LONGEST_LOCALE else ""
    while left:
        yield left
        left = left.rpartition("-")[0]
    yield ""


def _built_in(key: Key) -> Mapping[str, Template]:
    return {"": BUILT_IN[key]} if key in BUILT_IN else {}


def _one_line(name: str) -> str:
    """Keep a name from ending a line or being one: whoever signs up chooses it."""
    return _BREAKS.sub(" ", name).strip()


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
