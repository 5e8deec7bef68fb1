from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_lambda.notebook.completion import Completion


@pytest.fixture(autouse=True)
def _no_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_LAMBDA_HOME", str(tmp_path))
    monkeypatch.setattr("jupyter_lambda.client.session._chosen", [])


def complete(line: str) -> list[str]:
    return Completion()(None, SimpleNamespace(line=line))


def test_first_word_is_a_command() -> None:
    assert {"invoke", "map", "cost"} <= set(complete("%lambda "))
    assert complete("%lambda in") == complete("%lambda ")


def test_second_word_starts_no_service(tmp_path: Path) -> None:
    assert complete("%lambda invoke ") == []
    assert list(tmp_path.iterdir()) == []
