"""``@jl.function``: a Python function, deployed where it is defined."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, overload

from jupyter_lambda.client import session
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.here import Handler
from jupyter_lambda.client.session import DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_S
from jupyter_lambda.model.function import FunctionConfiguration


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
    """Make the decorated function one of the service's.

    In a notebook it is deployed at once, elsewhere at its first remote use. With the same code
    and settings nothing changes.

    Args:
        name: the function's name on the service; its Python name if None.
        memory: MB, 128 to 10,240.
        timeout: seconds, 1 to 900.
        env: environment variables.

    Raises:
        CaptureError: a value it uses cannot be shipped; the message names it.
        InvalidParameterValue: a setting that AWS would refuse.
    """

    def wrap(local: Handler) -> Function:
        chosen = name or str(getattr(local, "__name__", ""))
        settings = {
            "name": chosen,
            "memory": memory,
            "timeout": timeout,
            "env": env,
            "description": description,
        }
        return _define(local, chosen, settings)

    return wrap if handler is None else wrap(handler)


def _define(local: Handler, name: str, settings: dict[str, Any]) -> Function:
    check_settings(name, settings)
    used = session.current

    def deploy() -> dict[str, Any]:
        session.prepare()
        from jupyter_lambda.capture import package_function

        package = package_function(local, name=name, label_of=cell_label)
        deployment = used().deploy(package, source="decorator", **settings)
        content: dict[str, Any] = deployment.function.described
        return content

    if not in_notebook():
        # A script may define what the function needs further down, and may only be imported.
        return Function(used, None, name=name, local=local, deploy=deploy)
    from jupyter_lambda.capture import package_function

    package = package_function(local, name=name, label_of=cell_label)
    deployment = used().deploy(package, source="decorator", **settings)
    # What is not defined yet may be by the first use.
    later = deploy if package.undefined else None
    return Function(used, deployment.function.described, name=name, local=local, deploy=later)


def check_settings(name: str, settings: dict[str, Any]) -> None:
    """Refuse at the definition what the service would refuse at the deploy."""
    FunctionConfiguration(
        name=name,
        handler="lambda_function.handler",
        memory_mb=settings["memory"],
        timeout_s=settings["timeout"],
        environment=dict(settings["env"] or {}),
        description=settings["description"],
    )


def in_notebook() -> bool:
    """Whether IPython runs here, so that a definition is to be deployed and seen at once."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def cell_label(filename: str) -> str | None:
    """What IPython calls the cell it compiled under ``filename``, such as ``Cell In[5]``."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    name_of = getattr(getattr(shell, "compile", None), "format_code_name", None)
    named = name_of(filename) if name_of is not None else None
    return " ".join(named) if named else None
