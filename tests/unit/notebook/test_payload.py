from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_lambda.errors import InvalidRequestContent
from jupyter_lambda.notebook.payload import iterable, open_lines, read_lines, read_payload

NAMES = {"side": 4, "sides": [1, 2]}


def evaluate(expression: str) -> Any:
    return eval(expression, dict(NAMES))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ('{"x": [1, 2]}', {"x": [1, 2]}),
        ("""'{"x": 1}'""", {"x": 1}),
        ('"text with spaces"', "text with spaces"),
        ("-3", -3),
        (":side", 4),
        (": side", 4),
        ("=side * 2", 8),
        ("=[n + 1 for n in sides]", [2, 3]),
    ],
)
def test_payload_is_read_in_each_of_its_forms(text: str, value: Any) -> None:
    assert read_payload(text, evaluate) == value


def test_payload_of_a_file_is_its_value(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"x": 1}')
    (tmp_path / "many.jsonl").write_text('{"x": 1}\n\n{"x": 2}\n')
    assert read_payload(f"@{tmp_path}/one.json", evaluate) == {"x": 1}
    assert read_payload(f"@{tmp_path}/many.jsonl", evaluate) == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("side", "write ::side"),
        ("{x: 1}", "write JSON, :variable, @file.json or =expression"),
        (":a.b", "=expression"),
        ("@/nowhere/x.json", "cannot be read"),
    ],
)
def test_payload_that_is_none_of_them_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidRequestContent, match=words.replace("::", ":")):
        read_payload(text, evaluate)


def test_expression_raises_what_it_raises() -> None:
    with pytest.raises(NameError, match="nowhere"):
        read_payload(":nowhere", evaluate)


def test_bad_line_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestContent, match=r"events, line 3 is not JSON"):
        list(read_lines(["1", "", "{"], "events"))
    (tmp_path / "bad.jsonl").write_text("1\n{\n")
    with pytest.raises(InvalidRequestContent, match="line 2"):
        read_payload(f"@{tmp_path}/bad.jsonl", evaluate)
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(InvalidRequestContent, match="is not JSON"):
        read_payload(f"@{tmp_path}/bad.json", evaluate)


def test_lines_of_a_file_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("1\n{\n")
    with open_lines(str(tmp_path / "events.jsonl")) as events:
        assert next(events) == 1
    with pytest.raises(InvalidRequestContent, match="cannot be read"), open_lines("/nowhere"):
        pass


@pytest.mark.parametrize("value", [3, "text", b"bytes", {"x": 1}, None])
def test_one_value_is_not_many_events(value: Any) -> None:
    with pytest.raises(InvalidRequestContent, match="use invoke"):
        iterable(value)


def test_any_other_iterable_is_many_events() -> None:
    assert list(iterable(range(2))) == [0, 1]
