"""Our table of inputs against the service's own model."""

from __future__ import annotations

import pytest
from botocore.model import ListShape, MapShape, StringShape, StructureShape
from botocore.model import Shape as ModelShape

from flowengine.server.catalog import OPERATIONS
from flowengine.server.shapes import (
    LONGEST_STRING,
    Document,
    Flag,
    ListOf,
    Shape,
    Structure,
    Text,
    TextMap,
    Whole,
    read_members,
)
from tests.server.wire import service_model


def described(shape: Shape) -> object:
    """Write one of our shapes as ``modelled`` writes the model's."""
    match shape:
        case Text():
            limits = (shape.shortest, shape.longest, shape.pattern, shape.values)
            return ("string", *limits)
        case Flag() | Document():
            return "boolean" if isinstance(shape, Flag) else "document"
        case Whole():
            return ("integer", shape.least, shape.most)
        case TextMap():
            return ("map", ("string", 0, LONGEST_STRING, "", ()))
        case ListOf():
            return ("list", described(shape.element))
        case Structure():
            members = {name: described(one) for name, one in shape.members.items()}
            return (members, sorted(shape.required))


def modelled(shape: ModelShape) -> object:
    match shape:
        case StringShape():
            known = shape.metadata
            limits = (known.get("min", 0), known.get("max"), known.get("pattern", ""))
            return ("string", *limits, tuple(known.get("enum", ())))
        case MapShape():
            assert modelled(shape.key) == modelled(shape.value)
            return ("map", modelled(shape.value))
        case ListShape():
            return ("list", modelled(shape.member))
        case StructureShape() if not shape.is_document_type:
            members = {name: modelled(one) for name, one in shape.members.items()}
            return (members, sorted(shape.required_members))
        case _:
            return modelled_scalar(shape)


def modelled_scalar(shape: ModelShape) -> object:
    if isinstance(shape, StructureShape):
        return "document"
    if shape.type_name == "integer":
        return ("integer", shape.metadata["min"], shape.metadata["max"])
    return shape.type_name


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_input_is_limited_as_the_services_model_says(operation: str) -> None:
    model = service_model().operation_model(operation).input_shape
    assert model is not None
    assert described(OPERATIONS[operation].input) == modelled(model)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_operations_without_a_signature_are_those_of_the_model(operation: str) -> None:
    unsigned = service_model().operation_model(operation).auth_type == "none"
    assert OPERATIONS[operation].admin is not unsigned


@pytest.mark.parametrize(
    ("operation", "member", "good", "bad"),
    [
        ("InitiateAuth", "ClientId", ["a", "A_1+", "x" * 128], ["é", "a-b", "a b", "a\n"]),
        ("AdminGetUser", "UserPoolId", ["eu-west-1_Ab1"], ["eu-west-1", "_A", "a_B-", "a_b\n"]),
        ("AdminGetUser", "Username", ["ada", "a@b.c", "木", "🙂", "e\u0301"], ["a b", "a\t", ""]),
        ("GetUser", "AccessToken", ["a.b-c_d=="], ["a b", "a/b", ""]),
        ("VerifySoftwareToken", "UserCode", ["012345"], ["12345", "1234567", "\uff11" * 6]),
        ("AdminSetUserPassword", "Password", ["a b", "x"], ["", " ", "x" * 257]),
    ],
)
def test_patterns_are_read_as_a_whole(
    operation: str, member: str, good: list[str], bad: list[str]
) -> None:
    only = Structure({member: OPERATIONS[operation].input.members[member]})
    for value in good:
        assert read_members(only, {member: value}) == {member: value}
    for value in bad:
        with pytest.raises(Exception, match="validation error"):
            read_members(only, {member: value})


def test_places_inside_lists_and_structures_are_named() -> None:
    shape = OPERATIONS["AdminCreateUser"].input
    members = {
        "UserPoolId": "p_1",
        "Username": "ada",
        "UserAttributes": [{"Name": "email"}, None, {"Value": "x"}],
    }
    message = "Value null at 'userAttributes.3.member.name' failed to satisfy constraint"
    with pytest.raises(Exception, match=message):
        read_members(shape, members)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Permanent": "true"}, "STRING_VALUE can not be converted to a Boolean"),
        ({"Permanent": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
    ],
)
def test_a_flag_is_true_or_false(members: dict[str, object], message: str) -> None:
    with pytest.raises(Exception, match=message):
        read_members(OPERATIONS["AdminSetUserPassword"].input, members)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (-1, "at 'maxResults' failed .* greater than or equal to 0"),
        (21, "at 'maxResults' failed .* less than or equal to 20"),
        ("7", "STRING_VALUE can not be converted to an Integer"),
        (7.0, "NUMBER_VALUE can not be converted to an Integer"),
        (True, "TRUE_VALUE can not be converted to an Integer"),
    ],
)
def test_a_whole_number_is_one_within_its_limits(number: object, message: str) -> None:
    with pytest.raises(Exception, match=message):
        read_members(
            OPERATIONS["ListWebAuthnCredentials"].input,
            {"AccessToken": "a", "MaxResults": number},
        )


def test_a_list_is_a_list() -> None:
    with pytest.raises(Exception, match="Start of structure or map found where a list"):
        read_members(OPERATIONS["AdminCreateUser"].input, {"UserAttributes": {"Name": "x"}})
