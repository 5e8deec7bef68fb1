"""The ``context`` argument of a handler, as the managed Python runtime gives it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html.
"""

from __future__ import annotations

import os
import sys
import time


class CognitoIdentity:
    """Always present; its attributes are unset unless a mobile SDK called."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class LambdaContext:
    """What a handler can learn of its own invocation."""

    def __init__(
        self, *, aws_request_id: str, invoked_function_arn: str, deadline_monotonic_s: float
    ) -> None:
        self.aws_request_id = aws_request_id
        self.invoked_function_arn = invoked_function_arn
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.client_context = None
        self.identity = CognitoIdentity()
        self.tenant_id = None
        self._deadline_monotonic_s = deadline_monotonic_s

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is killed; never below zero."""
        return max(0, int((self._deadline_monotonic_s - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Write to the function's log as it is, without a newline of its own."""
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
            "tenant_id",
        )
        return f"LambdaContext([{','.join(f'{name}={getattr(self, name)}' for name in names)}])"
