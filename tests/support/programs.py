"""Programs that tests start, so that they can be told to stop as each system has it."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest

# For Popen: what is sent to the program reaches neither the tests nor who has started them.
BY_ITSELF: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


def tell_to_stop(process: subprocess.Popen[Any], number: int = signal.SIGTERM) -> None:
    """By Ctrl+Break on Windows, which alone can be sent to one program there; else by a signal."""
    try:
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", number))
    except OSError:  # only Windows needs one
        process.kill()
        pytest.skip("there is no console here through which it could be told")
