"""What a reader sees of an error: our own as one message, the author's without our frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from jupyter_lambda.client.decorator import cell_label
from jupyter_lambda.errors import FunctionError, LambdaError


@contextmanager
def readable(shell: Any) -> Iterator[None]:
    """Errors raised within are shown without the frames of the magic that raised them."""
    try:
        yield
    except FunctionError:  # it renders itself, with the remote traceback
        raise
    except LambdaError as error:
        message = f"{type(error).__name__}: {error}"
        lines = [*message.splitlines(), *getattr(error, "__notes__", ())]
        _show_as(error, lambda: lines)
        raise
    except KeyboardInterrupt as error:
        _show_as(error, lambda: ["KeyboardInterrupt"])
        raise
    except Exception as error:
        frames = _from_the_cell(error.__traceback__)
        if frames is not None:
            shown = shell.InteractiveTB.structured_traceback(type(error), error, frames)
            _show_as(error, lambda: shown)
        raise


def _show_as(error: BaseException, render: Callable[[], list[str]]) -> None:
    """IPython asks an exception for this before it formats it itself."""
    error._render_traceback_ = render  # type: ignore[attr-defined]


def _from_the_cell(frames: TracebackType | None) -> TracebackType | None:
    """From the first frame that belongs to a cell; None when there is none."""
    while frames is not None and cell_label(frames.tb_frame.f_code.co_filename) is None:
        frames = frames.tb_next
    return frames
