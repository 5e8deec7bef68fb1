"""The function that Lambda calls, where the author's own cannot take ``(event, context)``.

Also the body form, in which a whole cell becomes the inside of that function. Both keep the
author's lines one to one, so that the source map stays exact.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection

from jupyter_lambda.capture.handler import Handler, Parameters, Style

ENTRY = "lambda_handler"
_INDENT = "    "
_LOCALS = frozenset(
    [
        "event",
        "context",
        "arguments",
        "missing",
        "unexpected",
        "keys",
        "key",
        "kind",
        "positional",
        "named",
        "value",
    ]
)


def entry_name(taken: Collection[str]) -> str:
    """``lambda_handler``, or that with a number when the author's code has the name."""
    name, number = ENTRY, 1
    while name in taken:
        number += 1
        name = f"{ENTRY}_{number}"
    return name


def write_adapter(handler: Handler, entry: str) -> list[str]:
    """A function ``entry(event, context)`` that calls the handler in its style."""
    name = f"globals()[{handler.name!r}]" if handler.name in _LOCALS else handler.name
    if handler.style is Style.EVENT:
        body = [f"return {name}(event)"]
    elif handler.style is Style.NOTHING:
        body = [f"return {name}()"]
    else:
        body = _call_with_keys(handler.name, handler.parameters)
    return [f"def {entry}(event, context):", *(f"{_INDENT}{line}" for line in body)]


def _call_with_keys(name: str, parameters: Parameters) -> list[str]:
    callee = f"globals()[{name!r}]" if name in _LOCALS else name
    known = list(parameters.names)
    required = [parameter for parameter in known if parameter in parameters.required]
    expected = ", ".join(known)
    lines = [f'"""Call {name}({expected}) with the event\'s keys as arguments."""']
    lines += ["arguments = event" if required else "arguments = {} if event is None else event"]
    if len(parameters.names) == 1 and not parameters.any_keyword:
        # One parameter takes the event whole, unless the event spells its name and nothing else,
        # or leaves it to its default.
        by_name = [known] if required else [[], known]
        lines += [
            f"if not isinstance(arguments, dict) or list(arguments) not in {by_name!r}:",
            f"{_INDENT}arguments = {{{known[0]!r}: event}}",
        ]
    else:
        lines += [
            "if not isinstance(arguments, dict):",
            f"{_INDENT}kind = type(event).__name__",
            f'{_INDENT}raise TypeError(f"the event must be an object with the keys of '
            f'{name}({expected}), not {{kind}}")',
        ]
    lines += [
        f"missing = [key for key in {required!r} if key not in arguments]",
        "if missing:",
        f'{_INDENT}keys = ", ".join(missing)',
        f'{_INDENT}raise TypeError(f"the event has no key {{keys}}, which {name}({expected}) '
        'needs")',
    ]
    if not parameters.any_keyword:
        lines += [
            f"unexpected = [str(key) for key in arguments if key not in {known!r}]",
            "if unexpected:",
            f'{_INDENT}keys = ", ".join(unexpected)',
            f'{_INDENT}raise TypeError(f"the event has the key {{keys}}, which {name}({expected}) '
            'does not take")',
        ]
    return lines + _call(callee, parameters)


def _call(name: str, parameters: Parameters) -> list[str]:
    if not parameters.positional_only:
        return [f"return {name}(**arguments)"]
    order = list(parameters.positional_only)
    return [
        f"positional = [arguments[key] for key in {order!r} if key in arguments]",
        f"named = {{key: value for key, value in arguments.items() if key not in {order!r}}}",
        f"return {name}(*positional, **named)",
    ]


def wrap_body(lines: tuple[str, ...], tree: ast.Module) -> tuple[int, list[str]]:
    """The cell as a function's body: how many leading lines stay outside, and the rest indented.

    Leading imports stay at the module's top level, so that they run once per environment. The
    last expression is returned.
    """
    split = _lines_of_leading_imports(tree)
    strings = _lines_inside_strings("\n".join(lines))
    body = list(lines)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        text = body[last.lineno - 1].encode()
        start = last.col_offset
        body[last.lineno - 1] = (text[:start] + b"return " + text[start:]).decode()
    indented = [
        line if number in strings or not line.strip() else _INDENT + line
        for number, line in enumerate(body, start=1)
    ]
    return split, indented[split:]


def _lines_of_leading_imports(tree: ast.Module) -> int:
    ends = [0]
    for statement in tree.body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            # An import that shares its line with another statement stays with it.
            return max(end for end in ends if end < statement.lineno)
        ends.append(statement.end_lineno or statement.lineno)
    return ends[-1]


def _lines_inside_strings(source: str) -> set[int]:
    """Lines that begin inside a string, where more indentation would change the string."""
    inside: set[int] = set()
    starts: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif kind in ("FSTRING_START", "TSTRING_START"):
            starts.append(token.start[0])
        elif kind in ("FSTRING_END", "TSTRING_END"):
            inside.update(range(starts.pop() + 1, token.end[0] + 1))
    return inside
