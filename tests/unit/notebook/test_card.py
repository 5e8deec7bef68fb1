from __future__ import annotations

from typing import Any

import pytest

from jupyter_lambda.capture import CellOrigin, Package, package_cell
from jupyter_lambda.notebook.card import Card

SOURCE = "def area(event, context):\n    return event * scale + len(rates) + nowhere"


@pytest.fixture
def package() -> Package:
    namespace = {"__name__": "__main__", "scale": 3, "rates": list(range(10_000))}
    return package_cell(SOURCE, namespace, name="area", cell=CellOrigin("Cell In[3]", "<cell>", 2))


def card(package: Package, **changes: Any) -> Card:
    settings: dict[str, Any] = {
        "name": "area",
        "change": "created",
        "revision": 1,
        "memory_mb": 1_024,
        "timeout_s": 30,
        "environment": ("MODE",),
        "package": package,
    }
    return Card(**settings | changes)


def test_card_tells_what_was_deployed_and_what_went_along(package: Package) -> None:
    made = card(package)
    for shown in (repr(made), made._repr_html_()):
        for words in (
            "area",
            "created",
            "revision 1",
            package.sha256[:12],
            "1,024 MB",
            "env MODE",
            "rates",
            "asset",
            "captured at deploy",
            "warning: ",
            "nowhere",
            "area.map(events)",
        ):
            assert words in shown


def test_card_of_a_dry_run_shows_the_generated_file(package: Package) -> None:
    made = card(package, change="dry run", revision=None)
    assert "nothing deployed" in repr(made)
    assert "lambda_function.py" in repr(made)
    assert package.source in repr(made)
    assert "def area(event, context):" in made._repr_html_()


def test_card_of_a_name_that_is_no_variable_names_the_command(package: Package) -> None:
    assert '%lambda invoke my-area PAYLOAD  ·  jl.get("my-area")' in repr(
        card(package, name="my-area")
    )


def test_card_gives_its_content_as_data(package: Package) -> None:
    assert card(package).json["manifest"]["handler"] == "lambda_function.area"
