"""The service's answers as tables and pages, the same for the magics and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from jupyter_lambda.capture.report import format_bytes
from jupyter_lambda.notebook import figures
from jupyter_lambda.notebook.markup import Tone
from jupyter_lambda.notebook.progress import failed_count, is_settled, progress_line
from jupyter_lambda.notebook.table import Cell, Facts, Lines, Page, Sentence, Shown, Table

Json = dict[str, Any]

_FIRST_FUNCTION = "none yet; put %%lambda NAME on the first line of a cell"
_STATE_TONES = {"succeeded": Tone.OK, "failed": Tone.BAD, "cancelled": Tone.WARN}


def functions(contents: Sequence[Json]) -> Table:
    rows: list[Sequence[str | Cell]] = [
        (
            content["name"],
            str(content["revision"]),
            f"{content['memory_mb']} MB",
            f"{content['timeout_s']} s",
            last_result(content["last"]),
            f"{content['running']:,}",
            f"{content['usage']['requests']:,}",
            _count(content["usage"]["failures"], Tone.BAD),
            figures.money(content["usage"]["cost_usd"]),
            figures.moment(content["last_modified"]),
        )
        for content in contents
    ]
    return Table(
        "Functions",
        (
            "name", ">revision", ">memory", ">timeout", "last result", ">running",
            ">requests", ">failed", ">cost this month", "modified",
        ),
        rows,
        list(contents),
        _FIRST_FUNCTION,
    )  # fmt: skip


def last_result(attempt: Json | None) -> Cell:
    if attempt is None:
        return Cell("not run yet", Tone.MUTED)
    return _outcome(attempt)


def _outcome(attempt: Json) -> Cell:
    outcome = str(attempt["outcome"])
    if outcome == "ok":
        return Cell("ok", Tone.OK)
    kind = attempt["error_type"]
    return Cell(f"{outcome}: {kind}" if kind else outcome, Tone.BAD)


def _count(count: int, tone: Tone) -> Cell:
    return Cell(f"{count:,}", tone if count else Tone.MUTED)


def runs(contents: Sequence[Json]) -> Table:
    rows: list[Sequence[str | Cell]] = [
        (
            content["id"],
            content["function"],
            Cell(content["state"], _STATE_TONES.get(content["state"], Tone.PLAIN)),
            f"{content['ok']:,}/{content['accepted']:,}",
            Cell(
                f"{failed_count(content):,} ({figures.failures(content['failures'])})"
                if content["failures"]
                else "0",
                Tone.BAD if content["failures"] else Tone.MUTED,
            ),
            _count(content["cancelled"], Tone.WARN),
            figures.duration(content["p50_ms"]),
            figures.money(content["cost_usd"]),
            figures.moment(content["created_at"]),
        )
        for content in contents
    ]
    return Table(
        "Runs",
        ("id", "function", "state", ">ok", "failed", ">cancelled", ">p50", ">cost", "started"),
        rows,
        list(contents),
        "none yet; NAME.map(events) or %lambda map NAME ITERABLE starts one",
    )


def run(content: Json, command: str = "%lambda") -> Page:
    """A run: its line, and what to do about its failures in words of the door that shows it."""
    tone = _STATE_TONES.get(content["state"], Tone.PLAIN)
    facts: list[tuple[str, str | Cell]] = [
        ("state", Cell(content["state"], tone)),
        ("function", f"{content['function']}, revision {content['revision']}"),
        ("items", progress_line(content).partition(" · ")[2]),
        ("started", figures.moment(content["created_at"])),
    ]
    if content["finished_at"]:
        facts.append(("finished", figures.moment(content["finished_at"])))
    if content["input_error"]:
        facts.append(("input", Cell(content["input_error"], Tone.WARN)))
    if is_settled(content) and content["state"] != "succeeded":
        facts.append(("again", f"{command} retry {content['id']}"))
    return Page([Facts(f"Run {content['id']}", facts)], content)


def invocations(contents: Sequence[Json]) -> Table:
    rows: list[Sequence[str | Cell]] = [
        (
            figures.moment(content["started_at"]),
            content["function"],
            _outcome(content),
            figures.duration(content["duration_ms"]),
            f"{content['billed_duration_ms']:,} ms",
            figures.duration(content["init_duration_ms"]),
            f"{content['max_memory_used_mb']}/{content['memory_mb']} MB",
            content["request_id"],
        )
        for content in contents
    ]
    return Table(
        "Invocations",
        (
            "started", "function", "result", ">duration", ">billed", ">init", ">memory",
            "request id",
        ),
        rows,
        list(contents),
    )  # fmt: skip


def show(content: Json, recent: Sequence[Json]) -> Page:
    """One function: configuration, what it captured, what it did."""
    usage = content["usage"]
    facts: list[tuple[str, str | Cell]] = [
        ("arn", content["arn"]),
        ("revision", f"{content['revision']} of {figures.moment(content['last_modified'])}"),
        ("memory, timeout", f"{content['memory_mb']} MB, {content['timeout_s']} s"),
        ("runtime, handler", f"{content['runtime']}, {content['handler']}"),
        ("code", f"{content['code_size_bytes']:,} bytes, sha256 {content['code_sha256']}"),
        ("made by", content["source"]),
    ]
    if content["description"]:
        facts.insert(0, ("description", content["description"]))
    if content["environment"]:
        pairs = [f"{key}={value}" for key, value in content["environment"].items()]
        facts.append(("environment", "\n".join(pairs)))
    facts += [
        ("running now", f"{content['running']:,}"),
        (
            "this month",
            f"{figures.counted(usage['requests'], 'request')}, {usage['failures']:,} failed, "
            f"{figures.gb_seconds(usage['gb_seconds'])} GB-s, {figures.money(usage['cost_usd'])}",
        ),
        ("last result", last_result(content["last"])),
    ]
    parts: list[Shown] = [Facts(content["name"], facts)]
    captured = (content.get("manifest") or {}).get("captures") or []
    if captured:
        parts.append(captures(captured))
    return Page([*parts, invocations(recent)], content)


def captures(rows: Iterable[Json]) -> Table:
    contents = list(rows)
    cells: list[Sequence[str | Cell]] = []
    for row in contents:
        size = format_bytes(row["bytes"]) if row["bytes"] else ""
        cells.append((row["name"], row["kind"], size, row["by"]))
    return Table("Captured", ("name", "kind", ">size", "travels by"), cells, contents, "nothing")


def logs(lines: Sequence[Json]) -> Lines:
    tones = {"platform": Tone.MUTED, "stderr": Tone.WARN}
    return Lines(
        [Cell(log_line(line), tones.get(line["stream"], Tone.PLAIN)) for line in lines],
        list(lines),
    )


def log_line(line: Json) -> str:
    """The line after its time; further lines of the same entry stand under its text."""
    time = figures.time_of_day(line["timestamp"]) + "  "
    text = str(line["text"]).rstrip().replace("\t", "  ")
    return time + text.replace("\n", "\n" + " " * len(time))


def status(content: Json) -> Facts:
    pool = content["pool"]
    tones = {"ready": Tone.OK, "failed": Tone.BAD}
    state = str(pool["state"]) + (f": {pool['detail']}" if pool["detail"] else "")
    pairs: list[tuple[str, str | Cell]] = [
        ("service", f"{content['url']}, pid {content['pid']}, version {content['version']}"),
        ("home", content["home"]),
        ("started", figures.moment(content["started_at"])),
        ("pool", Cell(state, tones.get(pool["state"], Tone.PLAIN))),
    ]
    if pool["scheduler"]:
        pairs.append(("scheduler", pool["scheduler"]))
    workers = [w for w in pool["workers"] if not w["starter"]] or pool["workers"]
    lines = [
        f"{w['name']}: {w['threads']} at once, {w['memory_mb']:,} MB, "
        f"{figures.counted(w['environments'], 'environment')}, {w['running']} running"
        for w in workers
    ]
    pairs += [
        ("workers", "\n".join([f"{len(workers)}", *lines])),
        ("functions", f"{content['functions']:,}"),
        (
            "now",
            f"{content['running']:,} running, {content['queued']:,} queued, "
            f"{figures.counted(content['runs'], 'live run')}",
        ),
    ]
    return Facts("Lambda service", pairs, content)


def overview(content: Json) -> Page:
    """What ``%lambda`` alone shows: where, what, what runs, what it cost."""
    now = content["status"]
    workers = [w for w in now["pool"]["workers"] if not w["starter"]]
    pool = f"{figures.counted(len(workers), 'worker')}" if workers else now["pool"]["state"]
    usage = content["usage"]
    words = (
        f"{now['url']} · {pool} · {now['running']:,} running · {now['queued']:,} queued · "
        f"{figures.money(usage['bill']['list_usd'])} this month"
    )
    return Page(
        [Sentence(words), functions(content["functions"]), runs(content["runs"][:10])], content
    )


def usage(title: str, content: Json) -> Facts:
    """What a function, a run or a call used, at list price."""
    cost = content["cost"]
    return Facts(
        title,
        [
            ("requests", f"{content['requests']:,}"),
            ("failed", _count(content["failures"], Tone.BAD)),
            ("billed duration", figures.duration(content["billed_duration_ms"])),
            ("compute", f"{figures.gb_seconds(content['gb_seconds'])} GB-s"),
            (
                "list price",
                f"{figures.money(cost['total_usd'])} = requests "
                f"{figures.money(cost['requests_usd'])} + duration "
                f"{figures.money(cost['duration_usd'])} ({cost['price_table']})",
            ),
        ],
        content,
    )


def bill(content: Json, of_functions: Sequence[Json]) -> Page:
    """The month: the list price, the free tier apart, what is payable, and who used it."""
    month = content["bill"]
    used = [f for f in of_functions if f["usage"]["requests"]]
    used.sort(key=lambda f: Decimal(f["usage"]["cost_usd"]), reverse=True)
    by_function = Table(
        "By function",
        ("name", ">requests", ">failed", ">GB-s", ">list price"),
        [
            (
                f["name"],
                f"{f['usage']['requests']:,}",
                _count(f["usage"]["failures"], Tone.BAD),
                figures.gb_seconds(f["usage"]["gb_seconds"]),
                figures.money(f["usage"]["cost_usd"]),
            )
            for f in used
        ],
        used,
        "no function has run this month",
    )
    totals = usage(f"Month {month['month']}", content)
    totals.pairs.extend(
        [
            (
                "free tier",
                f"{figures.money(-Decimal(month['free_tier_usd']))} for "
                f"{figures.counted(month['free_requests_used'], 'request')} and "
                f"{figures.gb_seconds(month['free_gb_seconds_used'])} GB-s",
            ),
            ("payable", figures.money(month["payable_usd"])),
            ("", "What AWS Lambda would charge; here it runs on your own machine."),
        ]
    )
    return Page([totals, by_function] if of_functions else [totals], content)
