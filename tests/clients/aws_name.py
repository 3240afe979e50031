"""A proxy at which AWS's host name leads to the server under test.

pycognito has that name written into its operations of devices, and reads no other setting for them
than those of ``requests``: a proxy, and the certificates that it trusts.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import trustme

_NAME: Final = "cognito-idp.eu-west-1.amazonaws.com"
_PASSED_ON: Final = ("Authorization", "Content-Type", "X-Amz-Target", "User-Agent")


@contextmanager
def aws_leads_to(url: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run the proxy; the environment of a process for whose ``requests`` AWS is this server."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(_NAME).configure_cert(context)
    certificate = folder / "aws.pem"
    authority.cert_pem.write_to_path(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(url, context)) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield {
                "https_proxy": f"http://127.0.0.1:{proxy.server_port}",
                "REQUESTS_CA_BUNDLE": str(certificate),
            }
        finally:
            proxy.shutdown()
            thread.join()


def _handler(url: str, context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    server = urlsplit(url).netloc

    class Tunnel(BaseHTTPRequestHandler):
        """Answers CONNECT, and then what comes through the tunnel."""

        def do_CONNECT(self) -> None:
            if self.path != f"{_NAME}:443":
                self.send_error(403)
                return
            self.send_response(200)
            self.end_headers()
            for plain in (self.rfile, self.wfile):
                plain.close()
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)
            self.close_connection = False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            with closing(http.client.HTTPConnection(server)) as upstream:
                upstream.request("POST", "/", body, headers)
                answer = upstream.getresponse()
                told = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    return Tunnel
