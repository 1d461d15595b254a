"""What a watch for safety events keeps on disk beside the journals: how far it has looked.

`watch.json` in the folder of the logs: for each provider since when events are wanted, and when the
last look was finished. Which events are requested stands in the journals alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from footage.job.locks import only_run
from footage.system import whole_files

log = logging.getLogger("footage.job.watch_state")

_NAME = "watch.json"


@dataclass(frozen=True)
class WatchState:
    """How far a watch of one provider has looked.

    since:  events that began before are not wanted
    looked: when its last look was finished
    """

    since: datetime
    looked: datetime


def read_state(folder: Path, provider: str) -> WatchState | None:
    """The state that an earlier watch has left; None where there is none that can be read."""
    found = _read(folder / _NAME).get(provider)
    return found if found and found.since.tzinfo and found.looked.tzinfo else None


def write_state(folder: Path, provider: str, state: WatchState) -> None:
    """Keep the state. Raises DiskError."""
    states = {**_read(folder / _NAME), provider: state}
    text = json.dumps(msgspec.to_builtins(states), indent=1)
    with whole_files.disk_errors(folder):
        whole_files.write_lines(folder / _NAME, text.splitlines())


def _read(path: Path) -> dict[str, WatchState]:
    if not path.is_file():
        return {}
    try:
        return msgspec.json.decode(whole_files.read_text(path), type=dict[str, WatchState])
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        log.warning("%s cannot be read, and is begun anew: %s", path, error)
        return {}


@contextmanager
def only_watch(folder: Path) -> Iterator[None]:
    """Within it no other watch of this folder runs. Raises UsageError where one does.

    The system takes the lock away when the run ends, however it ends.
    """
    with only_run(
        folder / ".watch.lock",
        f"Another watch is running with the logs in {folder}; stop it first, or give this one "
        "a folder of its own with --logs.",
    ):
        yield
