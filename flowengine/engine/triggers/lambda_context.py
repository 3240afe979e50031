"""The second argument of a Lambda handler.

Source: AWS Lambda developer guide, "Using the Lambda context object to retrieve Python function
information".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final

LIMIT: Final = timedelta(seconds=5)
"""What Cognito gives a trigger (developer guide, "Lambda trigger considerations")."""


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What handlers read of it; there is no function in a cloud that it could be about.

    Attributes:
        function_name: The trigger's name.
        aws_request_id: The sign-in's ``event_id``, the same in the audit and in tokens.
    """

    function_name: str
    aws_request_id: str
    function_version: str = "$LATEST"
    invoked_function_arn: str = ""
    memory_limit_in_mb: str = "128"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None
    _until: float = field(default_factory=lambda: monotonic() + LIMIT.total_seconds(), repr=False)

    def get_remaining_time_in_millis(self) -> int:
        """Say how long the handler may still take."""
        return max(int((self._until - monotonic()) * 1000), 0)
