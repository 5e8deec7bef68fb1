"""Source-first packaging: a notebook cell or a function becomes a plain Lambda package."""

from __future__ import annotations

from jupyter_lambda.capture.package import Package, package_cell, package_function
from jupyter_lambda.capture.report import Capture, CaptureReport
from jupyter_lambda.capture.sourcemap import CellOrigin, map_stack_trace

__all__ = [
    "Capture",
    "CaptureReport",
    "CellOrigin",
    "Package",
    "map_stack_trace",
    "package_cell",
    "package_function",
]
