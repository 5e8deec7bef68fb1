"""Frames cut whole out of any chunking of the byte stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_lambda.runtime import frames

FRAMES = st.lists(
    st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=20
)


@given(FRAMES, st.integers(1, 64))
def test_reader_gives_back_what_was_packed_however_it_is_cut(content, chunk):
    stream = b"".join(frames.pack(*frame) for frame in content)
    reader = frames.FrameReader()
    received = []
    for start in range(0, len(stream), chunk):
        received += reader.feed(stream[start : start + chunk])
    assert [(kind, number, frames.body_of(f)) for kind, number, f in received] == content


def test_reader_refuses_a_length_that_no_frame_has():
    with pytest.raises(frames.FrameError, match="the limit is"):
        frames.FrameReader().feed(b"\xff\xff\xff\xff" + bytes(5))


def test_uuid_text_is_hyphenated():
    assert frames.uuid_text(bytes(range(16))) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
