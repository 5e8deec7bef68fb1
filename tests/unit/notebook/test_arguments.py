from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from jupyter_lambda import cli
from jupyter_lambda.notebook.arguments import (
    HelpShown,
    line_parser,
    parse_cell_line,
    parse_line,
    split_line,
    verbs_of,
)


def test_cell_line_has_defaults_and_options() -> None:
    plain = parse_cell_line("area")
    assert (plain.name, plain.memory, plain.timeout, plain.env) == ("area", 256, 30, [])
    full = parse_cell_line("area -m 512 --timeout 5 -e A=1 --env 'B=x y=z' --description 'a b' -q")
    assert (full.memory, full.timeout, full.description, full.quiet) == (512, 5, "a b", True)
    assert full.env == [("A", "1"), ("B", "x y=z")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "NAME"),
        ("area --memory lots", "invalid int value"),
        ("area -e A", "'A' has no ="),
        ("area --nosuch", "--nosuch"),
        ("area 'unclosed", "cannot be read"),
    ],
)
def test_cell_line_that_is_wrong_is_a_usage_error(line: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_cell_line(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("invoke f", ["invoke", "f"]),
        ('invoke f {"a": "b c"}', ["invoke", "--", "f", '{"a": "b c"}']),
        ("map f =[x for x in 'a b']", ["map", "--", "f", "=[x for x in 'a b']"]),
        ("invoke f -1", ["invoke", "--", "f", "-1"]),
        ("invoke f -h", ["invoke", "-h"]),
        ("invoke -h", ["invoke", "-h"]),
        ("map", ["map"]),
        ("retry 'a b' --error X", ["retry", "a b", "--error", "X"]),
    ],
)
def test_payload_stays_in_one_piece(line: str, words: list[str]) -> None:
    assert split_line(line) == words


def test_line_gives_the_command_and_its_values() -> None:
    assert parse_line("").verb is None
    assert parse_line('invoke f {"x": 1}').payload == '{"x": 1}'
    assert parse_line("invoke f -1").payload == "-1"
    assert parse_line("retry abc --error A --error B").error == ["A", "B"]
    assert parse_line("run").run is None


def test_unknown_command_lists_the_ones_there_are() -> None:
    with pytest.raises(UsageError, match=r"'nosuch'.*list, show, invoke, map"):
        parse_line("nosuch")
    with pytest.raises(UsageError, match="Did you mean logs"):
        parse_line("log f")


@pytest.mark.parametrize("line", ["-h", "map -h", "invoke f -h"])
def test_help_is_printed_and_ends_no_kernel(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(HelpShown):
        parse_line(line)
    assert capsys.readouterr().out.startswith("usage: %lambda")


def test_command_line_has_the_same_commands_and_its_own_two() -> None:
    shell_verbs = set(verbs_of(cli.make_parser()))
    assert shell_verbs - set(verbs_of(line_parser())) == {"serve", "demo"}
    assert set(verbs_of(line_parser())) <= shell_verbs
