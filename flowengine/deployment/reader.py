"""From a checked tree to a definition; what this version does not serve is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.accounts.lockout import AddressLockout, Lockout, LockoutPolicy
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.pool import (
    Client,
    FunctionInput,
    LiteralInput,
    Mfa,
    PasskeySettings,
    Pool,
    Rotation,
    TokenLives,
    UserVerification,
)
from flowengine.accounts.triggers import TokenEvent
from flowengine.deployment import values
from flowengine.deployment.attributes import (
    Limit,
    WrittenAttribute,
    check_required,
    check_usernames,
    read_attributes,
    read_recovery,
)
from flowengine.deployment.definition import (
    AdminKey,
    ClientDefinition,
    DeploymentDefinition,
    InputDefinition,
    PoolDefinition,
    Setting,
)
from flowengine.deployment.findings import Findings
from flowengine.deployment.passkeys import read_passkeys
from flowengine.documents import Document, Entry, Mapping, Node, Scalar, Sequence, plain
from flowengine.flow.definition import Name
from flowengine.source import Span

ENDPOINT: Final = "endpoint"
"""The issuer of a pool whose tokens name this server, whose address is settled later."""

_SRP: Final = "USER_SRP_AUTH"
_TOTP: Final = "SOFTWARE_TOKEN_MFA"


class Reader:
    """Reads one document that has passed the schema."""

    def __init__(self, document: Document, findings: Findings) -> None:
        """Begin; nothing is read yet."""
        self._source = document.source
        self._root = _mapping(document.root)
        self._findings = findings

    def read(self) -> DeploymentDefinition:
        """Read the whole deployment."""
        root = self._root
        return DeploymentDefinition(
            source=self._source,
            pools=tuple(self._pool(entry) for entry in _entries(root.get("pools"))),
            flows=tuple(_name(item) for item in _items(root.get("flows"))),
            sessions=_setting(root.get("sessions")),
            directory=_setting(root.get("directory")),
            keys=_maybe_setting(root.get("keys")),
            delivery=tuple(
                (_key(each), _setting(each.value)) for each in _entries(root.get("delivery"))
            ),
            messages=_maybe_name(root.get("messages")),
            functions=tuple(_one_or_more(root.get("functions"))),
            admin=tuple(self._admin(root.get("admin"))),
            listen=values.listen(_maybe_setting(root.get("listen")), self._findings),
            endpoint=values.url(
                _maybe_setting(root.get("endpoint")), "the endpoint", self._findings
            ),
            proxies=tuple(
                values.proxy(_setting(item), self._findings) for item in _items(root.get("proxies"))
            ),
            proxy_spans=tuple(item.span for item in _items(root.get("proxies"))),
        )

    def _admin(self, node: Node | None) -> Iterator[AdminKey]:
        for item in _items(node.get("keys")) if isinstance(node, Mapping) else ():
            key = _mapping(item)
            secret = values.admin_secret(_setting(key.get("secret")), self._findings)
            id_ = _setting(key.get("id"))
            yield AdminKey(id_.text, secret, id_.span, _setting(key.get("secret")).span)

    def _pool(self, entry: Entry) -> PoolDefinition:
        mapping = _mapping(entry.value)
        id_ = _name(mapping.get("id"))
        clients = tuple(
            self._client(client, id_.text) for client in _entries(mapping.get("clients"))
        )
        usernames = _maybe_mapping(mapping.get("usernames"))
        named_by = _names(_get(usernames, "attributes"))
        check_usernames(_words(_get(usernames, "aliases")), named_by, self._findings)
        declared = map(_attribute, _entries(mapping.get("attributes")))
        attributes = read_attributes(declared, self._findings)
        check_required(_names(mapping.get("required_attributes")), attributes, self._findings)
        mfa, methods = self._mfa(mapping.get("mfa")), _mfa_methods(mapping.get("mfa_methods"))
        recovery = _names(mapping.get("account_recovery"))
        policy = _maybe_mapping(mapping.get("password_policy"))
        acr = tuple((_key(each), _name(each.value)) for each in _entries(mapping.get("acr")))
        pool = Pool(
            id=id_.text,
            name=entry.key.text,
            issuer=self._issuer(mapping, id_.text),
            mfa=mfa,
            mfa_methods=methods,
            required_attributes=_words(mapping.get("required_attributes")),
            password_policy=_policy(policy),
            lockout=_lockout(mapping.get("lockout")),
            srp=any(_SRP in written.client.auth_flows for written in clients),
            temporary_password_life=self._temporary_life(policy),
            usernames_case_sensitive=_flag(_get(usernames, "case_sensitive"), default=True),
            aliases=_words(_get(usernames, "aliases")),
            named_by=tuple(name.text for name in named_by),
            attribute_rules=attributes,
            account_recovery=read_recovery(recovery, mfa, methods, self._findings),
            sign_up=_flag(mapping.get("sign_up"), default=True),
            passkeys=self._passkeys(_maybe_mapping(mapping.get("passkeys"))),
            devices=_devices(_maybe_mapping(mapping.get("devices"))),
            timestamp_skew=self._timestamp_skew(mapping),
            acr=MappingProxyType({level.text: value.text for level, value in acr}),
        )
        triggers = _maybe_mapping(mapping.get("triggers"))
        return PoolDefinition(
            _key(entry),
            id_,
            pool,
            clients,
            tuple((_key(each), _function(each.value)) for each in _entries(triggers)),
            _token_event(triggers),
            acr,
            _span(mapping.get("lockout")),
            recovery,
            _empty_private(triggers),
        )

    def _timestamp_skew(self, mapping: Mapping) -> timedelta:
        written = _maybe_name(mapping.get("timestamp_skew"))
        return values.duration(written, timedelta(minutes=5), "1s", "15m", self._findings)

    def _temporary_life(self, policy: Mapping | None) -> timedelta:
        written = _maybe_name(_get(policy, "temporary_validity"))
        return values.duration(written, timedelta(days=7), "1d", "365d", self._findings)

    def _issuer(self, mapping: Mapping, pool_id: str) -> str:
        written = _maybe_setting(mapping.get("issuer"))
        if written is None or written.text == ENDPOINT:
            return ENDPOINT
        if written.text == "aws":
            region = pool_id.partition("_")[0]
            return f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"
        return (
            values.url(written, "an issuer is aws, endpoint, or a URL, which", self._findings) or ""
        )

    def _mfa(self, node: Node | None) -> Mfa:
        written = _maybe_name(node)
        return Mfa.OPTIONAL if written is None else Mfa(written.text)

    def _passkeys(self, mapping: Mapping | None) -> PasskeySettings | None:
        if mapping is None:
            return None
        verification = _maybe_name(mapping.get("user_verification"))
        return read_passkeys(
            _setting(mapping.get("relying_party")),
            tuple(_setting(item) for item in _items(mapping.get("origins"))),
            UserVerification(verification.text) if verification else UserVerification.PREFERRED,
            self._findings,
        )

    def _client(self, entry: Entry, pool_id: str) -> ClientDefinition:
        mapping = _mapping(entry.value)
        id_ = _setting(mapping.get("id"))
        auth_flows = tuple(
            (_key(each), _name(each.value)) for each in _entries(mapping.get("auth_flows"))
        )
        require = tuple(
            item.excerpt for item in _items(mapping.get("require")) if isinstance(item, Scalar)
        )
        inputs = tuple(_input(each) for each in _entries(mapping.get("inputs")))
        client = Client(
            id=values.client_id(id_, self._findings),
            name=entry.key.text,
            pool_id=pool_id,
            secret=values.client_secret(_maybe_setting(mapping.get("secret")), self._findings),
            prevent_user_existence_errors=_flag(
                mapping.get("prevent_user_existence_errors"), default=True
            ),
            session_validity=values.duration(
                _maybe_name(mapping.get("session_validity")),
                timedelta(minutes=3),
                "3m",
                "15m",
                self._findings,
            ),
            tokens=self._tokens(_maybe_mapping(mapping.get("tokens"))),
            auth_flows=MappingProxyType({name.text: flow.text for name, flow in auth_flows}),
            require=tuple(condition.text for condition in require),
            inputs=MappingProxyType({each.name.text: each.input for each in inputs}),
        )
        secret = _span(mapping.get("secret"))
        return ClientDefinition(_key(entry), client, id_.span, auth_flows, require, inputs, secret)

    def _tokens(self, mapping: Mapping | None) -> TokenLives:
        usual = TokenLives()

        def life(key: str, default: timedelta, least: str, most: str) -> timedelta:
            written = _maybe_name(_get(mapping, key))
            return values.duration(written, default, least, most, self._findings)

        return TokenLives(
            access=life("access", usual.access, "5m", "1d"),
            id=life("id", usual.id, "5m", "1d"),
            refresh=life("refresh", usual.refresh, "1h", "3650d"),
            rotation=self._rotation(_maybe_mapping(_get(mapping, "rotation"))),
        )

    def _rotation(self, mapping: Mapping | None) -> Rotation | None:
        if mapping is None:
            return None
        grace = _maybe_name(mapping.get("grace"))
        return Rotation(values.duration(grace, timedelta(), "0s", "60s", self._findings))


def _mfa_methods(node: Node | None) -> tuple[str, ...]:
    return _words(node) if node is not None else (_TOTP,)


def _input(entry: Entry) -> InputDefinition:
    literal = _maybe_mapping(entry.value)
    if literal is None:
        function = _name(entry.value)
        return InputDefinition(_key(entry), FunctionInput(function.text), function.span)
    value = literal.get("value")
    if value is None:
        raise TypeError("the schema lets no literal be without a value")
    return InputDefinition(_key(entry), LiteralInput(plain(value)), value.span)


def _attribute(entry: Entry) -> WrittenAttribute:
    mapping = _mapping(entry.value)
    numbers = ((each, plain(each.value)) for each in mapping.entries)
    limits = {
        each.key.text: Limit(number, each.key.span)
        for each, number in numbers
        if isinstance(number, int) and not isinstance(number, bool)
    }
    mutable = _flag(mapping.get("mutable"), default=True)
    type_ = _maybe_name(mapping.get("type")) or Name("string", entry.key.span)
    return WrittenAttribute(_key(entry), type_, mutable, limits)


def _function(node: Node) -> Name:
    """Read a trigger's function, which may stand beside what else is said of it."""
    beside = _maybe_mapping(node)
    return _name(node if beside is None else beside.get("function"))


def _token_event(triggers: Mapping | None) -> TokenEvent:
    written = _maybe_mapping(_get(triggers, "pre_token_generation"))
    event = _maybe_name(_get(written, "event"))
    return TokenEvent.V1_0 if event is None else TokenEvent(event.text)


def _empty_private(triggers: Mapping | None) -> bool:
    written = _maybe_mapping(_get(triggers, "create_auth_challenge"))
    return _flag(_get(written, "empty_private"), default=False)


def _devices(mapping: Mapping | None) -> DeviceSettings | None:
    if mapping is None:
        return None
    remember = _maybe_name(mapping.get("remember"))
    return DeviceSettings(
        RememberDevices(remember.text) if remember else RememberDevices.ALWAYS,
        _flag(mapping.get("challenge_on_new"), default=True),
    )


def _policy(mapping: Mapping | None) -> PasswordPolicy:
    written = {entry.key.text: plain(entry.value) for entry in _entries(mapping)}
    length = written.get("min_length")
    return PasswordPolicy(
        min_length=length if isinstance(length, int) else PasswordPolicy().min_length,
        require_lowercase=written.get("require_lowercase") is True,
        require_uppercase=written.get("require_uppercase") is True,
        require_numbers=written.get("require_numbers") is True,
        require_symbols=written.get("require_symbols") is True,
    )


def _mapping(node: Node | None) -> Mapping:
    if not isinstance(node, Mapping):
        raise TypeError("the schema lets only a mapping stand here")
    return node


def _maybe_mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def _get(mapping: Mapping | None, key: str) -> Node | None:
    return mapping.get(key) if mapping is not None else None


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _one_or_more(node: Node | None) -> Iterator[Name]:
    if isinstance(node, Scalar):
        yield _name(node)
    yield from map(_name, _items(node))


def _words(node: Node | None) -> tuple[str, ...]:
    return tuple(name.text for name in _names(node))


def _names(node: Node | None) -> tuple[Name, ...]:
    return tuple(_name(item) for item in _items(node))


def _key(entry: Entry) -> Name:
    return Name(entry.key.text, entry.key.span)


def _scalar(node: Node | None) -> Scalar:
    if not isinstance(node, Scalar):
        raise TypeError("the schema lets only a scalar stand here")
    return node


def _name(node: Node | None) -> Name:
    scalar = _scalar(node)
    return Name(scalar.text, scalar.span)


def _maybe_name(node: Node | None) -> Name | None:
    return _name(node) if node is not None else None


def _setting(node: Node | None) -> Setting:
    scalar = _scalar(node)
    return Setting(scalar.text, scalar.span)


def _maybe_setting(node: Node | None) -> Setting | None:
    return _setting(node) if node is not None else None


def _span(node: Node | None) -> Span | None:
    return node.span if node is not None else None


def _flag(node: Node | None, *, default: bool) -> bool:
    return node.value is True if isinstance(node, Scalar) else default


def _lockout(node: Node | None) -> Lockout | None:
    written = _maybe_name(node)
    match written.text if written is not None else "cognito":
        case "none":
            return None
        case "per-address":
            return AddressLockout()
        case _:
            return LockoutPolicy()
