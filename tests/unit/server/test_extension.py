from __future__ import annotations

import pytest
from jupyter_events import EventLogger

from jupyter_lambda.server.extension import EVENT_SCHEMA, EVENT_SCHEMA_ID
from jupyter_lambda.server.relay import TOPICS


@pytest.fixture
def events() -> EventLogger:
    logger = EventLogger()
    logger.register_event_schema(EVENT_SCHEMA)
    return logger


@pytest.mark.parametrize(
    "data", [{"service": "up", "topics": list(TOPICS)}, {"service": "down", "topics": []}]
)
def test_event_schema_accepts_what_the_relay_tells(
    events: EventLogger, data: dict[str, object]
) -> None:
    events.schemas.validate_event(EVENT_SCHEMA_ID, data)


@pytest.mark.parametrize(
    "data",
    [{"service": "up"}, {"service": "odd", "topics": []}, {"service": "up", "topics": ["x"]}],
)
def test_event_schema_refuses_anything_else(events: EventLogger, data: dict[str, object]) -> None:
    with pytest.raises(Exception, match=r"required|is not one of"):
        events.schemas.validate_event(EVENT_SCHEMA_ID, data)
