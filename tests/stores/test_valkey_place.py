from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.errors import UnavailableError
from flowengine.stores.urls import MemoryPlace, parse, parse_sign_ins
from flowengine.stores.valkey_place import (
    SCHEMES,
    Address,
    Login,
    Tls,
    Topology,
    ValkeyPlace,
    parse_valkey,
)
from tests.planted import MARK, OTHER_PASSWORD, PASSWORD

_SINGLE, _CLUSTER, _SENTINEL = Topology.SINGLE, Topology.CLUSTER, Topology.SENTINEL
_H = (Address("h", 6379),)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://h", ValkeyPlace(_SINGLE, _H)),
        ("valkey://h/", ValkeyPlace(_SINGLE, _H)),
        ("redis://h:7000/3", ValkeyPlace(_SINGLE, (Address("h", 7000),), database=3)),
        ("redis://[::1]:7000", ValkeyPlace(_SINGLE, (Address("::1", 7000),))),
        ("redis://[::1]", ValkeyPlace(_SINGLE, (Address("::1", 6379),))),
        ("rediss://h", ValkeyPlace(_SINGLE, _H, Tls())),
        (
            "valkeys://h?ssl_ca_certs=/etc/ca.pem&ssl_certfile=me.pem&ssl_keyfile=me.key",
            ValkeyPlace(_SINGLE, _H, Tls("/etc/ca.pem", "me.pem", "me.key")),
        ),
        (
            "redis+cluster://a,b:7000,c",
            ValkeyPlace(_CLUSTER, (Address("a", 6379), Address("b", 7000), Address("c", 6379))),
        ),
        ("valkey+cluster://h/0", ValkeyPlace(_CLUSTER, _H)),
        ("valkeys+cluster://h", ValkeyPlace(_CLUSTER, _H, Tls())),
        (
            "redis+sentinel://a,b:7000/sign-ins/2",
            ValkeyPlace(
                _SENTINEL,
                (Address("a", 26379), Address("b", 7000)),
                database=2,
                service="sign-ins",
            ),
        ),
        (
            "rediss+sentinel://h:1/my%20own",
            ValkeyPlace(_SENTINEL, (Address("h", 1),), Tls(), service="my own"),
        ),
    ],
)
def test_a_place_is_read(url: str, place: ValkeyPlace) -> None:
    assert parse_valkey(url) == place
    assert parse_sign_ins(url) == place


@pytest.mark.parametrize(
    ("userinfo", "login"),
    [
        (f":{PASSWORD}@", Login(None, PASSWORD)),
        (f"app:{PASSWORD}@", Login("app", PASSWORD)),
        ("app:a%40b%3Ac%2Fd%23%3F%25%C3%A9@", Login("app", "a@b:c/d#?%é")),
        ("app:a@b:c@", Login("app", "a@b:c")),
        ("", Login()),
    ],
)
@pytest.mark.parametrize("rest", ["redis://{}h", "redis+sentinel://{}h/s"])
def test_who_we_are_is_read(rest: str, userinfo: str, login: Login) -> None:
    assert parse_valkey(rest.format(userinfo)).login == login


def test_sentinels_have_a_login_of_their_own() -> None:
    options = f"sentinel_username=watch&sentinel_password={OTHER_PASSWORD}"
    place = parse_valkey(f"redis+sentinel://app:{PASSWORD}@h/s?{options}")
    assert place.login == Login("app", PASSWORD)
    assert place.sentinel_login == Login("watch", OTHER_PASSWORD)


@pytest.mark.parametrize(
    "url",
    [
        f"redis://{MARK}:{PASSWORD}@h",
        f"redis+sentinel://:{PASSWORD}@h/s?sentinel_password={OTHER_PASSWORD}",
    ],
)
def test_the_repr_of_a_place_hides_who_we_are(url: str) -> None:
    assert MARK not in repr(parse_valkey(url))


@pytest.mark.parametrize(
    ("url", "objection"),
    [
        ("redis://", "host"),
        ("redis:///0", "host"),
        (f"redis://:{PASSWORD}@", "host"),
        (f"redis://:{MARK}/more@h", "host"),
        (f"redis://:{MARK}#more@h", "percent-encode"),
        (f"redis://:{MARK}?more@h", "host"),
        (f"redis://:{MARK}\n@h", "percent-encode"),
        (f"redis://:%ff{MARK}@h", "not UTF-8"),
        (f"redis://{MARK}@h", "no password"),
        (f"redis://{MARK}:@h", "no password"),
        (f"redis://h,{MARK}", "several hosts"),
        (f"redis://h {MARK}", "host"),
        (f"redis://[{MARK}]", "host"),
        (f"redis://h:{MARK}", "host"),
        ("redis://h:0", "port"),
        ("redis://h:65536", "port"),
        (f"redis://h/{MARK}", "database"),
        ("redis://h/-1", "database"),
        ("redis://h/1/2", "database"),
        ("redis+cluster://h/1", "database 0 alone"),
        ("redis+cluster://a,,b", "host"),
        ("redis+sentinel://h", "service"),
        ("redis+sentinel://h/", "service"),
        ("redis+sentinel://h/s/x", "database"),
        (f"redis://h?password={MARK}", "none here"),
        ("redis://h?retry_on_timeout=yes", "none here"),
        (f"redis://h?ssl_ca_certs={MARK}", "none here"),
        ("rediss://h?ssl_cert_reqs=none", "ssl_ca_certs, ssl_certfile, ssl_keyfile"),
        ("rediss://h?ssl_check_hostname=false", "ssl_ca_certs, ssl_certfile, ssl_keyfile"),
        ("rediss://h?ssl_ca_certs=a&ssl_ca_certs=b", "each once"),
        ("rediss://h?ssl_ca_certs=", "each once"),
        (f"rediss://h?ssl_keyfile={MARK}", "ssl_certfile"),
        (f"rediss://h?ssl_ca_certs=%ff{MARK}", "cannot be read"),
        (f"redis+sentinel://h/s?sentinel={MARK}", "sentinel_username, sentinel_password"),
    ],
)
def test_another_form_is_refused_with_its_reason_and_without_repeating_it(
    url: str, objection: str
) -> None:
    with pytest.raises(UnavailableError) as refused:
        parse_valkey(url)
    assert objection in str(refused.value)
    assert "the store is written redis" in str(refused.value)
    assert MARK not in str(refused.value)
    assert refused.value.__context__ is None


@given(scheme=st.sampled_from(sorted(SCHEMES)), rest=st.text())
def test_no_text_raises_anything_else(scheme: str, rest: str) -> None:
    try:
        place = parse_valkey(f"{scheme}://{rest}")
    except UnavailableError:
        return
    assert place.addresses


def test_users_are_not_kept_in_valkey() -> None:
    for scheme in SCHEMES:
        with pytest.raises(UnavailableError) as refused:
            parse(f"{scheme}://:{PASSWORD}@h")
        assert "keep sign-ins alone" in str(refused.value)
        assert MARK not in str(refused.value)


def test_sign_ins_may_be_where_users_are() -> None:
    assert parse_sign_ins("memory:") == MemoryPlace()


def test_a_scheme_alone_is_no_place() -> None:
    for url in ("redis:", f"redis:{PASSWORD}", "redis:/h"):
        with pytest.raises(UnavailableError) as refused:
            parse_sign_ins(url)
        assert "redis://user:password@host:port/database" in str(refused.value)
        assert MARK not in str(refused.value)
