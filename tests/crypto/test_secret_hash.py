from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from flowengine.crypto import secret_hash

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")


@given(st.text(min_size=1), st.text(), st.text())
@settings(deadline=None)
def test_it_is_what_pycognito_computes(secret: str, name: str, client_id: str) -> None:
    written = AWSSRP.get_secret_hash(name, client_id, secret)
    assert secret_hash.compute(secret, name, client_id) == written
    assert secret_hash.check(secret, name, client_id, written)


def test_another_name_client_or_secret_is_wrong() -> None:
    written = secret_hash.compute("secret", "anna", "client")
    assert not secret_hash.check("secret", "Anna", "client", written)
    assert not secret_hash.check("secret", "anna", "other", written)
    assert not secret_hash.check("other", "anna", "client", written)


@pytest.mark.parametrize("written", ["", "=", "ü", "\ud800", "A" * 44, "A" * 4000])
def test_what_is_no_hash_is_only_wrong(written: str) -> None:
    assert not secret_hash.check("secret", "anna", "client", written)


def test_only_the_canonical_text_of_a_hash_is_right() -> None:
    written = secret_hash.compute("secret", "anna", "client")
    assert not secret_hash.check("secret", "anna", "client", written.rstrip("="))
    assert not secret_hash.check("secret", "anna", "client", written + "\n")
