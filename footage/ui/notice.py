"""`--notify`: a program of the person's own is run for each job that has ended."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO

from footage.system.redaction import Redactor
from footage.system.text import single_line

log = logging.getLogger("footage.ui.notice")

TIME_LIMIT = 60.0  # seconds; longer than a mail takes, and a look for new events waits for it


class Notifier:
    """Runs the command of `--notify`, without a shell.

    command: the program, and what it is given; empty for none
    secrets: what must not be in its environment
    hidden:  names of variables that must not be either
    """

    def __init__(
        self,
        command: Sequence[str],
        secrets: Redactor,
        hidden: Sequence[str] = (),
        time_limit: float = TIME_LIMIT,
    ) -> None:
        self._command = command
        self._secrets = secrets
        self._hidden = hidden
        self._time_limit = time_limit

    def give(self, text: str) -> str:
        """Run the command with `text` on its standard input, as UTF-8.

        Returns what went wrong, in a sentence; "" where nothing did, or there is no command.
        """
        if not self._command:
            return ""
        # Files in place of pipes: nobody waits for what a program that it starts keeps open.
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as printed:
            given.write(text.encode("utf-8"))
            given.seek(0)
            try:
                why = self._run(given, printed)
            except OSError as error:
                why = f"it could not be started ({error.strerror or error})"
            printed.seek(0)
            last = single_line(printed.read()[-300:].decode("utf-8", "replace"))
        if last:
            log.info("The command of --notify has printed: %s", last)
        return f"The command of --notify has failed: {why}." if why else ""

    def _run(self, given: BinaryIO, printed: BinaryIO) -> str:
        """What went wrong, in words; "" for nothing."""
        process = subprocess.Popen(  # noqa: S603 - what the person has asked for, and no shell
            list(self._command),
            stdin=given,
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=self._environment(),
            start_new_session=sys.platform != "win32",
        )
        try:
            status = process.wait(self._time_limit)
        except subprocess.TimeoutExpired:
            return f"it did not end within {self._time_limit:g} seconds, and was stopped"
        finally:
            if process.poll() is None:
                _kill(process)
        return f"it ended with status {status}" if status else ""

    def _environment(self) -> Mapping[str, str]:
        """This run's, without keys."""
        return {
            name: value
            for name, value in os.environ.items()
            if name not in self._hidden and self._secrets.hides_none_of(value)
        }


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program, and on other systems than Windows what it has started."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
