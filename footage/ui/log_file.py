"""The activity log: what was done and when, one line each, for the person and for support."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from footage.errors import DiskError
from footage.system.redaction import Redactor
from footage.system.text import printable, visible

# The HTTP library's warnings quote whole addresses, and would go to the terminal by themselves.
LOGGERS = ("footage", "urllib3")
NAME = "VideoRetrievalActivity_{when}.log"

for _name in LOGGERS:
    logging.getLogger(_name).addHandler(logging.NullHandler())


class SafeFormatter(logging.Formatter):
    """`2025-04-16 13:30:05  INFO   message`, with nothing secret in message or traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s  %(levelname)-8s%(message)s", "%Y-%m-%d %H:%M:%S")
        self._redactor = redactor

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = printable(record.message, limit=None)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return visible(self._redactor.hide(super().format(record)), keep="\n\t")


class _QuietFileHandler(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A log that cannot be written (disk full) is no reason to fill the person's screen."""


def open_log(folder: Path, when: str, secrets: Redactor | Iterable[str] = ()) -> Path:
    """Write everything logged under `footage` to `folder/VideoRetrievalActivity_<when>.log`.

    A log opened before is closed. Nothing goes to the terminal. Returns the path of the file.

    secrets: the texts to hide, or a Redactor that learns them later
    Raises DiskError where the file cannot be written.
    """
    redactor = secrets if isinstance(secrets, Redactor) else Redactor(secrets)
    path = folder / NAME.format(when=when)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _QuietFileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DiskError(
            f"The activity log cannot be written to {folder} ({error.strerror or 'not writable'}). "
            "Nothing has been asked for yet. Free some space there, allow writing to that folder, "
            "or choose another one."
        ) from error
    handler.setFormatter(SafeFormatter(redactor))
    close_log()
    for name, level in zip(LOGGERS, (logging.INFO, logging.WARNING), strict=True):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    return path


def close_log() -> None:
    """Close the log that is open, if any."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in [h for h in logger.handlers if isinstance(h, _QuietFileHandler)]:
            logger.removeHandler(handler)
            with suppress(OSError, ValueError):  # a full disk: its last lines are lost
                handler.close()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
