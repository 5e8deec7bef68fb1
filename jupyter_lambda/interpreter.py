"""How a fresh interpreter that we start finds this package."""

from __future__ import annotations

import os
import site
import sys


def module_command(module: str) -> list[str]:
    """Run one of our modules as a program, with nothing of the current directory on its path."""
    return [sys.executable, "-P", "-m", module]


def import_environment() -> dict[str, str]:
    """Variables that make the package importable; none where it is installed.

    ``PYTHONPATH`` comes before the standard library, so site-packages must not be put there.
    """
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = root in (*site.getsitepackages(), site.getusersitepackages())
    if installed:
        return {}
    given = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": os.pathsep.join([root, given]) if given else root}
