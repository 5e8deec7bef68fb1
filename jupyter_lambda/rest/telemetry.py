"""What happened and what it costs, over HTTP: logs, invocations, usage, overview, changes."""

from __future__ import annotations

import re
from collections.abc import Callable

from jupyter_lambda.errors import InvalidParameterValue
from jupyter_lambda.model.invocation import LogLine
from jupyter_lambda.rest import wire
from jupyter_lambda.rest.base import PAGE_MAX, ApiHandler
from jupyter_lambda.telemetry.transcript import lines_after, newest_lines, position_of


class StatusHandler(ApiHandler):
    def get(self) -> None:
        self.reply(self.view.status())


class OverviewHandler(ApiHandler):
    def get(self) -> None:
        self.reply(self.view.overview())


class ChangesHandler(ApiHandler):
    """Topics that changed since a sequence; answers as soon as there is one."""

    async def get(self) -> None:
        after = self.number("after", 0)
        bell = self.service.changes
        sequence = await bell.wait(after, self.patience_s())
        self.reply({"sequence": sequence, "topics": bell.topics_after(after)})


class LogsHandler(ApiHandler):
    """A page of the log; with ``after`` and ``wait_s`` a live tail of it."""

    async def get(self) -> None:
        limit = self.number("limit", 1_000, PAGE_MAX)
        if self.optional("after") is None:
            lines = newest_lines(self.service.logs.entries(self.scope(), limit=limit), limit)
        else:
            after = self.number("after", 0)
            lines = self._following(after, limit)
            if not lines and self.patience_s():
                await self._await_lines(self.patience_s())
                lines = self._following(after, limit)
        following = lines[-1].sequence if lines else self.number("after", 0)
        self.reply({"lines": [wire.line_json(line) for line in lines], "next": following})

    def _following(self, after: int, limit: int) -> list[LogLine]:
        # One entry more: the first may have been shown already.
        entries = self.service.logs.entries(
            self.scope(), position=position_of(after), limit=limit + 1
        )
        return lines_after(entries, after, limit)

    async def _await_lines(self, patience_s: float) -> None:
        bell = self.service.changes
        await bell.wait(bell.sequence, patience_s)


class AttemptsHandler(ApiHandler):
    def get(self) -> None:
        attempts = self.service.usage.recent(
            self.scope(),
            limit=self.number("limit", 50, PAGE_MAX),
        )
        self.reply({"invocations": self.view.attempts(attempts)})


class UsageHandler(ApiHandler):
    def get(self) -> None:
        month = self.optional("month")
        if month is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise InvalidParameterValue(f"month must be YYYY-MM; got {month!r}")
        self.reply(self.view.usage(self.scope(), month=month))


class ShutdownHandler(ApiHandler):
    def post(self) -> None:
        self.reply({}, 202)
        stop: Callable[[], None] = self.application.settings["stop"]
        stop()
