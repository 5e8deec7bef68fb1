"""Which of our environment variables a process that we start may see."""

from __future__ import annotations

import os

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


def passed_on() -> list[str]:
    """Names in our environment that hold no secret and that an interpreter may need."""
    return [name for name in os.environ if name in _PASSED_ON or name.startswith("OPENBLAS_")]
