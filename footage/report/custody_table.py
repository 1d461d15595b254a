"""The custody of a job's footage as a table: for the report, and as the CSV file of the package."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from footage.model import UTC, Job
from footage.system.text import single_line, spreadsheet_cell

# Excel takes a file without it for one of the computer's own character set.
_BYTE_ORDER_MARK = "\ufeff"


class Row(NamedTuple):
    """One step, each part as text; "" where there is none."""

    time: str  # UTC, ISO 8601
    user: str
    computer: str
    program: str  # its version
    event: str
    file: str
    retrieval_id: str
    bytes: str
    sha256: str
    request_id: str
    text: str


HEADER = Row(
    "UTC time",
    "user",
    "computer",
    "program version",
    "event",
    "file",
    "retrieval id",
    "bytes",
    "SHA-256",
    "request id",
    "text",
)


def rows(job: Job) -> Iterator[Row]:
    """The steps in the order in which they happened; no cell has a line break in it."""
    for step in job.custody:
        run = job.runs[step.run]
        cells = (
            utc_text(step.at),
            run.user,
            run.computer,
            run.program,
            step.kind.value,
            step.file,
            step.retrieval_id,
            str(step.size) if step.size else "",
            step.sha256,
            step.request_id,
            step.text,
        )
        yield Row(*(single_line(cell, None) for cell in cells))


def csv_text(job: Job) -> str:
    """The table as CSV (RFC 4180), to be written as UTF-8 with its line ends as they are.

    It begins with a byte order mark. A cell that a spreadsheet would take for a formula has an
    apostrophe before it.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in rows(job):
        writer.writerow(map(spreadsheet_cell, row))
    return _BYTE_ORDER_MARK + file.getvalue()


def utc_text(moment: datetime) -> str:
    """A moment as the table has it: "2026-11-03T19:30:07.250Z"."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
