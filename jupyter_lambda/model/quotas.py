"""Every limit that the service applies, each with its unit in the name.

Source: AWS Lambda quotas, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html,
and the API reference of ``CreateFunction``; ours are marked so.
"""

from __future__ import annotations

FUNCTION_NAME_MAX_CHARACTERS = 64
DESCRIPTION_MAX_CHARACTERS = 256
MEMORY_MIN_MB = 128
MEMORY_MAX_MB = 10_240
MEMORY_DEFAULT_MB = 128
TIMEOUT_MIN_S = 1
TIMEOUT_MAX_S = 900
TIMEOUT_DEFAULT_S = 3
ENVIRONMENT_MAX_BYTES = 4_096
SYNC_PAYLOAD_MAX_BYTES = 6_291_456
SYNC_RESPONSE_MAX_BYTES = 6_291_556
PACKAGE_ZIPPED_MAX_BYTES = 52_428_800
PACKAGE_UNZIPPED_MAX_BYTES = 262_144_000
INIT_MAX_S = 10
LOG_TAIL_BYTES = 4_096
LOG_LINE_MAX_BYTES = 262_144

# Ours. A run's items are not HTTP requests of their own, so they may be larger than AWS's 6 MB.
RUN_ITEM_MAX_BYTES = 268_435_456
CAPTURE_WARN_BYTES = 1_000_000
CAPTURE_MAX_BYTES = 20_000_000

RESERVED_ENVIRONMENT_KEYS = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
