"""``jupyter lambda``: the magics' commands in a terminal, in the same words.

Events are JSON here, since a shell has no Python values. Results go to standard output, progress
and errors to standard error. Exit codes: 0 fine, 1 a function failed, 2 the request is wrong, 3 the
service is not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_lambda import __version__
from jupyter_lambda.errors import (
    FunctionError,
    LambdaError,
    ServiceFault,
    WorkerLost,
)

if TYPE_CHECKING:
    from jupyter_lambda.client.run import Run
    from jupyter_lambda.client.session import Session
    from jupyter_lambda.notebook.table import Shown

OK, FUNCTION_FAILED, INVALID, UNAVAILABLE = range(4)
PROGRAM = "jupyter lambda"
JSON_TYPE = "application/json"
_INTERRUPTED = 130

Options = argparse.Namespace
Command = Callable[[Options], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["serve"]:
        from jupyter_lambda import serve

        return serve.main(words[1:])
    if words[:1] == ["demo"]:
        from jupyter_lambda import demo

        return demo.main(words[1:])
    options = make_parser().parse_args(words)
    try:
        return int(options.command(options))
    except BrokenPipeError:
        # The reader, such as `head`, has enough; nor can what is buffered be written to it.
        sys.stdout = None
        return OK
    except KeyboardInterrupt:
        return _INTERRUPTED
    except LambdaError as error:
        return _tell(error)


def _tell(error: LambdaError) -> int:
    notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
    sys.stderr.write(f"{PROGRAM}: {error}{notes}\n")
    if isinstance(error, (FunctionError, WorkerLost)):
        return FUNCTION_FAILED
    return UNAVAILABLE if isinstance(error, ServiceFault) else INVALID


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Functions on the pool. Alone: an overview."
    )
    parser.set_defaults(command=_overview, home=None)
    parser.add_argument("--version", action="version", version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", type=Path, help="state directory (JUPYTER_LAMBDA_HOME)")
    tabular = argparse.ArgumentParser(add_help=False, parents=[common])
    tabular.add_argument("--json", action="store_true", help="print what the service answered")
    commands = parser.add_subparsers(metavar="COMMAND")

    def add(
        name: str, command: Command | None, words: str, parent: argparse.ArgumentParser = common
    ) -> argparse.ArgumentParser:
        sentence = words[0].upper() + words[1:] + "."
        made = commands.add_parser(name, help=words, description=sentence, parents=[parent])
        made.set_defaults(command=command)
        return made

    add("serve", None, "run the service in the foreground; see serve -h")
    add("status", _status, "the service, its pool and what runs; starts nothing", tabular)
    add("stop", _stop, "end the service; unfinished runs go on at its next start")
    add("demo", None, "run the quickstart notebook; see demo -h")
    add("list", _list, "all functions, with their last result and cost", tabular)
    _function(add("show", _show, "one function: settings, captures, invocations", tabular))
    invoke = _function(add("invoke", _invoke, "run a function once, print its result"))
    invoke.add_argument(
        "payload", metavar="PAYLOAD", nargs="?", default="null",
        help='JSON such as {"x": 1}, @file.json, or - for standard input; nothing is null',
    )  # fmt: skip
    many = _function(add("map", _map, "run a function for each event, print the results"))
    many.add_argument(
        "events", metavar="FILE", help="a JSON event on each line; - is standard input"
    )
    logs = add("logs", _logs, "the log lines of a function, a run or a request", tabular)
    logs.add_argument("of", metavar="FUNCTION|RUN|REQUEST")
    logs.add_argument("-n", "--limit", type=int, default=200, help="lines (default %(default)s)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with new lines")
    add("runs", _runs, "recent runs, of one function or of all", tabular).add_argument(
        "function", metavar="FUNCTION", nargs="?"
    )
    _run_id(add("run", _run, "wait for a run and show it", tabular))
    retry = _run_id(add("retry", _retry, "send a run's failed items again"))
    retry.add_argument(
        "--error", metavar="TYPE", action="append", help="only items that failed with this error"
    )
    _run_id(add("cancel", _cancel, "cancel what a run has queued, kill what it has running"))
    cost = add("cost", _cost, "what the month, a function or a run costs", tabular)
    cost.add_argument("of", metavar="FUNCTION|RUN", nargs="?")
    cost.add_argument("--month", metavar="YYYY-MM", help="another month than this one")
    _function(add("rm", _remove, "remove a function; its logs and its bill stay"))
    return parser


def _function(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("function", metavar="FUNCTION")
    return parser


def _run_id(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("run", metavar="RUN")
    return parser


def _connect(options: Options, *, start: bool = True) -> Session:
    from jupyter_lambda.client.session import connect

    return connect(options.home, start=start)


def _print(shown: Shown, options: Options) -> int:
    print(json.dumps(shown.json, indent=1) if getattr(options, "json", False) else shown.text())
    return OK


# -- the service ------------------------------------------------------------------------------


def _status(options: Options) -> int:
    from jupyter_lambda.notebook import views

    return _print(views.status(_connect(options, start=False).status()), options)


def _stop(options: Options) -> int:
    now = _connect(options, start=False)
    now.stop()
    print(f"the service of {now.home} has ended")
    return OK


# -- see --------------------------------------------------------------------------------------


def _overview(options: Options) -> int:
    from jupyter_lambda.notebook import views

    return _print(views.overview(_connect(options).overview()), options)


def _list(options: Options) -> int:
    from jupyter_lambda.notebook import views

    functions = _connect(options).functions()
    return _print(views.functions([function.described for function in functions]), options)


def _show(options: Options) -> int:
    from jupyter_lambda.notebook import views

    now = _connect(options)
    content = now.describe(options.function)
    return _print(views.show(content, now.invocations(options.function, limit=10)), options)


def _logs(options: Options) -> int:
    from jupyter_lambda.notebook import views
    from jupyter_lambda.notebook.scope import scope_of

    now = _connect(options)
    scope = scope_of(now, options.of)
    lines = now.logs(**scope, limit=options.limit)
    if not options.follow:
        return _print(views.logs(lines), options)
    after = lines[-1]["sequence"] if lines else 0
    for line in _and_then(lines, now.follow_logs(**scope, after=after)):
        print(json.dumps(line) if options.json else views.log_line(line), flush=True)
    return OK


def _and_then(first: list[Any], rest: Iterator[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


def _cost(options: Options) -> int:
    from jupyter_lambda.notebook import views
    from jupyter_lambda.notebook.scope import scope_of

    now = _connect(options)
    if options.of is None:
        of_functions = [] if options.month else now.overview()["functions"]
        return _print(views.bill(now.usage(month=options.month), of_functions), options)
    used = now.usage(**scope_of(now, options.of), month=options.month)
    return _print(views.usage(f"{options.of}, {options.month or 'all time'}", used), options)


# -- call -------------------------------------------------------------------------------------


def _invoke(options: Options) -> int:
    from jupyter_lambda.client.failure import function_error

    now = _connect(options)
    payload = json.dumps(_read_event(options.payload)).encode()
    answer = now.invoke_raw(options.function, payload, JSON_TYPE)
    if answer.error:
        raise function_error(
            answer.body,
            function_name=options.function,
            manifest=now.describe(options.function)["manifest"],
            request_id=answer.request_id,
        )
    print(answer.body.decode())
    return OK


def _read_event(text: str) -> Any:
    from jupyter_lambda.notebook.payload import read_file, read_json

    if text == "-":
        return read_json(sys.stdin.read())
    return read_file(Path(text[1:])) if text.startswith("@") else read_json(text)


def _map(options: Options) -> int:
    from jupyter_lambda.notebook.payload import open_lines

    with open_lines(options.events) as events:
        run = _connect(options).get(options.function).map(events, on_progress=_reporter())
        return _finish(run)


def _finish(run: Run) -> int:
    """Wait with progress, then print each item's result, or null, on a line of its own."""
    content = run.wait(on_progress=_reporter())
    for result in run.results("return"):
        failed = isinstance(result, FunctionError)
        print("null" if failed else json.dumps(result, default=repr))
    return _told(content)


def _told(content: dict[str, Any]) -> int:
    if content["state"] == "succeeded":
        return OK
    sys.stderr.write(f"again: {PROGRAM} retry {content['id']}\n")
    return FUNCTION_FAILED


def _reporter() -> Callable[[dict[str, Any]], None]:
    from jupyter_lambda.notebook.progress import LogReporter, TerminalReporter

    return (TerminalReporter if sys.stderr.isatty() else LogReporter)(sys.stderr)


# -- runs -------------------------------------------------------------------------------------


def _runs(options: Options) -> int:
    from jupyter_lambda.notebook import views

    runs = _connect(options).runs(options.function)
    return _print(views.runs([run.described for run in runs]), options)


def _run(options: Options) -> int:
    from jupyter_lambda.notebook import views

    content = _connect(options).run(options.run).wait(on_progress=_reporter())
    _print(views.run(content, PROGRAM), options)
    return OK if content["state"] == "succeeded" else FUNCTION_FAILED


def _retry(options: Options) -> int:
    return _finish(_connect(options).run(options.run).retry(options.error))


def _cancel(options: Options) -> int:
    run = _connect(options).run(options.run).cancel()
    run.wait(on_progress=_reporter())
    return OK


def _remove(options: Options) -> int:
    _connect(options).delete(options.function)
    print(f"removed {options.function}; its logs and its bill stay")
    return OK


if __name__ == "__main__":
    sys.exit(main())
