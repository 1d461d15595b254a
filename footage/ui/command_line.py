"""The command line: how an option is declared, and what the arguments say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import Field, field
from typing import Any

from footage.cloud.provider_entry import ProviderEntry

Entries = Sequence[ProviderEntry]
OfEntries = Callable[[Entries], Any]  # what depends on the providers there are


def option(
    group: str,
    help_text: str | OfEntries,
    *,
    default: Any = None,
    name: str = "",
    parse: Callable[[str], object] | None = None,
    of_job: bool = True,
    **more: Any,
) -> Any:
    """A field of a dataclass that an option of the command line sets.

    group:     its heading in --help
    help_text: of --help, or a function of the providers there are; so may be `choices`
    default:   the value where the option is not given, or a function that returns it
    name:      where it is not the field's own, with dashes
    parse:     text -> value; raises UsageError
    of_job:    a job that is taken up has it settled, so it does not go with --resume
    more:      further arguments of argparse's `add_argument`
    """
    metadata = {
        "group": group,
        "help": help_text,
        "name": name,
        "parse": parse,
        "of_job": of_job,
        "more": more,
    }
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


def typed_name(declared: Field[Any]) -> str:
    """How the option of a field is typed: "--poll-seconds", "--no-labels"."""
    negation = "no-" if declared.metadata["more"].get("action") == "store_false" else ""
    return declared.metadata["name"] or f"--{negation}{declared.name.replace('_', '-')}"


def sign_in_variables(entries: Entries) -> list[str]:
    """The environment variables that answer what the providers' sign-in asks."""
    return [asked.variable for entry in entries for asked in entry.sign_in]


def read_command_line(
    arguments: Sequence[str], declared: Sequence[Field[Any]], entries: Entries
) -> dict[str, Any]:
    """What the arguments say, by the names of the fields; what they do not say is left out.

    `--help` and `--version` print and raise SystemExit(0). Raises UsageError.
    """
    if not arguments:
        return {}
    # Late: argparse takes 8 ms to load and to be told of all options, and the first question waits.
    from footage.ui.argument_parser import parse_arguments

    return parse_arguments(arguments, declared, entries)
