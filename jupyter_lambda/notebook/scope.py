"""What a person means by a word after ``logs`` or ``cost``: a function, a run or a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jupyter_lambda.client.session import Session
from jupyter_lambda.errors import ResourceNotFound

_REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def scope_of(session: Session, word: str) -> dict[str, str]:
    """The keyword argument of ``Session.logs`` and ``Session.usage`` that the word stands for.

    A removed function is found as well, since its logs and usage stay.

    Raises:
        ResourceNotFound: nothing has that name or id.
    """
    looks: list[tuple[str, Callable[[str], Any]]] = [
        ("function", session.get),
        ("run", session.run),
    ]
    for kind, look in looks:
        try:
            look(word)
        except ResourceNotFound:
            continue
        return {kind: word}
    if _REQUEST_ID.fullmatch(word):
        return {"request_id": word}
    if session.invocations(function=word, limit=1):
        return {"function": word}
    raise ResourceNotFound(
        f"{word!r} is no function, no run and no request id; see list and runs for what there is"
    )
