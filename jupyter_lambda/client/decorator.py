"""``@jl.function``: a Python function, deployed where it is defined."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, overload

from jupyter_lambda.capture import package_function
from jupyter_lambda.client import session
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.session import DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_S

Handler = Callable[..., Any]


@overload
def function(handler: Handler, /) -> Function: ...
@overload
def function(
    *,
    name: str | None = None,
    memory: int = DEFAULT_MEMORY_MB,
    timeout: int = DEFAULT_TIMEOUT_S,
    env: Mapping[str, str] | None = None,
    description: str = "",
) -> Callable[[Handler], Function]: ...
def function(
    handler: Handler | None = None,
    /,
    *,
    name: str | None = None,
    memory: int = DEFAULT_MEMORY_MB,
    timeout: int = DEFAULT_TIMEOUT_S,
    env: Mapping[str, str] | None = None,
    description: str = "",
) -> Function | Callable[[Handler], Function]:
    """Deploy the decorated function; with the same code and settings nothing changes.

    Args:
        name: the function's name on the service; its Python name if None.
        memory: MB, 128 to 10,240.
        timeout: seconds, 1 to 900.
        env: environment variables.

    Raises:
        CaptureError: a value it uses cannot be shipped; the message names it.
        InvalidParameterValue: a setting that AWS would refuse.
    """

    def deploy(local: Handler) -> Function:
        chosen = name or str(getattr(local, "__name__", ""))
        package = package_function(local, name=chosen, label_of=cell_label)
        deployment = session.current().deploy(
            package,
            name=chosen,
            memory=memory,
            timeout=timeout,
            env=env,
            description=description,
            source="decorator",
        )
        deployment.function.local = local
        return deployment.function

    return deploy if handler is None else deploy(handler)


def cell_label(filename: str) -> str | None:
    """What IPython calls the cell it compiled under ``filename``, such as ``Cell In[5]``."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    name_of = getattr(getattr(shell, "compile", None), "format_code_name", None)
    named = name_of(filename) if name_of is not None else None
    return " ".join(named) if named else None
