"""A real mail server that keeps what it takes."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


class _OnAnyPort(Controller):
    """Listens where the system says, so that no two servers want one port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port: int = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class MailServer:
    """Speaks SMTP on a port of its own.

    Args:
        starttls: Offered, and demanded, where it is given.
        tls: From the first byte on.
        login: The one user and password that it takes.
        refusal: What it says to every recipient, such as ``550 no such user``.
    """

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        refusal: str = "",
        utf8: bool = False,
    ) -> None:
        self.taken: list[Envelope] = []
        self.encrypted: list[bool] = []
        self._login = login
        self._refusal = refusal
        settings: dict[str, Any] = {"enable_SMTPUTF8": utf8, "ident": "test"}
        if login is not None:
            settings |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": starttls is not None,
            }
        if starttls is not None:
            settings |= {"tls_context": starttls, "require_starttls": True}
        self._controller = _OnAnyPort(self, hostname=HOST, port=0, **settings)
        self._controller.ssl_context = tls

    @property
    def port(self) -> int:
        return self._controller.port

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._refusal:
            return self._refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        read = (given.login.decode(), given.password.decode())
        return AuthResult(success=read == self._login, handled=False)
