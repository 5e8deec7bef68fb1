"""The zip of a package: the same content gives the same bytes, on any day and any machine."""

from __future__ import annotations

import io
import zipfile

from jupyter_lambda.capture.report import format_bytes
from jupyter_lambda.errors import CaptureError
from jupyter_lambda.model import quotas

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_ALL = 0o100644 << 16
_UNIX = 3


def write_zip(files: dict[str, bytes]) -> bytes:
    """A zip with the files in sorted order.

    Raises:
        CaptureError: the package passes a limit of AWS.
    """
    unzipped = sum(map(len, files.values()))
    if unzipped > quotas.PACKAGE_UNZIPPED_MAX_BYTES:
        raise _over_limit(files, unzipped, quotas.PACKAGE_UNZIPPED_MAX_BYTES, "unzipped")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.external_attr = _READABLE_BY_ALL
            entry.create_system = _UNIX
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    data = buffer.getvalue()
    if len(data) > quotas.PACKAGE_ZIPPED_MAX_BYTES:
        raise _over_limit(files, len(data), quotas.PACKAGE_ZIPPED_MAX_BYTES, "zipped")
    return data


def _over_limit(files: dict[str, bytes], size: int, limit: int, what: str) -> CaptureError:
    largest = sorted(files, key=lambda path: len(files[path]), reverse=True)[:3]
    listed = ", ".join(f"{path} ({format_bytes(len(files[path]))})" for path in largest)
    return CaptureError(
        f"the package has {format_bytes(size)} {what}; the limit is {format_bytes(limit)}. "
        f"Its largest files are {listed}. Load large data inside the function instead."
    )
