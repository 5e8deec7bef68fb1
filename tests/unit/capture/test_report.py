"""What a person reads before the package ships."""

from __future__ import annotations

import pytest

from jupyter_lambda.capture import Capture, CaptureReport
from jupyter_lambda.capture.report import By, Kind, format_bytes

ROWS = (
    Capture("table", Kind.ASSET, 1_500_000, By.VALUE),
    Capture("np", Kind.IMPORT, 0, By.REFERENCE, "import numpy as np"),
)


def test_report_text_has_a_line_per_name_and_the_warnings():
    text = CaptureReport(ROWS, ("mind this",)).text()
    assert text.splitlines() == [
        "table  asset        1.5 MB  by value",
        "np     import          0 B  by reference  import numpy as np",
        "captured at deploy, later changes need a new deploy: table",
        "warning: mind this",
    ]


def test_report_sums_and_names_what_is_frozen():
    report = CaptureReport(ROWS)
    assert report.bytes == 1_500_000
    assert report.frozen_names == ("table",)
    assert CaptureReport().text() == ""


def test_capture_is_plain_in_the_manifest():
    assert ROWS[0].to_dict() == {
        "name": "table",
        "kind": "asset",
        "bytes": 1_500_000,
        "by": "value",
    }


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (36_900, "36.9 kB"), (20_000_000, "20.0 MB")],
)
def test_format_bytes_uses_decimal_units(size, text):
    assert format_bytes(size) == text
