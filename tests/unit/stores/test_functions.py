from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_lambda.errors import ResourceNotFound
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.run import Run
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.functions import FunctionStore
from jupyter_lambda.stores.runs import RunStore

MakeFunction = Callable[..., Function]


@pytest.fixture
def functions(database: Database) -> FunctionStore:
    return FunctionStore(database)


def test_function_reads_back_as_it_was_put(
    functions: FunctionStore, make_function: MakeFunction
) -> None:
    functions.put(make_function()).result()
    assert functions.get("area") == make_function()


def test_put_replaces_the_function_and_keeps_the_revision_before(
    functions: FunctionStore, make_function: MakeFunction
) -> None:
    first, second = make_function(), make_function(revision=2, code_sha256="cd" * 32)
    functions.put(first).result()
    functions.put(second).result()
    assert functions.get("area") == second
    assert functions.get_revision("area", 1) == first
    assert functions.count() == 1
    assert functions.code_digests() == {"ab" * 32, "cd" * 32}


def test_all_functions_are_listed_by_name(
    functions: FunctionStore, make_function: MakeFunction
) -> None:
    for name in ("volume", "area"):
        functions.put(make_function(name)).result()
    assert [function.name for function in functions.all()] == ["area", "volume"]


def test_unknown_function_is_not_found_by_its_arn(functions: FunctionStore) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:nope"
    with pytest.raises(ResourceNotFound, match=f"^Function not found: {arn}$"):
        functions.get("nope")
    with pytest.raises(ResourceNotFound, match=f"^Function not found: {arn}$"):
        functions.delete("nope").result()
    with pytest.raises(ResourceNotFound, match="nope, revision 3"):
        functions.get_revision("nope", 3)


def test_revision_numbers_go_on_after_a_delete(
    functions: FunctionStore, make_function: MakeFunction
) -> None:
    assert functions.next_revision("area") == 1
    functions.put(make_function()).result()
    functions.delete("area").result()
    assert functions.count() == 0
    assert functions.next_revision("area") == 2


def test_forget_revisions_keeps_those_that_a_run_may_need(
    functions: FunctionStore,
    runs: RunStore,
    make_function: MakeFunction,
    make_run: Callable[..., Run],
) -> None:
    for revision in (1, 2, 3):
        functions.put(make_function(revision=revision)).result()
    runs.create(make_run(revision=1)).result()
    assert functions.forget_revisions().result() == 1
    assert functions.get_revision("area", 1).revision == 1
    assert functions.get("area").revision == 3
    with pytest.raises(ResourceNotFound):
        functions.get_revision("area", 2)
