"""Whole packages, run as a worker runs them."""

from __future__ import annotations


def test_package_runs_in_a_clean_interpreter_with_what_the_notebook_defined(notebook, worker):
    notebook.run("import math, json as js\nfrom collections import OrderedDict as Ordered\n")
    notebook.run("import xml.etree.ElementTree\nfrom dataclasses import dataclass\n")
    notebook.run(
        "LIMIT = 3\nWORDS = {'b', 'a'}\nTABLE = list(range(5000))\n"
        "@dataclass\nclass Point:\n    x: int\n    y: int = LIMIT\n"
        "    def norm(self):\n        return math.hypot(self.x, self.y)\n"
        "HOME = Point(3, 4)\n"
        "def even(n):\n    return True if n == 0 else odd(n - 1)\n"
        "def odd(n):\n    return False if n == 0 else even(n - 1)\n"
    )
    package = notebook.package(
        "def area(event, context):\n"
        "    assert isinstance(HOME, Point)\n"
        "    tree = xml.etree.ElementTree.fromstring('<a/>')\n"
        "    return [HOME.norm(), even(event), sum(TABLE), sorted(WORDS), js.dumps(Ordered(a=1)),\n"
        "            tree.tag]\n"
    )
    expected = [5.0, True, sum(range(5000)), ["a", "b"], '{"a": 1}', "a"]
    assert worker(package).call(4) == expected
