"""A data scientist's session: magics in a real kernel, on the real service."""

from __future__ import annotations

import json
import os
import queue
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_lambda.client.session import Session
from jupyter_lambda.interpreter import import_environment

CELL_PATIENCE_S = 60
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Outcome:
    """All that a cell left behind."""

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    error: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    """Display messages in order: ``data``, and ``display_id`` where there is one."""

    @property
    def text(self) -> str:
        return "\n".join(str(shown["data"].get("text/plain")) for shown in self.displays)

    @property
    def html(self) -> str:
        return "\n".join(str(shown["data"].get("text/html", "")) for shown in self.displays)


class Kernel:
    """A kernel in which cells are run one after the other."""

    def __init__(self, folder: Path) -> None:
        self._manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        self._manager.start_kernel(env=os.environ | import_environment(), cwd=str(folder))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=CELL_PATIENCE_S)

    def run(self, code: str, *, interrupt_at: Callable[[Outcome], bool] | None = None) -> Outcome:
        outcome = Outcome()
        request = self._client.execute(code)
        while outcome.status == "":
            try:
                message = self._client.get_iopub_msg(timeout=CELL_PATIENCE_S)
            except queue.Empty:
                pytest.fail(f"nothing more came from: {code}")
            if message["parent_header"].get("msg_id") == request:
                self._take(outcome, message["msg_type"], message["content"])
                if interrupt_at is not None and interrupt_at(outcome):
                    interrupt_at = None
                    self._manager.interrupt_kernel()
        reply = self._client.get_shell_msg(timeout=CELL_PATIENCE_S)
        while reply["parent_header"].get("msg_id") != request:
            reply = self._client.get_shell_msg(timeout=CELL_PATIENCE_S)
        outcome.status = reply["content"]["status"]
        return outcome

    @staticmethod
    def _take(outcome: Outcome, kind: str, content: dict[str, Any]) -> None:
        if kind == "status" and content["execution_state"] == "idle":
            outcome.status = "idle"
        elif kind == "stream":
            name = content["name"]
            setattr(outcome, name, getattr(outcome, name) + content["text"])
        elif kind == "error":
            outcome.error = _COLOUR.sub("", "\n".join(content["traceback"]))
        elif kind in ("display_data", "update_display_data", "execute_result"):
            display_id = content.get("transient", {}).get("display_id")
            outcome.displays.append({"data": content["data"], "display_id": display_id})

    def run_well(self, code: str) -> Outcome:
        outcome = self.run(code)
        assert outcome.status == "ok", outcome.error or outcome.stderr
        return outcome

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_session: Session) -> Path:
    return shared_session.home


@pytest.fixture(scope="module")
def kernel(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_LAMBDA_HOME", str(home))
        kernel = Kernel(tmp_path_factory.mktemp("notebook"))
        kernel.run_well("%load_ext jupyter_lambda\nscale = 3\nrates = list(range(10_000))")
        yield kernel
        kernel.stop()


AREA = """%%lambda area --memory 256 --timeout 20 -e MODE=fast
def area(event, context):
    print("side", event)
    if event == 13:
        raise KeyError("unlucky")
    return event * scale + rates[1]"""


def test_cell_becomes_a_function_and_says_what_it_took(kernel: Kernel) -> None:
    card = kernel.run_well(AREA)
    for words in ("λ area", "created", "256 MB", "20 s", "rates", "asset", "scale", "constant"):
        assert words in card.text
        assert words in card.html
    assert "unchanged" in kernel.run_well(AREA).text
    assert "updated" in kernel.run_well(AREA.replace("256", "512")).text
    assert kernel.run_well("area(2), area.invoke(2)").text == "(7, 7)"


def test_invoke_shows_output_and_gives_the_result(kernel: Kernel) -> None:
    kernel.run_well(AREA)
    called = kernel.run_well("x = %lambda invoke area 4\nx + 1")
    assert called.stdout.startswith("side 4\n")
    assert re.search(r"billed \d+ ms .* MB .* \$0\.0+\d+ .* request ", called.stdout)
    assert called.text == "14"
    kernel.run_well("side = {'of': 5}")
    assert kernel.run_well("%lambda invoke area =side['of']").text == "16"
    failed = kernel.run("%lambda invoke area 13")
    assert failed.status == "error"
    assert re.search(r"Cell In\[\d+\], line 5, in area", failed.error)
    assert "jupyter_lambda" not in failed.error


def test_long_invoke_shows_its_output_live(kernel: Kernel) -> None:
    kernel.run_well(
        "%%lambda patient\nimport time\ndef patient(event):\n"
        "    print('first')\n    time.sleep(60)\n"
    )
    cut = kernel.run("%lambda invoke patient 1", interrupt_at=lambda so_far: so_far.stdout != "")
    assert cut.stdout == "first\n"
    assert cut.error == "KeyboardInterrupt"


def test_map_shows_progress_and_names_the_failures(kernel: Kernel) -> None:
    kernel.run_well(AREA)
    mapped = kernel.run_well("run = %lambda map area =range(40)")
    final = mapped.displays[-1]["data"]
    assert "area · 39/40 ok · 1 failed (1 KeyError) · p50 " in final["text/plain"]
    assert "1 failed (1 KeyError)" in final["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in final
    assert len({shown["display_id"] for shown in mapped.displays}) == 1
    assert kernel.run_well("len(run.results('skip'))").text == "39"
    assert "failed, 39 of 40 ok, 1 failed" in kernel.run_well("%lambda run :run").text
    kernel.run_well(AREA.replace("13", "130"))
    assert "40/40 ok" in kernel.run_well("%lambda retry :run --error KeyError").text


def test_interrupt_leaves_the_run_going(kernel: Kernel, shared_session: Session) -> None:
    kernel.run_well("%%lambda nap\nimport time\ndef nap(event): time.sleep(event)")
    cut = kernel.run("nap.map([0.1] * 30).wait()", interrupt_at=lambda o: bool(o.displays))
    assert cut.status == "error"
    run_id = re.search(r"detached: run (\w+) goes on; get it back with jl.run", cut.stderr)
    assert run_id is not None
    left = cut.displays[-1]["data"]
    assert "application/vnd.jupyter.widget-view+json" not in left
    assert f"%lambda run {run_id[1]}" in left["text/html"]
    assert "30/30 ok" in kernel.run_well(f"%lambda run {run_id[1]}").text
    assert shared_session.run(run_id[1]).state == "succeeded"


def test_endless_input_is_ended_by_an_interrupt(kernel: Kernel, shared_session: Session) -> None:
    kernel.run_well("%%lambda same\ndef same(event): return event")
    kernel.run_well("import itertools")
    cut = kernel.run("%lambda map same =itertools.count()", interrupt_at=lambda o: bool(o.displays))
    assert cut.error == "KeyboardInterrupt"
    run_id = re.search(r"the input of run (\w+) ends here", cut.stderr)
    assert run_id is not None
    content = shared_session.run(run_id[1]).wait()
    assert content["ok"] == content["accepted"] > 0
    assert "interrupted" in content["input_error"]


def test_views_have_text_and_html(kernel: Kernel) -> None:
    kernel.run_well(AREA)
    kernel.run_well("run = %lambda map area [1, 2, 13]")
    for line, words in {
        "%lambda": ("Functions", "Runs", "this month"),
        "%lambda list": ("area", "cost this month"),
        "%lambda show area": ("arn:aws:lambda", "MODE=fast", "Captured", "Invocations"),
        "%lambda logs area": ("START RequestId", "side 2", "REPORT RequestId"),
        "%lambda logs :run": ("side 13", "KeyError"),
        "%lambda runs area": ("failed", "2/3"),
        "%lambda cost": ("free tier", "payable", "By function"),
        "%lambda cost :run": ("list price", "all time"),
        "%lambda status": ("Lambda service", "pool"),
    }.items():
        shown = kernel.run_well(line)
        for word in words:
            assert word in shown.text, line
            assert word in shown.html, line


BAD_INPUT = {
    "%%lambda broken\ndef broken(:": ("CellSyntaxError", "line 2 does not parse"),
    "%%lambda none\nx = 1": ("HandlerNotFound", "def none(event, context)"),
    "%%lambda small --memory 64\ndef small(event): return 1": ("InvalidParameterValue", "128"),
    "%%lambda slow -t 901\ndef slow(event): return 1": ("InvalidParameterValue", "900"),
    "%%lambda no.dots\ndef f(event): return 1": ("InvalidParameterValue", "no.dots"),
    "%%lambda locked\ndef locked(event): return lock": ("CaptureError", "'lock'"),
    "%%lambda heavy\ndef heavy(event): return len(big)": ("CaptureError", "'big'"),
    "%lambda invoke nowhere": ("ResourceNotFound", "nowhere"),
    "%lambda invoke area scale": ("InvalidRequestContent", "write :scale"),
    "%lambda map area 3": ("InvalidRequestContent", "use invoke"),
    "%lambda map area =raises()": ("RunInputError", "no more"),
}


@pytest.mark.parametrize("code", BAD_INPUT)
def test_bad_input_is_one_clear_message(kernel: Kernel, code: str) -> None:
    kernel.run_well(AREA)
    kernel.run_well(
        "import threading\nlock = threading.Lock()\nbig = bytearray(50_000_000)\n"
        "def raises():\n    yield 1\n    raise ValueError('no more')"
    )
    before = kernel.run_well("sorted(f.name for f in __import__('jupyter_lambda').functions())")
    failed = kernel.run(code)
    assert failed.status == "error"
    for words in BAD_INPUT[code]:
        assert words in failed.error
    assert ", in " not in failed.error  # no frames
    after = kernel.run_well("sorted(f.name for f in __import__('jupyter_lambda').functions())")
    assert after.text == before.text


def test_usage_error_lists_the_commands(kernel: Kernel) -> None:
    failed = kernel.run("%lambda nosuch")
    assert failed.status == "error"
    assert "UsageError: %lambda has no command 'nosuch'" in failed.stderr
    assert "invoke, map, logs" in failed.stderr


def test_removed_function_stays_callable_here(kernel: Kernel) -> None:
    kernel.run_well("%%lambda gone\ndef gone(event): return event")
    assert "removed gone" in kernel.run_well("%lambda rm gone").text
    assert kernel.run_well("gone(1)").text == "1"
    assert "gone" not in kernel.run_well("%lambda list").text


def test_two_kernels_share_functions_and_runs(
    kernel: Kernel, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.run_well(AREA)
    run_id = json.loads(kernel.run_well("run = area.map([1, 2])\nprint('\"%s\"' % run.id)").stdout)
    monkeypatch.setenv("JUPYTER_LAMBDA_HOME", str(home))
    other = Kernel(tmp_path)
    try:
        assert other.run_well("import jupyter_lambda as jl\njl.get('area').invoke(1)").text == "4"
        assert other.run_well(f"jl.run({run_id!r}).results()").text == "[4, 7]"
    finally:
        other.stop()
