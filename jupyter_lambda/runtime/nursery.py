"""The agent's zygotes: one process per import set, started on demand, asked to fork.

A fork request for a set whose zygote is not ready goes to the base zygote, whose children then
import for themselves: slower once, never wrong.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from .passing import passed_on
from .zygote import LENGTH

MAX_ZYGOTES = 5
ModuleSet = tuple[str, ...]
BASE: ModuleSet = ()
_SINGLE_THREADED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def scrubbed_environment() -> dict[str, str]:
    """What a zygote sees of our environment, with single-threaded numeric libraries, since a
    process with threads cannot be forked safely."""
    kept = {name: os.environ[name] for name in passed_on()}
    return kept | dict.fromkeys(_SINGLE_THREADED, "1") | {"TZ": ":UTC"}


class Zygote:
    """One zygote process and the control socket to it."""

    def __init__(
        self, modules: ModuleSet, process: subprocess.Popen[bytes], control: socket.socket
    ) -> None:
        self.modules = modules
        self.process = process
        self.control = control
        self.ready = False
        self.pending = b""
        self.children: dict[int, int] = {}
        """Process id to environment id."""

    def request(self, content: dict[str, Any], descriptors: Iterable[int] = ()) -> None:
        body = json.dumps(content).encode()
        data = LENGTH.pack(len(body)) + body
        handed = list(descriptors)
        if handed:
            sent = socket.send_fds(self.control, [data], handed)
            data = data[sent:]
        self.control.sendall(data)

    def messages(self) -> tuple[list[dict[str, Any]], bool]:
        """What the zygote said, and whether it has ended."""
        try:
            data = self.control.recv(1 << 16)
        except OSError:
            return [], True
        self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        return [json.loads(line) for line in lines], not data


class Nursery:
    """Starts, finds and ends zygotes for one agent."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        on_preloaded: Callable[[Zygote, str | None], None],
    ) -> None:
        self._selector = selector
        self._on_preloaded = on_preloaded
        self._zygotes: dict[ModuleSet, Zygote] = {}
        self._unusable: dict[ModuleSet, str] = {}
        self._leaving: list[subprocess.Popen[bytes]] = []
        self.prepare(BASE)

    def prepare(self, modules: ModuleSet) -> None:
        """Have a zygote for the set, starting one if there is none."""
        known = self._zygotes.get(modules)
        if known is not None:
            self._zygotes[modules] = self._zygotes.pop(modules)
            if known.ready:
                self._on_preloaded(known, None)
            return
        if modules in self._unusable:
            return
        self._leaving = [process for process in self._leaving if process.poll() is None]
        self._make_room()
        ours, theirs = socket.socketpair()
        package = __package__ or "runtime"
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        for _ in range(package.count(".")):
            root = os.path.dirname(root)
        program = (
            f"import sys; sys.path.insert(0, {root!r}); "
            f"from {package}.zygote import main; sys.path.pop(0); "
            "main(int(sys.argv[1]), [m for m in sys.argv[2].split(',') if m])"
        )
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", program, str(theirs.fileno()), ",".join(modules)],
            env=scrubbed_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
        theirs.close()
        zygote = Zygote(modules, process, ours)
        self._zygotes[modules] = zygote
        self._selector.register(ours, selectors.EVENT_READ, zygote)

    def _make_room(self) -> None:
        for modules, zygote in list(self._zygotes.items()):
            if len(self._zygotes) < MAX_ZYGOTES:
                return
            if modules != BASE and not zygote.children:
                self.discard(zygote)

    def best_for(self, modules: ModuleSet) -> Zygote:
        """The ready zygote with the set, else the base one (which may still be starting: its
        control socket holds the request until then)."""
        exact = self._zygotes.get(modules)
        return exact if exact is not None and exact.ready else self._zygotes[BASE]

    def preloaded(self, zygote: Zygote, error: str | None) -> None:
        """The zygote has imported its set, or could not."""
        if error is None:
            zygote.ready = True
        else:
            self._unusable[zygote.modules] = error
            self.discard(zygote)
        self._on_preloaded(zygote, error)

    def discard(self, zygote: Zygote) -> None:
        """Hang up: the zygote ends with its children. The base one is replaced at once."""
        if self._zygotes.get(zygote.modules) is zygote:
            del self._zygotes[zygote.modules]
        self._selector.unregister(zygote.control)
        zygote.control.close()
        self._leaving.append(zygote.process)
        if zygote.modules == BASE:
            if not zygote.ready:
                raise RuntimeError("the base zygote ended before it was ready")
            self.prepare(BASE)

    def close(self) -> None:
        for zygote in self._zygotes.values():
            for pid in zygote.children:
                kill_group(pid, signal.SIGKILL)
            zygote.control.close()
            zygote.process.kill()
            zygote.process.wait()
        self._zygotes.clear()


def kill_group(pid: int, number: signal.Signals) -> None:
    """Signal an environment with all that it started; one that is gone is no error."""
    try:
        os.killpg(pid, number)
    except OSError:
        return
