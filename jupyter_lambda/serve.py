"""The service's process: one per home, found through its connection file, ending when idle.

``python -m jupyter_lambda.serve`` is what the client spawns; ``jupyter lambda serve`` runs the
same in the foreground. The lock file decides between two that start at the same moment: the loser
leaves quietly, and whoever spawned it finds the winner's connection file.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_lambda.client.home import default_home
from jupyter_lambda.placement import starter

LOCK_FILE = "service.lock"
ALREADY_RUNNING = 75
"""Exit status of the one that found the home taken (EX_TEMPFAIL)."""


class HomeTakenError(Exception):
    """Another service holds this home."""


@contextlib.contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the home's lock; the kernel lets go of it however we end.

    Raises:
        HomeTakenError: another process holds it.
    """
    import fcntl

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(home / LOCK_FILE, "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeTakenError(str(home)) from error
        yield


def run(home: Path, options: argparse.Namespace) -> None:
    """Be the service of a home that we hold."""
    # The starter host boots while we import what the service needs.
    launched = starter.launch(home)
    # Nothing that is imported now is garbage; looking for some costs a tenth of the imports.
    gc.disable()
    import asyncio
    import logging

    from jupyter_lambda.rest.listener import serve
    from jupyter_lambda.service import Settings

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    gc.freeze()
    gc.enable()
    settings = Settings.create(home, workers=options.workers, idle_timeout_s=options.idle_timeout_s)
    asyncio.run(serve(settings, port=options.port, starter=launched))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="jupyter lambda serve", description="Run the Lambda service in the foreground."
    )
    parser.add_argument("--home", type=Path, default=None, help="state directory")
    parser.add_argument("--port", type=int, default=0, help="loopback port; any free one if 0")
    parser.add_argument("--workers", type=int, default=None, help="Dask workers; one per core")
    parser.add_argument(
        "--idle-timeout-s",
        type=float,
        default=None,
        help="end after this many seconds without clients and work; 0 never does (default 600)",
    )
    options = parser.parse_args(argv)
    if options.workers is not None and options.workers < 1:
        parser.error("--workers must be 1 or more")
    if not hasattr(os, "fork"):
        sys.stderr.write(
            "jupyter_lambda: execution environments need fork(), which this system lacks; "
            "on Windows run the service in WSL 2\n"
        )
        return 1
    home = (options.home or default_home()).expanduser().resolve()
    try:
        with hold(home):
            run(home, options)
    except HomeTakenError:
        sys.stderr.write(f"a Lambda service already runs for {home}\n")
        return ALREADY_RUNNING
    return 0


if __name__ == "__main__":
    sys.exit(main())
