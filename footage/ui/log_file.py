"""The activity log: what was done and when, one line each, for the person and for support."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from footage.errors import DiskError
from footage.system.redaction import Redactor
from footage.system.text import single_line, visible
from footage.system.threads import work_of

# The HTTP library's warnings quote whole addresses, and would go to the terminal by themselves.
LOGGERS = ("footage", "urllib3")
NAME = "VideoRetrievalActivity_{when}.log"

# Once one of these has logged something, the provider was asked, and the file is kept.
_ASKING = "footage.cloud"

for _name in LOGGERS:
    logging.getLogger(_name).addHandler(logging.NullHandler())


class SafeFormatter(logging.Formatter):
    """`2025-04-16 13:30:05-05:00  INFO   message`, with nothing secret in message or traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s  %(levelname)-8s%(message)s")
        self._redactor = redactor

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "seconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        work = work_of.get()
        message = f"[{work}] {record.message}" if work else record.message
        record.message = single_line(message, limit=None)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return visible(self._redactor.hide(super().format(record)), keep="\n\t")


class _QuietFileHandler(logging.FileHandler):
    """A log file of its own, made now. Raises FileExistsError where another run has this one.

    kept: something was asked or went wrong in this run, so the file stays when it is closed
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="x", encoding="utf-8", errors="backslashreplace")
        self.mode = "w"  # in which the base class does not open the file again once it is closed
        self.kept = False
        self._held: list[logging.LogRecord] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self._held is not None:
            self._held.append(record)
            return
        if record.levelno >= logging.ERROR or record.name.startswith(_ASKING):
            self.kept = True
        super().emit(record)

    def hold(self) -> None:
        """Write nothing until `let_go`."""
        self._held = []

    def let_go(self, *, write: bool) -> None:
        """What was held is written, or dropped; nothing is held any more."""
        held, self._held = self._held or (), None
        for record in held if write else ():
            self.emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A log that cannot be written (disk full) is no reason to fill the person's screen."""


def open_log(folder: Path, when: str, secrets: Redactor | Iterable[str] = ()) -> Path:
    """Write everything logged under `footage` to `folder/VideoRetrievalActivity_<when>.log`.

    A number is added to the name where another run has it. A log opened before is closed. Nothing
    goes to the terminal. Returns the path of the file, which is gone after `close_log` where
    nothing was asked of the provider and nothing went wrong; see `keep_log`.

    secrets: the texts to hide, or a Redactor that learns them later
    Raises DiskError where the file cannot be written.
    """
    redactor = secrets if isinstance(secrets, Redactor) else Redactor(secrets)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _new_file(folder, when)
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
    return Path(handler.baseFilename)


def _new_file(folder: Path, when: str) -> _QuietFileHandler:
    """The first file of this name that no other run has."""
    number = 1
    while True:
        suffix = "" if number == 1 else f"_{number}"
        try:
            return _QuietFileHandler(folder / NAME.format(when=f"{when}{suffix}"))
        except FileExistsError:
            number += 1


class HeldLog:
    """What is logged since it was made, until it is written or dropped."""

    def __init__(self) -> None:
        self._handlers = _handlers(LOGGERS[0])
        self._holds = True
        for handler in self._handlers:
            handler.hold()

    def write(self) -> None:
        """It is worth being in the log, and so is what comes after it."""
        self._end(write=True)

    def drop(self) -> None:
        self._end(write=False)

    def _end(self, *, write: bool) -> None:
        if self._holds:
            self._holds = False
            for handler in self._handlers:
                handler.acquire()
                try:
                    handler.let_go(write=write)
                finally:
                    handler.release()


@contextmanager
def held_log() -> Iterator[HeldLog]:
    """What is logged within it is dropped unless `write` is called, or an exception ends it.

    For what is done again and again for weeks, and mostly has nothing to tell.
    """
    held = HeldLog()
    try:
        yield held
    except BaseException:
        held.write()
        raise
    held.drop()


def keep_log() -> None:
    """The run works on a job: its log stays, even where nothing has to be asked."""
    for handler in _handlers(LOGGERS[0]):
        handler.kept = True


def _handlers(name: str) -> list[_QuietFileHandler]:
    return [h for h in logging.getLogger(name).handlers if isinstance(h, _QuietFileHandler)]


def close_log() -> None:
    """Close the log that is open, if any; one that tells of nothing is removed."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in _handlers(name):
            logger.removeHandler(handler)
            with suppress(OSError, ValueError):  # a full disk: its last lines are lost
                handler.close()
            if not handler.kept:
                with suppress(OSError):
                    Path(handler.baseFilename).unlink(missing_ok=True)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
