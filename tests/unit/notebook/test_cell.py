from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_lambda.capture import Package
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.session import Deployment
from jupyter_lambda.errors import CellSyntaxError, InvalidParameterValue, ServiceUnavailable
from jupyter_lambda.notebook.card import Card
from jupyter_lambda.notebook.cell import NotebookCell, Order, dry_run, make_function

AREA = "def area(event, context):\n    return event * scale\n"


class Deploys:
    """A session that remembers what it was asked to deploy, or refuses it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.deployed: list[dict[str, Any]] = []
        self._refusal = refusal

    def deploy(self, package: Package, **settings: Any) -> Deployment:
        if self._refusal is not None:
            raise self._refusal
        self.deployed.append(settings)
        content = {"name": settings["name"], "revision": 1}
        return Deployment("created", Function(self, content), package)  # type: ignore[arg-type]


def order(name: str = "area", **changes: Any) -> Order:
    settings: dict[str, Any] = {
        "name": name,
        "memory_mb": 256,
        "timeout_s": 30,
        "environment": {},
        "description": "",
    }
    return Order(**settings | changes)


def make(shell: InteractiveShell, source: str, session: Deploys, name: str = "area") -> Card:
    cell = NotebookCell(shell, name, source)
    return make_function(lambda: session, cell, order(name))  # type: ignore[arg-type, return-value]


def test_cell_is_deployed_and_defined_here(shell: InteractiveShell) -> None:
    shell.user_ns["scale"] = 3
    session = Deploys()
    card = make(shell, AREA, session)
    assert (card.change, card.revision) == ("created", 1)
    assert session.deployed[0]["source"] == "magic"
    assert isinstance(shell.user_ns["area"], Function)
    assert shell.user_ns["area"](2) == 6


def test_last_expression_of_a_cell_is_displayed(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    make(shell, "def area(event): return 1\n'the end'\n", Deploys())
    assert "the end" in capsys.readouterr().out


@pytest.mark.parametrize("source", ["1 / 0\n" + AREA, "import nowhere_to_be_found\n" + AREA])
def test_cell_that_fails_here_is_not_deployed(shell: InteractiveShell, source: str) -> None:
    session = Deploys()
    with pytest.raises((ZeroDivisionError, ModuleNotFoundError)):
        make(shell, source, session)
    assert session.deployed == []


def test_cell_that_does_not_parse_changes_nothing(shell: InteractiveShell) -> None:
    with pytest.raises(CellSyntaxError, match="line 2"):
        make(shell, "def area(:", Deploys())
    assert "area" not in shell.user_ns


def test_refused_deploy_takes_back_what_the_cell_bound(shell: InteractiveShell) -> None:
    shell.user_ns["area"] = "before"
    with pytest.raises(ServiceUnavailable):
        make(shell, "helper = 1\ndef area(event): return 1", Deploys(ServiceUnavailable("down")))
    assert shell.user_ns["area"] == "before"
    assert "helper" not in shell.user_ns


def test_body_is_not_run_here(shell: InteractiveShell) -> None:
    make(shell, "never = event['a']\nnever * 2", Deploys())
    assert "never" not in shell.user_ns
    with pytest.raises(InvalidParameterValue, match="no definition in this process"):
        shell.user_ns["area"]({"a": 1})


@pytest.mark.parametrize("name", ["my-area", "class"])
def test_name_that_is_no_variable_is_not_bound(shell: InteractiveShell, name: str) -> None:
    make(shell, "def handler(event, context): return 1", Deploys(), name)
    assert name not in shell.user_ns


def test_dry_run_neither_runs_nor_deploys(shell: InteractiveShell) -> None:
    card = dry_run(NotebookCell(shell, "area", "def area(event): return 1"), order())
    assert card.revision is None
    assert "area" not in shell.user_ns


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "no spaces"}, "function name"),
        ({"memory_mb": 64}, "from 128 to 10240"),
        ({"timeout_s": 901}, "from 1 to 900"),
        ({"environment": {"AWS_REGION": "x"}}, "reserved"),
        ({"description": "x" * 257}, "limit is 256"),
    ],
)
def test_order_that_aws_would_refuse_is_refused_first(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidParameterValue, match=words):
        order(**changes)
