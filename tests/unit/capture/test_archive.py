"""The zip of a package."""

from __future__ import annotations

import io
import zipfile

import pytest

from jupyter_lambda.capture.archive import write_zip
from jupyter_lambda.errors import CaptureError
from jupyter_lambda.model import quotas


def test_write_zip_is_the_same_for_any_order_of_files():
    files = {"b.py": b"2", "a/ñ.pickle": b"1" * 1000}
    assert write_zip(files) == write_zip(dict(reversed(files.items())))


def test_write_zip_makes_files_that_everybody_may_read():
    with zipfile.ZipFile(io.BytesIO(write_zip({"b.py": b"2", "a.py": b"1"}))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.py", "b.py"]
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.date_time[:3] for entry in entries} == {(1980, 1, 1)}


def test_write_zip_refuses_too_much_unzipped(monkeypatch):
    monkeypatch.setattr(quotas, "PACKAGE_UNZIPPED_MAX_BYTES", 1000)
    with pytest.raises(
        CaptureError, match=r"1\.2 kB unzipped; the limit is 1\.0 kB.*big \(1\.2 kB\)"
    ):
        write_zip({"big": bytes(1200), "small": b""})
