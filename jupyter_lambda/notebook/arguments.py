"""The lines of ``%%lambda`` and ``%lambda``, parsed: real argparse, whose errors are UsageErrors.

A payload is the rest of its line, taken as it stands: its quotes and braces belong to JSON or
Python, so they are not the shell's.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shlex
from typing import NoReturn

from IPython.core.error import UsageError

from jupyter_lambda.client.session import DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_S
from jupyter_lambda.model import quotas

WITH_PAYLOAD = ("invoke", "map")
_EVENT = 'JSON such as {"x": 1}, :variable, @file.json or =expression; nothing is null'
_EVENTS = "many events: [JSON, ...], :variable, @file.jsonl or =expression such as =range(10)"


class HelpShown(Exception):  # noqa: N818 - not an error
    """``-h`` was given and the help has been printed."""


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that never ends the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShown


def cell_parser() -> Parser:
    parser = Parser(
        prog="%%lambda",
        description="Make the cell a function on the pool, and define it here too.",
        epilog="The handler is the def named NAME, else the last def whose first parameter is "
        "event, else the cell itself with event in scope and its last expression as the result.",
    )
    add = parser.add_argument
    add("name", metavar="NAME", help="letters, digits, hyphens and underscores; up to 64")
    add(
        "-m", "--memory", metavar="MB", type=int, default=DEFAULT_MEMORY_MB,
        help=f"{quotas.MEMORY_MIN_MB} to {quotas.MEMORY_MAX_MB:,} (default %(default)s)",
    )  # fmt: skip
    add(
        "-t", "--timeout", metavar="S", type=int, default=DEFAULT_TIMEOUT_S,
        help=f"{quotas.TIMEOUT_MIN_S} to {quotas.TIMEOUT_MAX_S} (default %(default)s)",
    )  # fmt: skip
    add(
        "-e", "--env", metavar="K=V", type=_variable, action="append", default=[],
        help="an environment variable; may be repeated",
    )  # fmt: skip
    add("--description", metavar="TEXT", default="", help="what it is for")
    add("--dry-run", action="store_true", help="show what would be deployed, and deploy nothing")
    add("-q", "--quiet", action="store_true", help="show no card, only warnings")
    return parser


def _variable(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} has no =; write NAME=VALUE")
    return key, value


def line_parser() -> Parser:
    parser = Parser(prog="%lambda", description="Functions on the pool. Alone: an overview.")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", parser_class=Parser)

    def verb(name: str, words: str) -> Parser:
        return verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")

    verb("list", "all functions, with their last result and cost")
    _function(verb("show", "one function: settings, captures, recent invocations"))
    invoke = _function(verb("invoke", "run a function once on the pool, give its result"))
    invoke.add_argument("payload", metavar="PAYLOAD", nargs="?", default="", help=_EVENT)
    many = _function(verb("map", "run a function for each event, wait, give the run"))
    many.add_argument("events", metavar="ITERABLE", help=_EVENTS)
    logs = verb("logs", "the log lines of a function, a run or a request")
    logs.add_argument("of", metavar="FUNCTION|RUN|REQUEST|:variable")
    logs.add_argument("-n", "--limit", type=int, default=200, help="lines (default %(default)s)")
    runs = verb("runs", "recent runs, of one function or of all")
    runs.add_argument("function", metavar="FUNCTION", nargs="?")
    one = verb("run", "come back to a run, wait for it and give it; the newest if none is named")
    one.add_argument("run", metavar="ID|:variable", nargs="?")
    retry = verb("retry", "send a run's failed items again with the function as it is now")
    retry.add_argument("run", metavar="ID|:variable")
    retry.add_argument(
        "--error", metavar="TYPE", action="append", help="only items that failed with this error"
    )
    verb("cancel", "cancel what a run has queued and kill what it has running").add_argument(
        "run", metavar="ID|:variable"
    )
    cost = verb("cost", "what the month, a function or a run costs")
    cost.add_argument("of", metavar="FUNCTION|RUN|:variable", nargs="?")
    cost.add_argument("--month", metavar="YYYY-MM", help="another month than this one")
    _function(verb("rm", "remove a function; its logs and its bill stay"))
    verb("status", "the service, its pool and what runs; starts nothing")
    verb("stop", "end the service; unfinished runs go on at its next start")
    return parser


def _function(parser: Parser) -> Parser:
    parser.add_argument("function", metavar="FUNCTION")
    return parser


def verbs_of(parser: argparse.ArgumentParser) -> list[str]:
    """The names of a parser's commands, in the order of its help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return list(action.choices)
    return []


def parse_cell_line(line: str) -> argparse.Namespace:
    """Raises: UsageError; HelpShown."""
    return cell_parser().parse_args(_split(line))


def parse_line(line: str) -> argparse.Namespace:
    """Raises: UsageError, with the commands there are; HelpShown."""
    parser = line_parser()
    words = split_line(line)
    known = verbs_of(parser)
    if words and not words[0].startswith("-") and words[0] not in known:
        raise UsageError(_unknown(words[0], known))
    return parser.parse_args(words)


def _unknown(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    guess = f" Did you mean {close[0]}?" if close else ""
    return f"%lambda has no command {word!r}.{guess} The commands are: {', '.join(known)}"


def split_line(line: str) -> list[str]:
    """Words as a shell reads them, but a payload in one piece."""
    verb, _, rest = line.strip().partition(" ")
    if verb not in WITH_PAYLOAD or rest.lstrip().startswith("-"):
        return _split(line)
    match = re.fullmatch(r"(\S+)\s*(.*)", rest.strip(), re.DOTALL)
    if match is None:
        return [verb]
    name, payload = match.groups()
    # After "--" argparse takes a payload that begins with a hyphen, such as -1, for a value.
    if payload in ("-h", "--help"):
        return [verb, payload]
    return [verb, "--", name, payload] if payload else [verb, name]


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{line.strip()!r} cannot be read: {error}") from error
