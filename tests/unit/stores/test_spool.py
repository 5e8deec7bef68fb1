from __future__ import annotations

import pytest

from jupyter_lambda.errors import ServiceFault
from jupyter_lambda.stores.spool import Spool


def test_spool_gives_back_what_it_was_given(spool: Spool) -> None:
    spool.write("aa", "input-0", b"x" * 100_000)
    assert spool.read("aa", "input-0", 100_000) == b"x" * 100_000


def test_spool_overwrites_the_rest_of_a_crash(spool: Spool) -> None:
    spool.write("aa", "input-0", b"left behind by a crash")
    spool.write("aa", "input-0", b"new")
    assert spool.read("aa", "input-0", 3) == b"new"


def test_spool_reports_a_payload_that_is_gone(spool: Spool) -> None:
    with pytest.raises(ServiceFault, match="payload input-0 of run aa cannot be read"):
        spool.read("aa", "input-0", 3)


def test_spool_reports_a_payload_of_another_size(spool: Spool) -> None:
    spool.write("aa", "input-0", b"torn")
    with pytest.raises(ServiceFault, match=r"is damaged: .*has 4 bytes, not 5"):
        spool.read("aa", "input-0", 5)


def test_sweep_keeps_known_runs_only(spool: Spool) -> None:
    spool.sweep({"aa"})
    spool.write("aa", "input-0", b"kept")
    spool.write("bb", "input-0", b"orphan")
    spool.sweep({"aa"})
    assert [folder.name for folder in spool.root.iterdir()] == ["aa"]
