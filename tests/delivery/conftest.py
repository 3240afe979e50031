"""Servers with certificates of an authority of the tests' own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import trustme

from tests.delivery.hooks import Hook
from tests.delivery.mail_server import MailServer


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Give a client's context that knows the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """Give a server's context with a certificate for a name."""

    def make(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return make


@pytest.fixture
def mail_server() -> Iterator[Callable[..., MailServer]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(MailServer(**settings))


@pytest.fixture
def hook() -> Iterator[Callable[..., Hook]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Hook(**settings))
