from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_lambda.clock import (
    ManualClock,
    epoch_us,
    format_uuid,
    from_epoch_us,
    new_request_id,
    parse_uuid,
)


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))
def test_epoch_microseconds_keep_a_moment_exactly(moment: datetime) -> None:
    assert from_epoch_us(epoch_us(moment)) == moment


def test_epoch_microseconds_are_counted_in_utc() -> None:
    moment = datetime(1970, 1, 1, 2, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    assert epoch_us(moment) == 7


def test_request_id_is_a_random_uuid_that_reads_back() -> None:
    raw = new_request_id()
    text = format_uuid(raw)
    assert parse_uuid(text) == raw
    assert text[14] == "4"
    assert text[19] in "89ab"


@pytest.mark.parametrize("text", ["", "abcd", "z" * 32, "00" * 17])
def test_parse_uuid_refuses_other_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_uuid(text)


def test_manual_clock_moves_only_by_hand() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    clock = ManualClock(start)
    clock.advance(90)
    assert clock.now() == start + timedelta(seconds=90)
    assert clock.monotonic_s() == 90
