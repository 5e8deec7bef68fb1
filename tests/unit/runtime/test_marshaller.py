"""Payload bytes to Python values and back, and AWS's error objects."""

from __future__ import annotations

import json
import pickle
import sys
from decimal import Decimal

import pytest

from jupyter_lambda.runtime.frames import CODEC_JSON, CODEC_PICKLE
from jupyter_lambda.runtime.marshaller import (
    MarshalError,
    dump_result,
    exception_object,
    load_event,
)


@pytest.mark.parametrize(
    ("codec", "payload", "event"),
    [
        (CODEC_JSON, b'{"a": [1, null]}', {"a": [1, None]}),
        (CODEC_JSON, b"", {}),
        (CODEC_PICKLE, pickle.dumps({1: (2, 3)}), {1: (2, 3)}),
    ],
)
def test_event_is_read_in_its_codec(codec, payload, event):
    assert load_event(codec, payload) == event


@pytest.mark.parametrize(("codec", "payload"), [(CODEC_JSON, b"{"), (CODEC_PICKLE, b"no")])
def test_payload_that_cannot_be_read_is_an_unmarshal_error(codec, payload):
    with pytest.raises(MarshalError, match="Unable to unmarshal input") as raised:
        load_event(codec, payload)
    assert raised.value.error_type == "Runtime.UnmarshalError"


def test_decimals_are_numbers_in_json():
    assert dump_result(CODEC_JSON, [Decimal("1.5"), Decimal(2)]) == b"[1.5, 2]"


def test_result_that_json_lacks_is_a_marshal_error():
    with pytest.raises(MarshalError, match="Object of type set is not JSON serializable"):
        dump_result(CODEC_JSON, {1})


def test_error_object_has_awss_keys_and_shows_the_package_at_var_task():
    def handler():
        raise KeyError("missing")

    try:
        handler()
    except KeyError as error:
        body = exception_object(
            error, request_id="r-1", task_root=__file__.rpartition("/")[0], below=sys._getframe()
        )
    content = json.loads(body)
    assert list(content) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (content["errorType"], content["errorMessage"]) == ("KeyError", "'missing'")
    assert content["stackTrace"][0].startswith('  File "/var/task/test_marshaller.py", line ')


def test_exception_whose_own_text_fails_still_has_a_message():
    class SilentError(Exception):
        def __str__(self):
            raise RuntimeError

    body = exception_object(SilentError(), request_id="", task_root="/", below=None)
    assert "RuntimeError" in json.loads(body)["errorMessage"]
