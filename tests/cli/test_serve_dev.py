"""``flowengine serve --dev``: what it refuses to begin with."""

from __future__ import annotations

import pytest

from tests.cli.commanding import Here, deploy


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "127.0.0.2:0", "example.com:0", "9229"]
)
def test_another_address_than_loopback_is_refused(start: Here, address: str) -> None:
    assert start("serve", "--dev", "--listen", address) == 2
    assert "--listen takes" in start.err
    assert start.out == ""


def test_a_deployment_that_listens_elsewhere_is_refused(start: Here) -> None:
    deploy(start.folder, listen="0.0.0.0:9229", keys="only:" + "A" * 43 + "=")
    assert start("serve", "--dev") == 2
    assert "--dev listens on this machine alone" in start.err


def test_a_deployment_that_is_named_must_be_there(start: Here) -> None:
    assert start("serve", "--dev", "--deployment", "gone.yaml") == 2
    assert "there is no gone.yaml" in start.err


def test_a_deployment_with_an_error_is_not_served(start: Here) -> None:
    deploy(start.folder, directory="mongodb://localhost")
    assert start("serve", "--dev") == 1
    assert "store-form" in start.out
