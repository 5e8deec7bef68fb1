"""Finding the source of live things, and proving that it is theirs."""

from __future__ import annotations

import pytest

from jupyter_lambda.capture.source import find_function


def lines(definition):
    return None if definition is None else "\n".join(definition.lines)


def test_find_function_gives_its_lines_and_place(notebook):
    notebook.run(
        "x = 1\n\n@staticmethod\n@callable\ndef g(): ...\n\ndef f(a):\n    # why\n    return a\n"
    )
    definition = find_function(notebook.namespace["f"])
    assert lines(definition) == "def f(a):\n    # why\n    return a"
    assert definition.first_line == 7
    assert notebook.label_of(definition.filename) == "Cell In[1]"
    assert not definition.indented


def test_find_function_starts_with_the_decorators(notebook):
    notebook.run("def same(f):\n    return f\n\n@same\n@same\ndef f():\n    pass")
    assert lines(find_function(notebook.namespace["f"])).startswith("@same\n@same\ndef f")


@pytest.mark.parametrize(
    "source",
    [
        "exec('def f(): return 1')",
        "f = (lambda: 1, lambda: 2)[1]",
        "f = eval('lambda: 1')",
    ],
)
def test_find_function_gives_up_without_a_statement(notebook, source):
    notebook.run(source)
    assert find_function(notebook.namespace["f"]) is None


def test_find_function_takes_code_compiled_alone_or_with_its_file(notebook):
    source = "import math\ndef f(x):\n    return math.floor(x)"
    notebook.run(source)
    assert find_function(notebook.namespace["f"]) is not None
    alone = notebook.run_by_statement(source)
    assert find_function(alone["f"]) is not None


def test_find_function_sees_which_of_two_functions_on_a_line_is_meant(notebook):
    notebook.run("f = lambda: 1; g = lambda: 2")
    assert lines(find_function(notebook.namespace["f"])) is not None
    assert find_function(notebook.namespace["g"]).node.targets[0].id == "g"
