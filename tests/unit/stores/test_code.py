from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jupyter_lambda.errors import ResourceNotFound, ServiceFault
from jupyter_lambda.stores.code import CodeStore

ZIP = b"PK and so on"
DIGEST = hashlib.sha256(ZIP).hexdigest()


@pytest.fixture
def code(tmp_path: Path) -> CodeStore:
    return CodeStore(tmp_path / "code")


def test_code_is_kept_under_its_digest(code: CodeStore) -> None:
    assert code.put(ZIP) == DIGEST
    assert code.get(DIGEST) == ZIP
    assert code.path(DIGEST).name == f"{DIGEST}.zip"


def test_putting_the_same_code_twice_keeps_one_file(code: CodeStore) -> None:
    assert code.put(ZIP) == code.put(ZIP)
    assert len(list(code.root.iterdir())) == 1


def test_code_that_was_changed_on_disk_is_refused(code: CodeStore) -> None:
    code.put(ZIP)
    code.path(DIGEST).write_bytes(ZIP + b"!")
    with pytest.raises(ServiceFault, match=r"is damaged.*deploy the function again"):
        code.get(DIGEST)


def test_unknown_code_is_not_found(code: CodeStore) -> None:
    with pytest.raises(ResourceNotFound, match=f"Code not found: {DIGEST}"):
        code.get(DIGEST)


def test_delete_unreferenced_removes_only_what_nothing_needs(code: CodeStore) -> None:
    assert code.delete_unreferenced(set()) == []
    other = code.put(b"other")
    code.put(ZIP)
    (code.root / "half.part").write_bytes(b"")
    assert code.delete_unreferenced({DIGEST}) == [other]
    assert [path.name for path in code.root.iterdir()] == [f"{DIGEST}.zip"]
