"""Import statements for what the notebook imported, written anew from the live objects.

The namespace only holds the objects, so each statement is derived from the object and checked:
it is used only when importing it again in this process would give the very same object.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any


def import_module(name: str, module: ModuleType) -> str | None:
    """``import a``, ``import a.b as name``; ``None`` when the module is not importable."""
    dotted = module.__name__
    if sys.modules.get(dotted) is not module:
        return None
    if dotted == name:
        return f"import {dotted}"
    return f"import {dotted} as {name}"


def import_object(name: str, value: Any, home: str) -> tuple[str, str] | None:
    """``from a.b import c as name`` and ``a.b``, for what knows its own module and name."""
    module = getattr(value, "__module__", None)
    own_name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not (isinstance(module, str) and isinstance(own_name, str)):
        return None
    if module in (home, "__main__") or not own_name.isidentifier():
        return None
    for candidate in _shortest_first(module):
        if _attribute(candidate, own_name) is value:
            return _from_import(candidate, own_name, name), candidate
    return None


def import_by_identity(name: str, value: Any, home: str) -> tuple[str, str] | None:
    """The statement for an object that does not know its name, such as ``random.random``."""
    names = {name, getattr(value, "__name__", name)}
    found = [
        (module.count("."), module.startswith("_"), module, attribute)
        for module in list(sys.modules)
        if module not in (home, "__main__")
        for attribute in names
        if isinstance(attribute, str) and _attribute(module, attribute) is value
    ]
    if not found:
        return None
    *_, module, attribute = min(found)
    return _from_import(module, attribute, name), module


def submodules_read(name: str, module: ModuleType, reads: Iterable[str]) -> Iterator[str]:
    """The submodules that are reached through a module's attributes, as in ``xml.etree``."""
    for read in reads:
        first, *rest = read.split(".")
        if first != name:
            continue
        dotted = module.__name__
        current: Any = module
        for attribute in rest:
            dotted = f"{dotted}.{attribute}"
            current = vars(current).get(attribute) if isinstance(current, ModuleType) else None
            if not isinstance(current, ModuleType) or sys.modules.get(dotted) is not current:
                break
            if current.__name__ == dotted:
                yield dotted


def star_names(module: str) -> set[str] | None:
    """What ``from module import *`` binds; ``None`` when the module was not imported here."""
    loaded = sys.modules.get(module)
    if not isinstance(loaded, ModuleType):
        return None
    public = {name for name in vars(loaded) if not name.startswith("_")}
    return set(getattr(loaded, "__all__", public))


def _shortest_first(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])


def _attribute(module: str, attribute: str) -> Any:
    loaded = sys.modules.get(module)
    return vars(loaded).get(attribute) if isinstance(loaded, ModuleType) else None


def _from_import(module: str, attribute: str, name: str) -> str:
    if attribute == name:
        return f"from {module} import {name}"
    return f"from {module} import {attribute} as {name}"
