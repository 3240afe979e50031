"""A secret that is written into the file, where it is copied with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flowengine.deployment.definition import Deployment
from flowengine.source import Diagnostic, Severity, SourceText, Span

NAME: Final = "secret-in-clear"

_IN_URL: Final = re.compile(r"://[^/@\s]*:(?P<secret>[^@\s]+)@|#(?P<fragment>whsec_\S+)")
_VARIABLE: Final = "${"


def check(deployment: Deployment) -> Iterator[Diagnostic]:
    """Find secrets that come from no variable of the environment; none is repeated."""
    definition = deployment.definition
    source = definition.source
    for what, span in _secrets(deployment):
        if _VARIABLE not in source.text[span.start : span.end]:
            yield _finding(source, what, span)
    urls = [definition.sessions, definition.directory, *(place for _, place in definition.delivery)]
    for url in urls:
        found = _IN_URL.search(source.text[url.span.start : url.span.end])
        secret = found and (found["secret"] or found["fragment"])
        if secret and _VARIABLE not in secret:
            yield _finding(source, "a password in a URL", url.span)


def _secrets(deployment: Deployment) -> Iterator[tuple[str, Span]]:
    definition = deployment.definition
    for pool in definition.pools:
        for client in pool.clients:
            if client.secret_span is not None:
                yield f"the secret of client '{client.name.text}'", client.secret_span
    for key in definition.admin:
        if key.secret_span is not None:
            yield "the secret of an access key", key.secret_span
    if definition.keys is not None:
        yield "the keys that encrypt credentials", definition.keys.span


def _finding(source: SourceText, what: str, span: Span) -> Diagnostic:
    return Diagnostic(
        NAME,
        f"{what} stands in this file",
        source,
        span,
        hint="take it from the environment: `${NAME}`",
        severity=Severity.WARNING,
    )
