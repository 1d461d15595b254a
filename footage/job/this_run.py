"""This run of the program, as a job's journal keeps it: who ran it, where, and with what."""

from __future__ import annotations

import getpass
import platform
from datetime import datetime

import footage
from footage.errors import FootageError
from footage.media import ffmpeg
from footage.model import UTC, ProgramRun
from footage.system.text import single_line


def this_run() -> ProgramRun:
    """The run that begins now. What cannot be found out is "": a run does not fail for it.

    May start ffmpeg once in the life of the program, to have its version.
    """
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    tools = [_ffmpeg_version(), f"Python {platform.python_version()}", system]
    return ProgramRun(
        began=datetime.now(UTC),
        user=single_line(_user()),
        computer=single_line(platform.node()),
        program=footage.__version__,
        tools=", ".join(single_line(tool) for tool in tools if tool.strip()),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name; which of them differs
        return ""


def _ffmpeg_version() -> str:
    try:
        return f"ffmpeg {ffmpeg.check()}"
    except FootageError:  # told where it is needed
        return ""
