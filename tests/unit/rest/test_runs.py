"""Length-prefixed batches of payloads."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_lambda.errors import InvalidRequestContent
from jupyter_lambda.rest.runs import cut


@given(st.lists(st.binary(max_size=50)))
def test_cut_gives_back_what_was_joined(payloads):
    body = b"".join(struct.pack("<I", len(payload)) + payload for payload in payloads)
    assert cut(body) == payloads


@pytest.mark.parametrize("body", [b"\x01", b"\x05\x00\x00\x00abc", b"\x00\x00\x00\x00\x01"])
def test_cut_refuses_a_batch_that_ends_early(body):
    with pytest.raises(InvalidRequestContent, match="the batch ends inside"):
        cut(body)
