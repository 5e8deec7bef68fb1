"""The words of a refusal."""

from __future__ import annotations

import decimal

import pytest

from jupyter_lambda.capture.refusals import check_remote_name, too_large, type_name, unpicklable
from jupyter_lambda.errors import CaptureError


def test_too_large_names_variable_reader_size_limit_and_remedy():
    assert str(too_large("rows", [1], "function 'f'", 20_100_000)) == (
        "variable 'rows' (list), read by function 'f', has at least 20.1 MB; the limit for a "
        "captured value is 20.0 MB. Load it inside the function, or pass the part that a call "
        "needs in the event."
    )


def test_unpicklable_gives_the_pickler_s_reason():
    text = str(unpicklable("d", decimal.Decimal(1), "the cell", TypeError("no")))
    assert text.startswith(
        "variable 'd' (decimal.Decimal), read by the cell, cannot be captured: no."
    )


class Run: ...


Run.__module__ = "jupyter_lambda.client.run"


def test_unpicklable_leads_to_the_service_for_our_own_objects():
    text = str(unpicklable("run", Run(), "the cell", TypeError("no")))
    assert "inside the function, ask jupyter_lambda.get(name) or jupyter_lambda.run(id)" in text


def test_check_remote_name_refuses_the_shell():
    check_remote_name("print", "the cell")
    with pytest.raises(CaptureError, match="the cell uses 'get_ipython'"):
        check_remote_name("get_ipython", "the cell")


def test_type_name_leaves_builtins_out():
    assert type_name(1) == "int"
    assert type_name(decimal.Decimal(1)) == "decimal.Decimal"
