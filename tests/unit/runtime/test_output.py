"""What a handler prints, line by line."""

from __future__ import annotations

import logging

import pytest

from jupyter_lambda.runtime.output import CHUNK_CHARACTERS, OutputStream, preset_logging


@pytest.fixture
def written():
    return []


@pytest.fixture
def stream(written):
    return OutputStream(1, lambda _stream, text: written.append(text))


def test_whole_lines_leave_at_once_and_the_rest_waits(stream, written):
    stream.write("one\ntwo")
    assert written == ["one\n"]
    stream.flush()
    assert written == ["one\n", "two"]


def test_line_without_an_end_leaves_when_it_is_long(stream, written):
    stream.write("x" * (CHUNK_CHARACTERS + 1))
    assert written == ["x" * (CHUNK_CHARACTERS + 1)]


def test_bytes_are_refused_as_a_text_stream_does(stream):
    with pytest.raises(TypeError):
        stream.write(b"bytes")


def test_logging_has_awss_text_format(stream, written):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        preset_logging(stream, lambda: "r-1")
        logging.getLogger("any").warning("careful %s", 1)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    fields = written[0].split("\t")
    assert (fields[0], fields[2], fields[3]) == ("[WARNING]", "r-1", "careful 1\n")
