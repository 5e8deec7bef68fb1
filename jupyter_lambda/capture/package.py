"""A cell or a function in, a deployable package out: the two entry points of ``capture``.

The zip holds ``lambda_function.py``, ``assets/*.pickle``, the sources of local modules and
``manifest.json``. The same source with the same captured values gives the same bytes: whatever
changes from run to run (cell numbers, temporary file names) is kept in ``Package.manifest`` only.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import inspect
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_lambda.capture.adapter import entry_name, write_adapter
from jupyter_lambda.capture.archive import write_zip
from jupyter_lambda.capture.author import author_blocks, import_time_warnings
from jupyter_lambda.capture.cell import (
    Cell,
    future_imports,
    parse_cell,
    syntax_error,
    without_lines,
)
from jupyter_lambda.capture.closure import Closure
from jupyter_lambda.capture.decorators import own_decorator_lines, unwrapped
from jupyter_lambda.capture.generate import Listing, write_prelude
from jupyter_lambda.capture.handler import Handler, Style, find_handler, handler_of_callable
from jupyter_lambda.capture.modules import Home, home_of
from jupyter_lambda.capture.names import Names, find_imports, scan
from jupyter_lambda.capture.report import By, Capture, CaptureReport, Kind
from jupyter_lambda.capture.sourcemap import GENERATED_FILE, CellOrigin, LabelOf, label_for
from jupyter_lambda.errors import CaptureError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Package:
    """What is deployed.

    Attributes:
        zip_bytes: the package; equal input gives equal bytes.
        sha256: hexadecimal digest of ``zip_bytes``.
        handler: ``lambda_function.<name>``.
        manifest: what the zip's manifest has, plus the source map with its labels.
        report: what was captured, for people.
        source: the generated ``lambda_function.py``.
        preload: installed top-level modules that are imported before the first event.
        function: the name of the author's own handler function; ``None`` when the cell is the body.
        undefined: names that the code reads and nothing defines, as far as can be told now.
    """

    zip_bytes: bytes
    sha256: str
    handler: str
    manifest: dict[str, Any]
    report: CaptureReport
    source: str
    preload: tuple[str, ...]
    function: str | None
    undefined: tuple[str, ...] = ()


def package_cell(
    source: str,
    namespace: dict[str, Any],
    *,
    name: str,
    cell: CellOrigin,
    label_of: LabelOf | None = None,
) -> Package:
    """Package a notebook cell. It need not have been run.

    Args:
        source: the cell's text without the ``%%lambda`` line.
        namespace: the notebook's globals, for what the cell uses and does not define.
        name: the function's name; a ``def`` of that name is the handler.
        cell: what the cell is called.
        label_of: what other cells are called, by file name.

    Raises:
        CellSyntaxError: the cell is not Python.
        HandlerNotFound: there is no handler in it.
        CaptureError: a value that cannot or should not be shipped.
    """
    parsed = parse_cell(source, cell)
    futures, dropped = future_imports(parsed)
    for statement in parsed.tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            dropped |= own_decorator_lines(statement.decorator_list, namespace)
    parsed = without_lines(parsed, dropped)
    if namespace.get("annotations") is __future__.annotations:
        futures.add("annotations")
    try:
        names = scan(parsed.source, parsed.tree, future_annotations="annotations" in futures)
    except SyntaxError as error:
        raise syntax_error(error, parsed.lines, cell) from None
    handler = find_handler(parsed, names, name)
    closure = Closure(namespace, home=str(namespace.get("__name__", "__main__")))
    closure.future_annotations = "annotations" in futures
    author = author_blocks(parsed, handler, names, closure)
    listing = Listing(label_of)
    if closure.future_annotations:
        futures.add("annotations")
    write_prelude(listing, closure.items, closure.submodules, futures)
    listing.space()
    for block in author:
        listing.copy(block, cell.label)
    closure.warnings += import_time_warnings(parsed, handler)
    return _finish(listing, closure, handler, taken=names.bound, cell=parsed)


def package_function(
    function: Callable[..., Any], *, name: str, label_of: LabelOf | None = None
) -> Package:
    """Package a live function, or anything that can be called.

    Its module is treated as a notebook is: what it defines and the function needs is copied by
    source. A function of an installed distribution is imported.

    Raises:
        HandlerNotFound: it cannot be called with an event.
        CaptureError: it, or a value it uses, cannot or should not be shipped.
    """
    target = unwrapped(function)
    if not callable(target):
        raise CaptureError(f"{name!r} is a {type(target).__qualname__}, which cannot be called")
    inner = inspect.unwrap(target)
    namespace = getattr(inner, "__globals__", None) or vars(sys.modules["__main__"])
    home = str(namespace.get("__name__", "__main__"))
    if home != "__main__" and home_of(home.partition(".")[0]) in (Home.INSTALLED, Home.STANDARD):
        namespace, home = {}, "__main__"
    bound_name = _bound_name(target, name)
    handler = handler_of_callable(target, bound_name)
    closure = Closure(namespace, home)
    closure.capture(bound_name, target, f"function {name!r}")
    closure.follow(f"function {name!r}", Names())
    listing = Listing(label_of)
    futures = {"annotations"} if closure.future_annotations else set()
    write_prelude(listing, closure.items, closure.submodules, futures)
    return _finish(listing, closure, handler, taken=set(), cell=None)


def _bound_name(target: Any, name: str) -> str:
    own = getattr(target, "__name__", "")
    if isinstance(own, str) and own.isidentifier():
        return own
    return (
        re.sub(r"\W", "_", name) if name[:1].isalpha() else "function_" + re.sub(r"\W", "_", name)
    )


def _finish(
    listing: Listing, closure: Closure, handler: Handler, *, taken: set[str], cell: Cell | None
) -> Package:
    """Add the adapter, check that the file compiles, and pack it."""
    entry = handler.name
    if handler.style not in (Style.EVENT_AND_CONTEXT, Style.BODY):
        entry = entry_name(taken | closure.items.keys())
        listing.space()
        listing.write(write_adapter(handler, entry))
    text = listing.text
    tree = _compile(text, listing, cell)
    initial = find_imports(tree).initial | closure.asset_modules | closure.modules.initial
    tops = {module.partition(".")[0] for module in initial}
    preload = tuple(sorted(tops & closure.modules.installed))
    report = _report(closure)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "handler": f"lambda_function.{entry}",
        "distributions": closure.modules.distributions(),
        "captures": [row.to_dict() for row in report.rows],
        "preload": list(preload),
    }
    files = {GENERATED_FILE: text.encode()}
    files["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True).encode()
    for name, item in closure.items.items():
        if item.asset is not None:
            files[f"assets/{name}.pickle"] = item.asset
    for shipped in closure.modules.shipped.values():
        files.update(shipped)
    zip_bytes = write_zip(files)
    manifest["source_map"] = [segment.to_dict() for segment in listing.segments]
    manifest["captured_files"] = {
        shown: label_for(real, listing.label_of) for shown, real in closure.captured_files.items()
    }
    digest = hashlib.sha256(zip_bytes).hexdigest()
    function = None if handler.style is Style.BODY else handler.name
    return Package(
        zip_bytes=zip_bytes,
        sha256=digest,
        handler=manifest["handler"],
        manifest=manifest,
        report=report,
        source=text,
        preload=preload,
        function=function,
        undefined=tuple(sorted(closure.undefined)),
    )


def _compile(text: str, listing: Listing, cell: Cell | None) -> ast.Module:
    try:
        tree = ast.parse(text)
        compile(tree, GENERATED_FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        if cell is None:
            raise CaptureError(
                f"the function cannot be written as a file of its own: {error}"
            ) from error
        first = cell.origin.first_line
        for segment in listing.segments:
            offset = (error.lineno or 0) - segment.line
            if segment.file == cell.origin.filename and 0 <= offset < segment.lines:
                line = segment.cell_line + offset - first + 1
                raise syntax_error(error, cell.lines, cell.origin, cell_line=line) from None
        raise CaptureError(f"{cell.origin.label} cannot be written as a file: {error}") from error
    return tree


def _report(closure: Closure) -> CaptureReport:
    rows = [item.capture for item in closure.items.values()]
    for name, files in sorted(closure.modules.shipped.items()):
        size = sum(map(len, files.values()))
        detail = f"local module, {len(files)} file{'s' if len(files) > 1 else ''} shipped"
        rows.append(Capture(name, Kind.MODULE, size, By.SOURCE, detail))
    warnings = closure.warnings + closure.undefined_warnings()
    warnings += [
        f"module {name!r} is imported but not installed here"
        for name in sorted(closure.modules.missing)
    ]
    return CaptureReport(tuple(rows), tuple(warnings))
