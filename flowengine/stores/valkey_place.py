"""Where a store in Valkey or Redis is: one server, a cluster, or servers that Sentinel watches.

The URL is read here and not by redis-py, whose reader lets options of the URL win over what the
stores rely on (no retries, time limits) and quotes what it cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, unquote

from flowengine.errors import UnavailableError


class Topology(Enum):
    """How the servers stand to each other."""

    SINGLE = "one server"
    CLUSTER = "a cluster"
    SENTINEL = "a primary that Sentinel names"


@dataclass(frozen=True, slots=True)
class Address:
    """Where one server listens: a name or an IP address without brackets, and a TCP port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Tls:
    """How servers are authenticated; their certificate and name are checked in every case.

    Attributes:
        authorities: A PEM file of certificates to trust; None: the system's.
        certificate: Our own, as a PEM file, where the server asks for one.
        key: The certificate's key, as a PEM file.
    """

    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to a server; both None: it asks for nothing.

    Attributes:
        user: Hidden from the repr: many write the password in its place.
    """

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ValkeyPlace:
    """``redis://``, ``rediss://`` (TLS), ``redis+cluster://``, ``redis+sentinel://``; or valkey.

    Attributes:
        addresses: Of the server; of some of a cluster's; of the Sentinels. Never empty.
        tls: None: in the clear.
        database: Always 0 in a cluster.
        service: The name under which Sentinel knows the primary; empty elsewhere.
        sentinel_login: Who we are to the Sentinels themselves.
    """

    topology: Topology
    addresses: tuple[Address, ...]
    tls: Tls | None = None
    login: Login = Login()
    database: int = 0
    service: str = ""
    sentinel_login: Login = Login()


SCHEMES = {
    f"{name}{secure}{suffix}": (topology, bool(secure))
    for name in ("redis", "valkey")
    for secure in ("", "s")
    for suffix, topology in (
        ("", Topology.SINGLE),
        ("+cluster", Topology.CLUSTER),
        ("+sentinel", Topology.SENTINEL),
    )
}
"""What each scheme means: how the servers stand, and whether over TLS."""

_FORMS = {
    Topology.SINGLE: "redis://user:password@host:port/database",
    Topology.CLUSTER: "redis+cluster://user:password@host:port,host:port",
    Topology.SENTINEL: "redis+sentinel://user:password@host:port,host:port/service/database",
}
_PORTS = {Topology.SINGLE: 6379, Topology.CLUSTER: 6379, Topology.SENTINEL: 26379}
_TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_SENTINEL_OPTIONS = ("sentinel_username", "sentinel_password")
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?")
_DATABASE = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 0xFFFF


def parse_valkey(url: str) -> ValkeyPlace:
    """Read a URL of one of :data:`SCHEMES`.

    User, password and service are percent-decoded. Over TLS the options ``ssl_ca_certs``,
    ``ssl_certfile`` and ``ssl_keyfile`` name PEM files, as redis-py calls them; with Sentinel,
    ``sentinel_username`` and ``sentinel_password`` are for the Sentinels.

    Raises:
        UnavailableError: It is malformed. The message shows nothing of the text, which may hold
            a password anywhere.
    """
    scheme, _, rest = url.partition("://")
    topology, secure = SCHEMES[scheme]
    try:
        return _place(topology, rest, secure=secure)
    except ValueError as objection:
        message = f"{objection}; the store is written {_FORMS[topology]}"
    raise UnavailableError(message)


def _place(topology: Topology, text: str, *, secure: bool) -> ValkeyPlace:
    if "#" in text or not text.isprintable():
        raise ValueError("the URL of a Valkey or Redis store has a character to percent-encode")
    rest, asked, query = text.partition("?")
    options = _options(topology, query, secure=secure) if asked else {}
    authority, _, path = rest.partition("/")
    userinfo, _, hosts = authority.rpartition("@")
    service, database = _path(topology, path)
    return ValkeyPlace(
        topology,
        _addresses(topology, hosts),
        Tls(*(options.get(name) for name in _TLS_OPTIONS)) if secure else None,
        _login(userinfo),
        database,
        service,
        Login(*(options.get(name) for name in _SENTINEL_OPTIONS)),
    )


def _options(topology: Topology, query: str, *, secure: bool) -> dict[str, str]:
    known = (
        *(_TLS_OPTIONS if secure else ()),
        *(_SENTINEL_OPTIONS if topology is Topology.SENTINEL else ()),
    )
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise ValueError("the options of a Valkey or Redis store cannot be read") from None
    options = dict(pairs)
    if len(options) < len(pairs) or not options.keys() <= set(known) or "" in options.values():
        expected = ", ".join(known) or "none here"
        raise ValueError(f"the options of a Valkey or Redis store are, each once: {expected}")
    if "ssl_keyfile" in options and "ssl_certfile" not in options:
        raise ValueError("ssl_keyfile needs ssl_certfile")
    return options


def _addresses(topology: Topology, hosts: str) -> tuple[Address, ...]:
    written = hosts.split(",")
    if topology is Topology.SINGLE and len(written) > 1:
        raise ValueError("several hosts are a cluster's or Sentinel's")
    return tuple(_address(host, _PORTS[topology]) for host in written)


def _address(written: str, default_port: int) -> Address:
    match = _ADDRESS.fullmatch(written)
    if match is None:
        raise ValueError("the host of a Valkey or Redis store is missing or malformed")
    bracketed, name, port = match.groups()
    number = default_port if port is None else int(port)
    if not 0 < number <= _LAST_PORT:
        raise ValueError("the port of a Valkey or Redis store is not from 1 to 65535")
    return Address(bracketed or name, number)


def _login(userinfo: str) -> Login:
    user, _, password = userinfo.partition(":")
    if user and not password:
        raise ValueError("the user of a Valkey or Redis store has no password")
    return Login(_decoded(user), _decoded(password))


def _decoded(written: str) -> str | None:
    try:
        return unquote(written, errors="strict") or None
    except UnicodeDecodeError:
        raise ValueError("a percent-encoded part is not UTF-8") from None


def _path(topology: Topology, path: str) -> tuple[str, int]:
    """Read service and database."""
    service = ""
    if topology is Topology.SENTINEL:
        written, _, path = path.partition("/")
        service = _decoded(written) or ""
        if not service:
            raise ValueError("the name of the service that Sentinel watches is missing")
    if path and not _DATABASE.fullmatch(path):
        raise ValueError("the database of a Valkey or Redis store is not a number")
    database = int(path or 0)
    if database and topology is Topology.CLUSTER:
        raise ValueError("a cluster has the database 0 alone")
    return service, database
