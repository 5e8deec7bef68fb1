"""What a function is: its configuration, its code by digest, and the rules for both.

Pure: nothing here reads a file or a clock. ``control`` writes these, ``invoke`` reads them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jupyter_lambda.errors import InvalidParameterValue
from jupyter_lambda.model import quotas

LATEST = "$LATEST"
REGION = "us-east-1"
ACCOUNT = "000000000000"

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_ENVIRONMENT_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class FunctionConfiguration:
    """The mutable settings of a function, in AWS's fields and our units.

    Raises:
        InvalidParameterValue: a field that AWS would refuse; the message names field and limit.
    """

    name: str
    handler: str
    memory_mb: int = quotas.MEMORY_DEFAULT_MB
    timeout_s: int = quotas.TIMEOUT_DEFAULT_S
    environment: dict[str, str] = field(default_factory=dict)
    description: str = ""
    runtime: str = "python3.11"
    preload: tuple[str, ...] = ()
    """Distributions' top modules that a zygote imports ahead, such as ``("numpy", "pandas")``."""

    def __post_init__(self) -> None:
        check_name(self.name)
        check_integer("memory", self.memory_mb, quotas.MEMORY_MIN_MB, quotas.MEMORY_MAX_MB, "MB")
        check_integer("timeout", self.timeout_s, quotas.TIMEOUT_MIN_S, quotas.TIMEOUT_MAX_S, "s")
        check_environment(self.environment)
        check_description(self.description)


@dataclass(frozen=True, slots=True)
class Function:
    """A stored function: its configuration, where its code is, and when it changed."""

    configuration: FunctionConfiguration
    code_sha256: str
    code_size_bytes: int
    revision: int
    revision_id: str
    created_at: datetime
    last_modified: datetime
    manifest: dict[str, Any]
    """What the packager recorded: captures, source map, Python and distribution versions."""
    source: str
    """Which door made it: ``magic``, ``decorator``, ``api``."""

    @property
    def name(self) -> str:
        return self.configuration.name

    @property
    def version(self) -> str:
        return LATEST

    @property
    def arn(self) -> str:
        return function_arn(self.name)

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def check_name(name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidParameterValue(
            f"function name {name!r} is not valid: a name is 1 to "
            f"{quotas.FUNCTION_NAME_MAX_CHARACTERS} letters, digits, hyphens or underscores"
        )
    if len(name) > quotas.FUNCTION_NAME_MAX_CHARACTERS:
        raise InvalidParameterValue(
            f"function name {name[:20]!r}… has {len(name)} characters; the limit is "
            f"{quotas.FUNCTION_NAME_MAX_CHARACTERS}"
        )


def check_integer(label: str, value: object, low: int, high: int, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidParameterValue(
            f"{label} must be a whole number of {unit}, from {low} to {high}; got {value!r}"
        )
    if not low <= value <= high:
        raise InvalidParameterValue(
            f"{label} {value} {unit} is out of range: it must be from {low} to {high} {unit}"
        )


def check_description(description: str) -> None:
    if len(description) > quotas.DESCRIPTION_MAX_CHARACTERS:
        raise InvalidParameterValue(
            f"description has {len(description)} characters; the limit is "
            f"{quotas.DESCRIPTION_MAX_CHARACTERS}"
        )


def check_environment(environment: dict[str, str]) -> None:
    for key, value in environment.items():
        if not isinstance(key, str) or not _ENVIRONMENT_KEY.fullmatch(key):
            raise InvalidParameterValue(
                f"environment variable name {key!r} is not valid: it starts with a letter and "
                "has two or more letters, digits or underscores"
            )
        if not isinstance(value, str):
            raise InvalidParameterValue(
                f"environment variable {key} must be text; got {type(value).__name__}"
            )
    reserved = sorted(quotas.RESERVED_ENVIRONMENT_KEYS & environment.keys())
    if reserved:
        raise InvalidParameterValue(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            f"for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(environment, separators=(",", ":"))
    if environment and len(measured.encode()) > quotas.ENVIRONMENT_MAX_BYTES:
        raise InvalidParameterValue(
            "Lambda was unable to configure your environment variables because the environment "
            f"variables you have provided exceeded the 4KB limit "
            f"({len(measured.encode())} of {quotas.ENVIRONMENT_MAX_BYTES} bytes)"
        )
