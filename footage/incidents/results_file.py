"""`FILE.results.csv`: the list as it was given, and beside each row what came of it."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from footage.errors import DiskError
from footage.incidents.table_file import TableFile
from footage.system.text import spreadsheet_cell
from footage.system.whole_files import disk_errors, free_name, is_full, whole_file

log = logging.getLogger("footage.incidents.results_file")

# Seconds for which a file that is held open is tried again, on Windows, while rows wait for that.
_PATIENCE = 0.2


@dataclass(frozen=True)
class RowResult:
    """What came of a row; texts as they stand in the file.

    status:  `requested`, `complete`, `incomplete`, `still coming`, `nothing`, `refused` or `failed`
    missing: the stretches without footage, and why
    film, report: names of files in `folder`
    """

    status: str
    missing: str = ""
    film: str = ""
    report: str = ""
    folder: str = ""
    quota_seconds: str = ""
    finished_at: str = ""
    message: str = ""


COLUMNS = tuple(field.name for field in fields(RowResult))


def results_path(listed: Path) -> Path:
    return listed.with_name(f"{listed.name}.results.csv")


class ResultsFile:
    """The file of one run. While a spreadsheet has it open, Windows lets nobody replace it: that
    keeps no row from going on, and what the file lacks is written at the end.
    """

    def __init__(self, path: Path, table: TableFile) -> None:
        self.path = path
        self._table = table
        self._refused = False

    def keep(self, results: Mapping[int, RowResult]) -> str:
        """Write what is known by now. Returns a sentence where that begins not to work, else ""."""
        before = self._refused
        try:
            write(self.path, self._table, results, _PATIENCE)
            self._refused = False
        except DiskError as error:
            log.warning("The results are written later: %s", error)
            self._refused = True
            if before:
                return ""
            why = f"{self.path.name} cannot be replaced: close it, if a spreadsheet has it open."
            if isinstance(error.__cause__, OSError) and is_full(error.__cause__):
                why = f"The disk of {self.path} is full: make room there."
            return f"{why} The rows go on all the same, and their results are written at the end."
        return ""

    def finish(self, results: Mapping[int, RowResult]) -> Path:
        """Write what the file still lacks; to one of another name where it cannot be replaced.

        Returns the one that has all results. Raises DiskError where there is none.
        """
        path = self.path
        if self._refused:
            try:
                write(path, self._table, results)
            except DiskError as error:
                log.warning("The results get another name: %s", error)
                path = free_name(path)
                write(path, self._table, results)
        return path


def write(
    path: Path, table: TableFile, results: Mapping[int, RowResult], patience: float = 0.0
) -> None:
    """Write the file in one step. Raises DiskError.

    Columns of the list that are called as ours, of an earlier results file, are left out.

    patience: seconds for which a file that is held open is tried again; 0 for the usual
    """
    kept = [n for n, name in enumerate(table.header) if name.strip().casefold() not in COLUMNS]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.delimiter)
    writer.writerow([*(table.header[n] for n in kept), *COLUMNS])
    for row in table.rows:
        cells = [row.cells[n] if n < len(row.cells) else "" for n in kept]
        result = results.get(row.number)
        writer.writerow(
            [*cells, *(map(spreadsheet_cell, astuple(result)) if result else [""] * len(COLUMNS))]
        )
    with disk_errors(path.parent), whole_file(path, patience) as part:
        part.write_bytes(text.getvalue().encode("utf-8-sig"))  # the mark is for Excel
