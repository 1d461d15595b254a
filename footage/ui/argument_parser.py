"""The command line as argparse reads it, and the messages for what cannot be understood."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import Field
from typing import Any, NoReturn

from footage import __version__
from footage.errors import UsageError
from footage.system import dates
from footage.system.text import quotable, terminal_columns
from footage.ui.command_line import Entries, sign_in_variables, typed_name
from footage.ui.environment import COMMAND

_EPILOG = """\
What an option answers is not asked. With the first three and the key in the
environment nothing is asked at all:

  {command} --vehicle "Truck 42" --start "{start}" --minutes 5

The API key is never an option, because other users of the computer could read it:
type it when asked, or put it into a file named .env in this folder, in a line
  {keys}
{urls} there choose another host.

It ends with 0 when everything asked for is there, 4 when something has not arrived
yet and --resume may bring it, 3 when something is missing for good, 1 when nothing
could be had or you said no, 2 when an option or answer cannot be used, 5 when
--verify or --package finds a file changed, missing or surplus, 130 when stopped
with Ctrl+C.
"""


def parse_arguments(
    arguments: Sequence[str], declared: Sequence[Field[Any]], entries: Entries
) -> dict[str, Any]:
    """See `read_command_line`."""
    parser = _parser(declared, entries)
    given, extra = parser.parse_known_args(arguments)
    if extra:
        parser.error(_unrecognized(extra, entries))
    return vars(given)


class _Parser(argparse.ArgumentParser):
    """argparse with its own messages, raised instead of printed below a long usage line."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument ") and not re.search(r"invalid choice|expected", message):
            end = "" if message.endswith("?") else "."
            raise UsageError(message.rstrip(".") + end)  # a sentence of ours
        message = message.rstrip(".?!")
        raise UsageError(f"{message} ({COMMAND} --help shows what there is).")


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Told the width, which argparse would have to load shutil for."""
    return argparse.RawDescriptionHelpFormatter(prog, width=terminal_columns() - 2)


def _parser(declared: Sequence[Field[Any]], entries: Entries) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=COMMAND,
        usage=f"{COMMAND} [options]",
        description="Get the dash-cam footage of one vehicle from one moment on: a file for each\n"
        "camera, and one with all cameras side by side.",
        epilog=_EPILOG.format(
            command=COMMAND,
            start=dates.EXAMPLE,
            keys="  or  ".join(f"{name}=..." for name in sign_in_variables(entries)),
            urls=" and ".join(entry.url_variable for entry in entries),
        ),
        formatter_class=_formatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    headings = dict.fromkeys(one.metadata["group"] for one in declared)
    groups = {heading: parser.add_argument_group(heading) for heading in headings}
    group = None
    for one in declared:
        group = groups[one.metadata["group"]]
        group.add_argument(typed_name(one), **_arguments(one, entries))
    (group or parser).add_argument("--version", action="version", version=__version__)
    return parser


def _arguments(declared: Field[Any], entries: Entries) -> dict[str, Any]:
    """The arguments of `add_argument`."""
    arguments = {
        "dest": declared.name,
        "help": declared.metadata["help"],
        "type": _argument_type(declared.metadata["parse"]),
        **declared.metadata["more"],
    }
    for name in ("help", "choices"):
        if callable(arguments.get(name)):
            arguments[name] = arguments[name](entries)
    return {name: value for name, value in arguments.items() if value is not None}


def _argument_type(parse: Callable[[str], object] | None) -> Callable[[str], object] | None:
    """`parse` for argparse, which then names the option before the sentence."""
    if parse is None:
        return None

    def convert(text: str) -> object:
        try:
            return parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _unrecognized(extra: Sequence[str], entries: Entries) -> str:
    """argparse's message, without anything that could be a key typed after a made-up option."""
    shown = [quotable(word.split("=")[0]) for word in extra]
    shown = [word if len(word) <= 16 else "(not shown)" for word in shown]
    message = f"unrecognized arguments: {' '.join(shown)}"
    if re.match(r"--?(?:\w+-)?(?:key|token)\b", extra[0]):
        variables = " or ".join(sign_in_variables(entries))
        return f"{message}; the key is not an option, type it when asked or set {variables}"
    if not extra[0].startswith("-"):
        return f'{message}; what has a blank in it needs quotes, as in --vehicle "Truck 42"'
    return message
