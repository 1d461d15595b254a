"""`FILE.results.csv`: the list as it was given, and beside each row what came of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from footage.incidents.table_file import TableFile
from footage.system.text import spreadsheet_cell
from footage.system.whole_files import disk_errors, whole_file


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


def write(path: Path, table: TableFile, results: Mapping[int, RowResult]) -> None:
    """Write the file in one step. Raises DiskError.

    Columns of the list that are called as ours, of an earlier results file, are left out.
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
    with disk_errors(path.parent), whole_file(path) as part:
        part.write_bytes(text.getvalue().encode("utf-8-sig"))  # the mark is for Excel
