from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jupyter_lambda
from jupyter_lambda.notebook.arguments import line_parser, verbs_of
from jupyter_lambda.notebook.magics import LambdaMagics


@pytest.fixture
def loaded(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> InteractiveShell:
    monkeypatch.setenv("JUPYTER_LAMBDA_HOME", str(tmp_path))
    monkeypatch.setattr("jupyter_lambda.client.session._chosen", [])
    monkeypatch.setattr("jupyter_lambda.client.progress._makers", [])
    jupyter_lambda.load_ipython_extension(shell)
    return shell


def test_extension_brings_one_magic_for_lines_and_cells(loaded: InteractiveShell) -> None:
    assert loaded.find_line_magic("lambda") is not None
    assert loaded.find_cell_magic("lambda") is not None


def test_anonymous_functions_stay_python(loaded: InteractiveShell) -> None:
    result = loaded.run_cell("(lambda x: x + 1)(1)\n")
    assert result.result == 2
    assert loaded.run_cell("lambda x: x").success


def test_every_command_of_the_parser_is_carried_out(loaded: InteractiveShell) -> None:
    magics = LambdaMagics(loaded)
    assert all(callable(magics._command(verb)) for verb in [None, *verbs_of(line_parser())])


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_command_that_starts_nothing_says_that_nothing_runs(
    loaded: InteractiveShell, tmp_path: Path, verb: str
) -> None:
    shown: Any = loaded.run_line_magic("lambda", verb)
    assert "no Lambda service runs" in repr(shown)
    assert list(tmp_path.iterdir()) == []


def test_help_gives_nothing_back(
    loaded: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert loaded.run_line_magic("lambda", "map -h") is None
    assert "usage: %lambda map" in capsys.readouterr().out
