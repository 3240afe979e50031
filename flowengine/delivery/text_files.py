"""Reads a folder of texts: ``<purpose>.<channel>[.<locale>].txt``.

One of e-mail begins with ``Subject: …`` and an empty line; the rest is the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from flowengine.challenges.kind import Channel
from flowengine.delivery.texts import BUILT_IN, PLACEHOLDERS, Key, Template, Texts, canonical
from flowengine.documents import did_you_mean, shown
from flowengine.documents.reading import read
from flowengine.errors import InvalidDocumentError, UnavailableError
from flowengine.source import Diagnostic, SourceText, Span

SIZE_LIMIT_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(
    r"(?P<purpose>[a-z][a-z0-9_-]*)\.(?P<channel>[a-z]+)"
    r"(?:\.(?P<locale>[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*))?\.txt",
    re.ASCII,
)
_SUBJECT: Final = re.compile(r"Subject:[ \t]*(?P<subject>[^\n]*?)[ \t]*(?:\n|\Z)")
_BRACE: Final = re.compile(r"\{(?P<word>[^{}\n]*)\}|[{}]")
_CHANNELS: Final = tuple(channel.value for channel in Channel)


def load_texts(folder: Path | None, wanted: Iterable[Key] = ()) -> Texts:
    """Read the texts of a folder; with None there are the built-in ones only.

    Args:
        wanted: The purposes and channels that flows send, for which there must be a text.

    Raises:
        InvalidDocumentError: A file that is not read, or not as its author meant it: a name of
            another form, an unknown purpose, channel or placeholder, no code, no subject; or a
            text that is wanted and not there.
        UnavailableError: One is wanted that is not built in, and there is no folder.
    """
    keys = sorted(set(wanted))
    if folder is None:
        for purpose, channel in keys:
            if (purpose, channel) not in BUILT_IN:
                raise UnavailableError(
                    f"there is no text '{purpose}' for {channel}: name a folder under messages "
                    f"with a file {purpose}.{channel}.txt"
                )
        return Texts()
    reading = _Reading({purpose for purpose, _ in (*BUILT_IN, *keys)})
    reading.folder(folder)
    texts = Texts(reading.texts)
    missing = [key for key in keys if not texts.has(*key)]
    found = [*reading.found, *(_missing(folder, key) for key in missing)]
    if found:
        raise InvalidDocumentError(sorted(found, key=Diagnostic.sort_key))
    return texts


def _missing(folder: Path, key: Key) -> Diagnostic:
    purpose, channel = key
    source = SourceText(str(folder / f"{purpose}.{channel}.txt"), "")
    message = f"a flow sends '{purpose}' by {channel}, and there is no such text"
    return Diagnostic("text-missing", message, source, Span(0, 0), "write this file")


class _Reading:
    """One walk over a folder; what is wrong is collected."""

    def __init__(self, purposes: Iterable[str]) -> None:
        self._purposes = sorted(purposes)
        self.texts: dict[Key, dict[str, Template]] = {}
        self.found: list[Diagnostic] = []

    def folder(self, folder: Path) -> None:
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            where = SourceText(str(folder), "")
            self._say("text-unreadable", f"cannot read this folder: {error.strerror}", where)
            return
        for path in paths:
            if not path.name.startswith("."):
                self._file(path)

    def _file(self, path: Path) -> None:
        where = SourceText(str(path), "")
        name = _NAME.fullmatch(path.name)
        if name is None or not path.is_file():
            hint = "files here are called PURPOSE.CHANNEL.txt or PURPOSE.CHANNEL.LOCALE.txt"
            self._say("text-name", "this is not the name of a text", where, hint=hint)
            return
        self._known("purpose", name["purpose"], self._purposes, where)
        self._known("channel", name["channel"], _CHANNELS, where)
        source, faults = read(path, limit=SIZE_LIMIT_BYTES)
        self.found += faults
        if source is None:
            return
        template = self._template(source, name["channel"])
        locale = canonical(name["locale"] or "")
        by_locale = self.texts.setdefault((name["purpose"], name["channel"]), {})
        if locale in by_locale:
            self._say("text-twice", f"there is another text of locale {shown(locale)}", where)
        by_locale[locale] = template

    def _known(self, what: str, word: str, known: Iterable[str], where: SourceText) -> None:
        words = list(known)
        if word not in words:
            hint = did_you_mean(word, words) or f"there are {', '.join(words)}"
            message = f"unknown {what} {shown(word)} in the name of this file"
            self._say(f"text-{what}", message, where, hint=hint)

    def _template(self, source: SourceText, channel: str) -> Template:
        text = source.text.replace("\r\n", "\n")
        source = SourceText(source.name, text)
        self._check_braces(source)
        subject, start = self._subject(source, channel)
        body = text[start:].strip("\n")
        if "{code}" not in body:
            hint = "write {code} where the code belongs"
            self._say("text-no-code", "this text has no {code}", source, _line(text, start), hint)
        return Template(subject, body + "\n" if channel == Channel.EMAIL else body)

    def _subject(self, source: SourceText, channel: str) -> tuple[str, int]:
        """Give the subject, and where the text begins."""
        found = _SUBJECT.match(source.text)
        first = _line(source.text, 0)
        if channel != Channel.EMAIL:
            if found:
                self._say("text-subject", "a text message has no subject", source, first)
            return "", 0
        if found is None or not found["subject"]:
            hint = "begin with a line such as 'Subject: Your sign-in code'"
            self._say("text-subject", "an e-mail needs a subject", source, first, hint)
            return "", 0
        if source.text[found.end() : found.end() + 1] not in {"", "\n"}:
            span = _line(source.text, found.end())
            self._say("text-subject", "an empty line must follow the subject", source, span)
        return found["subject"], found.end()

    def _check_braces(self, source: SourceText) -> None:
        for span, word in _strange_braces(source.text):
            if word is None:
                message = "a brace stands around code, name or username only"
            else:
                message = f"unknown placeholder {shown('{' + word + '}')}"
            hint = (
                did_you_mean(word or "", PLACEHOLDERS) or "there are {code}, {name} and {username}"
            )
            self._say("text-placeholder", message, source, span, hint)

    def _say(
        self,
        rule: str,
        message: str,
        source: SourceText,
        span: Span | None = None,
        hint: str | None = None,
    ) -> None:
        self.found.append(Diagnostic(rule, message, source, span or Span(0, 0), hint))


def _strange_braces(text: str) -> Iterator[tuple[Span, str | None]]:
    for found in _BRACE.finditer(text):
        if found["word"] not in PLACEHOLDERS:
            yield Span(*found.span()), found["word"]


def _line(text: str, start: int) -> Span:
    end = text.find("\n", start)
    return Span(start, len(text) if end < 0 else end)
