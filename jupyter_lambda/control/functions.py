"""Create, update and delete functions.

A put of the same code and configuration changes nothing, so that running a notebook twice leaves
one revision. A revision id is random and names code and configuration at once; environments are
kept by it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from jupyter_lambda.clock import Clock, format_uuid, new_request_id
from jupyter_lambda.errors import InvalidParameterValue, RequestTooLarge, ResourceNotFound
from jupyter_lambda.model import quotas
from jupyter_lambda.model.function import Function, FunctionConfiguration
from jupyter_lambda.stores.code import CodeStore
from jupyter_lambda.stores.functions import FunctionStore


class Change(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class PutResult:
    change: Change
    function: Function


class Functions:
    """The one writer of functions; writes of one name never overlap."""

    def __init__(
        self,
        *,
        store: FunctionStore,
        code: CodeStore,
        clock: Clock,
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._store = store
        self._code = code
        self._clock = clock
        self._writing = asyncio.Lock()
        self._known: dict[str, Function] = {}
        """Read from the store once; this is its only writer."""

    def get(self, name: str) -> Function:
        """The function as it is now.

        Raises:
            ResourceNotFound: there is no such function.
        """
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._store.get(name)
        return known

    async def put(
        self,
        configuration: FunctionConfiguration,
        package: bytes,
        *,
        manifest: dict[str, Any],
        source: str,
    ) -> PutResult:
        """Store code and configuration; a function half stored is never seen.

        Raises:
            InvalidParameterValue: the package is not a zip, or lacks the handler's module.
            RequestTooLarge: the package is over AWS's limit, zipped or unzipped.
        """
        check_package(package, configuration.handler)
        digest = hashlib.sha256(package).hexdigest()
        async with self._writing:
            previous = self._find(configuration.name)
            if previous is not None and _same(previous, configuration, digest):
                if previous.manifest != manifest:
                    # The same code, seen from a cell of another number: tracebacks follow it.
                    await self._write(replace(previous, manifest=manifest))
                return PutResult(Change.UNCHANGED, self.get(configuration.name))
            now = self._clock.now()
            function = Function(
                configuration=configuration,
                code_sha256=digest,
                code_size_bytes=len(package),
                revision=self._store.next_revision(configuration.name),
                revision_id=format_uuid(new_request_id()),
                created_at=previous.created_at if previous else now,
                last_modified=now,
                manifest=manifest,
                source=source,
            )
            self._code.put(package)
            await self._write(function)
        self.on_change()
        return PutResult(Change.UPDATED if previous else Change.CREATED, function)

    async def _write(self, function: Function) -> None:
        await asyncio.wrap_future(self._store.put(function))
        self._known[function.name] = function

    async def delete(self, name: str) -> None:
        """Remove the function; its logs and usage stay, since they were billed.

        Raises:
            ResourceNotFound: there is no such function.
        """
        async with self._writing:
            self.get(name)
            await asyncio.wrap_future(self._store.delete(name))
            del self._known[name]
        self.on_change()

    def _find(self, name: str) -> Function | None:
        try:
            return self.get(name)
        except ResourceNotFound:
            return None


def _same(previous: Function, configuration: FunctionConfiguration, digest: str) -> bool:
    return previous.code_sha256 == digest and previous.configuration == configuration


def check_package(package: bytes, handler: str) -> None:
    if len(package) > quotas.PACKAGE_ZIPPED_MAX_BYTES:
        raise RequestTooLarge(
            f"the deployment package has {len(package)} bytes; the limit is "
            f"{quotas.PACKAGE_ZIPPED_MAX_BYTES} bytes zipped"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            entries = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise InvalidParameterValue(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error
    unzipped = sum(entries.values())
    if unzipped >= quotas.PACKAGE_UNZIPPED_MAX_BYTES:
        raise InvalidParameterValue(
            f"Unzipped size must be smaller than {quotas.PACKAGE_UNZIPPED_MAX_BYTES} bytes; "
            f"this package has {unzipped}"
        )
    escaping = [name for name in entries if name.startswith("/") or ".." in name.split("/")]
    if escaping:
        raise InvalidParameterValue(f"the package has an entry outside its root: {escaping[0]!r}")
    module = handler.rpartition(".")[0].replace(".", "/")
    if not module or not {f"{module}.py", f"{module}/__init__.py"} & entries.keys():
        raise InvalidParameterValue(
            f"the package has no module for the handler {handler!r}: "
            f"it must hold {module or '<module>'}.py"
        )
