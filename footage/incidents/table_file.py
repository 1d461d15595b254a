"""A list of incidents as a file: its encoding, its delimiter and its rows, whatever they mean."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from footage.errors import UsageError

_DELIMITERS = ",;\t"
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")


@dataclass(frozen=True)
class TableRow:
    """A row; `number` is the one that a spreadsheet shows beside it, the header being 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class TableFile:
    """A list as it stands in the file; `notes`: what the person should know of how it was read."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()
    delimiter: str = ","


def read(path: Path) -> TableFile:
    """Read a CSV file. Empty rows are left out. Raises UsageError for what is none."""
    if path.suffix.casefold() in _SPREADSHEETS:
        raise UsageError(f"{path.name} is a spreadsheet; save it as CSV, and give that file.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UsageError(f"{path.name} is a spreadsheet inside; save it as CSV.")
    text, notes = _decoded(data, path.name)
    delimiter, text = _delimiter(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [TableRow(number, tuple(row)) for number, row in enumerate(reader, 1)]
    except csv.Error as error:
        raise UsageError(f"{path.name} is not a CSV file that can be read ({error}).") from error
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if len(filled) < 2:
        raise UsageError(f"{path.name} has no rows; the first has to name the columns.")
    header, *rest = filled
    return TableFile(header.cells, tuple(rest), tuple(notes), delimiter)


def _decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text: of UTF-8 or UTF-16 with a mark, of UTF-8, else of Windows' Western code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        note = (
            f"{name} is not UTF-8; it is read as Windows-1252. Check names with accents, or save "
            'it as "CSV UTF-8".'
        )
        return data.decode("cp1252", "replace"), [note]
    if "\0" in text:
        raise UsageError(f"{name} is not a text file; save the list as CSV.")
    return text, []


def _delimiter(text: str) -> tuple[str, str]:
    """What parts the columns, and the text without the line in which Excel says it.

    Else it is the commonest in the first row; what stands in quotes does not count.
    """
    if told := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        return told[1], text[told.end() :]
    line = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count), text
