from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_lambda.errors import FunctionError, InvalidParameterValue
from jupyter_lambda.notebook.traceback import readable


def rendered(shell: InteractiveShell, error: BaseException) -> str:
    with pytest.raises(type(error)) as raised, readable(shell):
        raise error
    render: Any = raised.value._render_traceback_  # type: ignore[attr-defined]
    return "\n".join(render())


def test_our_error_is_one_message_with_its_notes(shell: InteractiveShell) -> None:
    error = InvalidParameterValue("memory 64 MB is out of range")
    error.add_note("see the limits")
    assert rendered(shell, error) == (
        "InvalidParameterValue: memory 64 MB is out of range\nsee the limits"
    )


def test_error_of_a_function_keeps_its_remote_traceback(shell: InteractiveShell) -> None:
    error = FunctionError("KeyError", "'x'", stack_trace=["  Cell In[3], line 2, in area\n"])
    error.add_note("item 3 of run 5f2c81d09a3e")
    shown = rendered(shell, error)
    assert "Cell In[3], line 2, in area" in shown
    assert shown.endswith("item 3 of run 5f2c81d09a3e")


def test_interrupt_is_one_word(shell: InteractiveShell) -> None:
    assert rendered(shell, KeyboardInterrupt()) == "KeyboardInterrupt"


def test_authors_error_begins_in_the_cell(shell: InteractiveShell) -> None:
    filename = shell.compile.cache("1 / 0", 7)
    code = compile("1 / 0", filename, "exec")
    with pytest.raises(ZeroDivisionError) as raised, readable(shell):
        exec(code, {})
    shown = "\n".join(raised.value._render_traceback_())  # type: ignore[attr-defined]
    assert "In[7]" in shown
    assert "test_traceback" not in shown


def test_error_without_a_cell_is_left_to_ipython(shell: InteractiveShell) -> None:
    with pytest.raises(ZeroDivisionError) as raised, readable(shell):
        _ = 1 / 0
    assert not hasattr(raised.value, "_render_traceback_")
