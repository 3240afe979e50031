"""The roots: whose fault it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowengine.source import Diagnostic


class FlowEngineError(Exception):
    """The root; catch it to catch all that flowengine raises on purpose."""


class AuthorError(FlowEngineError):
    """A file or an expression is wrong; its author mends it.

    Attributes:
        diagnostics: All that was found, ordered by place; never empty.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Keep the findings; the message names the first and counts the rest."""
        first = diagnostics[0]
        where = first.source.position(first.span.start)
        more = f" (and {len(diagnostics) - 1} more)" if len(diagnostics) > 1 else ""
        super().__init__(
            f"{first.source.name}:{where.line}:{where.column}: {first.message} [{first.rule}]{more}"
        )
        self.diagnostics = tuple(diagnostics)


class InvalidDocumentError(AuthorError):
    """A flow or a deployment that cannot be used as it is written."""


class ExpressionError(AuthorError):
    """An expression that does not parse or does not type-check."""


class EvaluationError(FlowEngineError):
    """An expression has no value for these bindings: no such key, overflow, and the like.

    The message names the kind of failure, never a bound value.
    """


class CostExceededError(EvaluationError):
    """An evaluation was ended as it cost more than its budget; no operand absorbs this."""


class UnavailableError(AuthorError):
    """An engine was asked to run a flow that needs something it was not given."""

    def __init__(self, message: str) -> None:
        """Say what is missing; there is no place in a file to point at."""
        FlowEngineError.__init__(self, message)
        self.diagnostics = ()


class CallerError(FlowEngineError):
    """The request is refused; ``code`` is the exception's name in Cognito's API.

    Source: Amazon Cognito API reference, "Common Errors" and each operation's "Errors".

    Attributes:
        code: The ``__type`` of the wire: ``NotAuthorizedException``.
        status: The HTTP status; 400 for every refusal, as Cognito answers.
        message: What the wire says. Where Cognito's text names the client, it has
            ``{client_id}``, which the server fills in from the request it answers: an
            exception that is logged never holds a client id.
    """

    code: ClassVar[str] = "InvalidParameterException"
    status: ClassVar[int] = 400
    default_message: ClassVar[str] = ""

    def __init__(self, message: str = "") -> None:
        """Take the class's own text unless another is given."""
        self.message = message or self.default_message
        super().__init__(self.message)


class WorldError(FlowEngineError):
    """Something outside failed; the wire says InternalErrorException and nothing more."""


class StoreError(WorldError):
    """A store did not do what was asked; the driver's text is never part of the message."""


class KeyringError(WorldError):
    """A key is missing, malformed, or does not open what was sealed."""


class FunctionFailedError(WorldError):
    """A registered function raised, timed out or is not registered."""
