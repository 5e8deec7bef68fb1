from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.benchmarks.load import (
    ForeignLoad,
    ProcessTime,
    parse_process_time,
    process_times,
    tree_ticks,
)

LINE = "42 (a) b) (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7"


def test_process_time_counts_fields_from_the_last_bracket() -> None:
    assert parse_process_time(LINE) == ProcessTime(parent=7, ticks=127)


def test_tree_ticks_count_each_descendant_once() -> None:
    times = {
        1: ProcessTime(parent=0, ticks=1_000),
        10: ProcessTime(parent=1, ticks=1),
        11: ProcessTime(parent=10, ticks=2),
        12: ProcessTime(parent=11, ticks=4),
        20: ProcessTime(parent=1, ticks=8),
    }
    assert tree_ticks(times, [10]) == 7
    assert tree_ticks(times, [10, 11, 20, 99]) == 15


@pytest.mark.skipif(sys.platform != "linux", reason="the load is read from /proc")
def test_own_children_are_not_foreign_even_after_they_ended() -> None:
    burn = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    before = tree_ticks(process_times(), [os.getpid()])
    subprocess.run([sys.executable, "-c", burn], check=True)
    burned = tree_ticks(process_times(), [os.getpid()]) - before
    assert burned >= 0.25 * os.sysconf("SC_CLK_TCK")


def test_load_of_a_very_short_phase_is_unknown() -> None:
    with ForeignLoad(list) as load:
        time.perf_counter()
    assert load.share is None
