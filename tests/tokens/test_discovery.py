from __future__ import annotations

from flowengine.tokens import discovery

AWS = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"


def test_the_keys_are_beside_the_document_unless_said_otherwise() -> None:
    assert discovery.configuration(AWS)["jwks_uri"] == f"{AWS}/.well-known/jwks.json"
    local = discovery.configuration(AWS, "http://127.0.0.1:9229/eu-west-1_AbCdEfGhI/")
    assert local["jwks_uri"] == ("http://127.0.0.1:9229/eu-west-1_AbCdEfGhI/.well-known/jwks.json")
    assert local["issuer"] == AWS


def test_the_members_that_the_specification_demands_of_any_issuer_of_id_tokens_are_there() -> None:
    document = discovery.configuration(AWS)
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["subject_types_supported"] == ["public"]
    assert "response_types_supported" in document


def test_no_endpoint_is_named_that_nobody_serves() -> None:
    assert not [name for name in discovery.configuration(AWS) if name.endswith("_endpoint")]
