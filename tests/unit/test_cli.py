from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_lambda import cli


@pytest.fixture(autouse=True)
def _chosen_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_lambda.client.session._chosen", [])


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_command_that_starts_nothing_says_that_nothing_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    home = tmp_path / "home"
    assert cli.main([verb, "--home", str(home)]) == cli.UNAVAILABLE
    told = capsys.readouterr()
    assert told.out == ""
    assert f"jupyter lambda: no Lambda service runs for {home}" in told.err
    assert not home.exists()


@pytest.mark.parametrize("words", [["nosuch"], ["invoke"], ["map", "area"], ["logs", "-n", "x"]])
def test_wrong_words_are_invalid(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == cli.INVALID
    assert "usage: jupyter lambda" in capsys.readouterr().err


@pytest.mark.parametrize(("verb", "option"), [("serve", "--idle-timeout-s"), ("demo", "--output")])
def test_serve_and_demo_keep_their_own_options(
    verb: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "-h"])
    assert ended.value.code == cli.OK
    assert option in capsys.readouterr().out


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("0.")
