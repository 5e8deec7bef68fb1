"""What a deployment package must be."""

from __future__ import annotations

import io
import zipfile

import pytest

from jupyter_lambda.control.functions import check_package
from jupyter_lambda.errors import InvalidParameterValue, RequestTooLarge
from jupyter_lambda.model import quotas


def package(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_package_with_the_handlers_module_passes():
    check_package(package(**{"lambda_function.py": b""}), "lambda_function.handler")
    check_package(package(**{"app/main.py": b""}), "app.main.handler")


@pytest.mark.parametrize(
    ("content", "handler", "message"),
    [
        (b"not a zip", "m.h", "Could not unzip"),
        (package(**{"other.py": b""}), "m.h", "must hold m.py"),
        (package(**{"m.py": b""}), "handler", "no module for the handler"),
        (package(**{"m.py": b"", "../evil.py": b""}), "m.h", "outside its root"),
        (package(**{"m.py": b"", "/evil.py": b""}), "m.h", "outside its root"),
        (package(**{"m.py": bytes(quotas.PACKAGE_UNZIPPED_MAX_BYTES)}), "m.h", "Unzipped size"),
    ],
)
def test_package_that_cannot_run_is_refused(content, handler, message):
    with pytest.raises(InvalidParameterValue, match=message):
        check_package(content, handler)


def test_package_over_awss_limit_is_refused():
    with pytest.raises(RequestTooLarge, match="52428800"):
        check_package(bytes(quotas.PACKAGE_ZIPPED_MAX_BYTES + 1), "m.h")
