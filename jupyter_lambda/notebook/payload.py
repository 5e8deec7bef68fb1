"""The value that a line command is given: JSON text, a variable, a file, or an expression.

======================  ==================================
``{"x": 1}``            JSON text, also in single quotes
``:name``               a variable of the notebook
``@file.json``          a file; a ``.jsonl`` file is a list
``=range(10)``          a Python expression
======================  ==================================
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_lambda.errors import InvalidRequestContent

Evaluate = Callable[[str], Any]


def read_payload(text: str, evaluate: Evaluate) -> Any:
    """The value of any of the four forms; nothing at all is None, as on AWS.

    Args:
        evaluate: gives the value of a Python expression in the notebook.

    Raises:
        InvalidRequestContent: the text is none of them, or the file cannot be read.
        Exception: what the expression raised.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1]
    if not text:
        return None
    mark, rest = text[0], text[1:].strip()
    if mark == ":":
        if not rest.isidentifier():
            raise InvalidRequestContent(f"{text!r} is not a variable; write :name or =expression")
        return evaluate(rest)
    if mark == "=":
        return evaluate(rest)
    if mark == "@":
        return read_file(Path(rest))
    try:
        return read_json(text)
    except InvalidRequestContent as error:
        remedy = "write JSON, :variable, @file.json or =expression"
        if text.isidentifier():
            remedy = f"for the variable of that name write :{text}"
        raise InvalidRequestContent(f"{error}; {remedy}") from error


def read_json(text: str) -> Any:
    """The value of JSON text.

    Raises:
        InvalidRequestContent: it is not JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidRequestContent(f"{text[:80]!r} is not JSON ({error})") from error


def read_file(path: Path) -> Any:
    """A JSON file's value; of a ``.jsonl`` file the list of its lines' values.

    Raises:
        InvalidRequestContent: it cannot be read, or a line is not JSON.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestContent(f"{str(path)!r} cannot be read: {error}") from error
    if path.suffix in (".jsonl", ".ndjson"):
        return list(read_lines(text.splitlines(), str(path)))
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidRequestContent(f"{str(path)!r} is not JSON: {error}") from error


@contextmanager
def open_lines(path: str) -> Iterator[Iterator[Any]]:
    """The events of a file with one in each line, read as they are asked for.

    Args:
        path: the file; ``-`` is standard input.

    Raises:
        InvalidRequestContent: it cannot be opened, or, later, a line is not JSON.
    """
    if path == "-":
        yield read_lines(sys.stdin, "standard input")
        return
    try:
        file = open(path, encoding="utf-8")  # noqa: SIM115 - the with statement follows
    except OSError as error:
        raise InvalidRequestContent(f"{path!r} cannot be read: {error}") from error
    with file:
        yield read_lines(file, path)


def read_lines(lines: Iterable[str], where: str) -> Iterator[Any]:
    """One event a line; empty lines are none.

    Raises:
        InvalidRequestContent: a line is not JSON; the message has its number.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise InvalidRequestContent(
                    f"{where}, line {number} is not JSON: {error}"
                ) from error


def iterable(value: Any) -> Iterable[Any]:
    """The value as events of a map.

    Raises:
        InvalidRequestContent: it is one value, not many.
    """
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise InvalidRequestContent(
            f"map needs many events, such as a list; got one {type(value).__name__}. "
            "For a single event use invoke"
        )
    events: Iterable[Any] = value
    return events
