"""What belongs to one run of the program."""

from __future__ import annotations

from dataclasses import dataclass, field

from footage.system.redaction import Redactor
from footage.system.threads import StopEvent
from footage.ui.json_summary import JsonSummary
from footage.ui.options import Options
from footage.ui.terminal import Terminal


@dataclass(frozen=True)
class Session:
    """The run, whatever job it works on.

    secrets:   hidden in the log; what is typed at the sign-in is added
    arguments: the command line, for the log
    told:      what the person was told and need not be told again, whatever the job
    results:   what --json prints at the end
    """

    options: Options
    terminal: Terminal
    stop: StopEvent
    secrets: Redactor = field(default_factory=Redactor)
    arguments: tuple[str, ...] = ()
    told: set[str] = field(default_factory=set)
    results: JsonSummary = field(default_factory=JsonSummary)
