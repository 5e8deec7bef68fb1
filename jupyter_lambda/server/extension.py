"""The extension application: what Jupyter's server loads, starts and stops.

Named by ``_jupyter_server_extension_points`` of the package. It wires the handlers and the relay
to the service of this user's home and ends the relay before the server goes.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp

from jupyter_lambda.client.home import default_home
from jupyter_lambda.server.handlers import Door, routes
from jupyter_lambda.server.relay import Change, ChangeRelay
from jupyter_lambda.server.upstream import Upstream

EVENT_SCHEMA = Path(__file__).with_name("events") / "change.yaml"
EVENT_SCHEMA_ID = "https://events.jupyter.org/jupyter_lambda/change/v1"


def start_service(home: Path) -> None:
    """Start the service of this home, or find that it runs; returns when it answers."""
    from jupyter_lambda.client.connection import connect

    connect(home)


class LambdaExtension(ExtensionApp):
    name = "jupyter_lambda"
    extension_url = "/lab"
    load_other_extensions = True

    def initialize_settings(self) -> None:
        self.events.register_event_schema(EVENT_SCHEMA)
        upstream = Upstream(default_home())
        relay = ChangeRelay(upstream, self.emit)
        self.settings["jupyter_lambda_door"] = Door(upstream, relay, start_service)

    def initialize_handlers(self) -> None:
        self.handlers.extend(routes())

    @property
    def door(self) -> Door:
        door: Door = self.settings["jupyter_lambda_door"]
        return door

    @property
    def events(self) -> EventLogger:
        """The event bus of the Jupyter server, which is there once the extension is linked."""
        assert self.serverapp is not None
        events = self.serverapp.event_logger
        assert events is not None
        return events

    def emit(self, change: Change) -> None:
        data: dict[str, Any] = asdict(change) | {"topics": list(change.topics)}
        self.events.emit(schema_id=EVENT_SCHEMA_ID, data=data)

    async def _start_jupyter_server_extension(self, serverapp: object) -> None:
        self.door.relay.start()

    async def stop_extension(self) -> None:
        await self.door.relay.stop()
        self.door.upstream.close()
