"""How a server's certificate is checked: always, and for its name."""

from __future__ import annotations

import ssl

from flowengine.errors import UnavailableError


def checking_context(given: ssl.SSLContext | None) -> ssl.SSLContext:
    """Give a context that checks, of the system's authorities where none is given.

    OpenSSL takes other authorities from the environment: ``SSL_CERT_FILE``, ``SSL_CERT_DIR``.

    Raises:
        UnavailableError: The one given would take any certificate, or anybody's.
    """
    context = given or ssl.create_default_context()
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise UnavailableError("a delivery's TLS context must check certificates and host names")
    return context
