"""Stack traces in terms of cells."""

from __future__ import annotations

import pytest

from jupyter_lambda.capture.sourcemap import Segment, label_for, map_stack_trace

MANIFEST = {
    "source_map": [
        Segment(10, 3, "/tmp/ipykernel_1/2.py", "Cell In[5]", 2).to_dict(),
        Segment(20, 5, "/home/me/script.py", 'File "/home/me/script.py"', 40).to_dict(),
    ],
    "captured_files": {"<captured f>": "Cell In[2]"},
}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            '  File "/var/task/lambda_function.py", line 12, in f\n    x\n',
            "  Cell In[5], line 4, in f\n    x\n",
        ),
        (
            '  File "/tmp/e/1/lambda_function.py", line 20, in g\n    y\n    ^\n',
            '  File "/home/me/script.py", line 40, in g\n    y\n    ^\n',
        ),
        ('  File "<captured f>", line 3, in h\n', "  Cell In[2], line 3, in h\n"),
        ('  File "/var/task/lambda_function.py" Line 10\n    (', "  Cell In[5], line 2\n    ("),
        ('  File "/var/task/other.py", line 12, in f\n', None),
        ('  File "/var/task/my_lambda_function.py", line 12, in f\n', None),
        ("not an entry at all", None),
        ("", None),
    ],
)
def test_map_stack_trace_rewrites_what_was_copied(entry, expected):
    assert map_stack_trace([entry], MANIFEST) == [entry if expected is None else expected]


def test_map_stack_trace_takes_a_manifest_without_a_map():
    entry = '  File "/var/task/lambda_function.py", line 1, in f\n'
    assert map_stack_trace([entry], {}) == [entry]


def test_label_for_asks_the_notebook_first():
    assert label_for("a.py", {"a.py": "Cell In[1]"}.get) == "Cell In[1]"
    assert label_for("b.py", {"a.py": "Cell In[1]"}.get) == 'File "b.py"'
    assert label_for("b.py") == 'File "b.py"'


@pytest.mark.parametrize("line", [9, 13])
def test_map_stack_trace_leaves_out_what_the_packager_wrote(line):
    entry = f'  File "/var/task/lambda_function.py", line {line}, in adapter\n'
    assert map_stack_trace([entry], MANIFEST) == []


def test_map_stack_trace_keeps_every_entry_when_there_is_no_map():
    entry = '  File "/var/task/lambda_function.py", line 9, in f\n'
    assert map_stack_trace([entry], {}) == [entry]
