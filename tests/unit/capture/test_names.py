"""Which global names a piece of source reads, and when."""

from __future__ import annotations

import ast

import pytest

from jupyter_lambda.capture.names import dotted_reads, find_imports, scan, scan_code


@pytest.mark.parametrize(
    ("source", "eager", "lazy"),
    [
        ("def f(x=A, *, y=B): return C", {"A", "B"}, {"C"}),
        ("@A\n@B.c(D)\ndef f(): E()", {"A", "B", "D"}, {"E"}),
        ("class K(A, metaclass=B):\n    x = C\n    def f(self): D", {"A", "B", "C"}, {"D"}),
        ("x = [A for i in B if i]", {"A", "B"}, set()),
        ("f = lambda x=A: B + x", {"A"}, {"B"}),
        ("def f(): return [A for i in range(3) for j in i]", set(), {"A", "range"}),
        ("def f(a: A, *b: B, **c: C) -> D: x: E = 1", {"A", "B", "C", "D"}, set()),
        ("x: A = B", {"A", "B"}, set()),
        ("def f():\n    def g(y=A): return B\n    return g", set(), {"A", "B"}),
        ("def f():\n    x = 1\n    def g(): return x\n    return g", set(), set()),
        ("def f():\n    global A\n    A = 1", set(), {"A"}),
        ("class K:\n    __x = 1\n    def f(self): return __A", set(), {"_K__A"}),
        ("import A\nA.b", set(), set()),
        ("try:\n    A\nexcept B as e:\n    e", {"A", "B"}, set()),
        ("match A:\n    case B(x=y): y", {"A", "B"}, set()),
        ("del A", set(), set()),
    ],
)
def test_scan_tells_when_a_name_is_read(source, eager, lazy):
    names = scan(source, ast.parse(source))
    assert names.eager == eager
    assert names.lazy == lazy


@pytest.mark.parametrize(
    "source",
    ["def f(a: A) -> B: ...", "class K:\n    x: A\n    y: B = 1", "x: A\ndef f(y: B): ..."],
)
def test_scan_takes_annotations_as_optional_when_they_are_not_evaluated(source):
    names = scan(source, ast.parse(source), future_annotations=True)
    assert names.eager == set()
    assert names.optional == {"A", "B"}


def test_scan_reads_quoted_annotations_and_own_variables_as_optional():
    source = "def f(a: 'A[B]', b: 'no name!') -> 'C': x: D = a"
    assert scan(source, ast.parse(source)).optional == {"A", "B", "C", "D"}


def test_scan_takes_a_class_variable_of_a_global_s_name_as_optional():
    source = "class K:\n    x = x"
    assert scan(source, ast.parse(source)).optional == {"x"}


def test_scan_knows_what_is_bound_and_assigned():
    source = "import a.b, c as d\nfrom e import f\nx, *y = 1,\ndef g():\n    global z\n    z = 1"
    names = scan(source, ast.parse(source))
    assert names.bound == {"a", "d", "f", "x", "y", "g"}
    assert names.assigned_global == {"z"}


def test_scan_takes_future_imports_that_are_still_there():
    source = "'doc'\nfrom __future__ import annotations\ndef f(x: A): return B"
    names = scan(source, ast.parse(source), future_annotations=True)
    assert (names.eager, names.lazy) == (set(), {"B"})


def test_scan_raises_the_compiler_s_error_with_its_line():
    source = "x = 1\nnonlocal x"
    with pytest.raises(SyntaxError) as caught:
        scan(source, ast.parse(source))
    assert caught.value.lineno == 2


def test_find_imports_tells_what_is_imported_at_once():
    found = find_imports(
        ast.parse(
            "import a.b\nfrom c import *\nif x:\n    import d\ndef f():\n    import e\n"
            "    from . import g\nclass K:\n    import h\n"
            "try:\n    import i\nexcept E:\n    import j"
        )
    )
    assert found.modules == {"a.b", "c", "d", "e", "h", "i", "j"}
    assert found.initial == {"a.b", "c", "d", "h", "i", "j"}
    assert found.star == {"c"}
    assert found.relative


def test_dotted_reads_are_as_long_as_written():
    assert dotted_reads(ast.parse("a.b.c(d.e)[f].g")) >= {"a.b.c", "d.e"}


def test_scan_code_reads_compiled_code():
    code = compile("def f():\n    import a.b\n    return G + (lambda: H)()", "", "exec").co_consts[
        0
    ]
    assert scan_code(code) == ({"G", "H"}, {"a.b"})
