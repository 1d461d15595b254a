"""The table of the custody: each step once, in order, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from support.jobs import START, a_full_job

from footage.model import Step, StepKind
from footage.report.custody_table import HEADER, csv_text, rows


def read(text: str) -> list[list[str]]:
    """The cells as a program reads them that knows CSV."""
    return list(csv.reader(io.StringIO(text.encode().decode("utf-8-sig"), newline="")))


def test_each_step_is_a_row_with_who_made_it() -> None:
    job = a_full_job()
    downloaded, verified = rows(job)
    assert downloaded == (
        "2025-04-17T18:30:00.000Z",
        *("ann", "office", "1.2"),
        *("downloaded", "Road.mp4", "id", "1", "ab", "request", "text"),
    )
    assert (verified.event, verified.bytes, verified.text) == ("verified", "", "")
    assert read(csv_text(job)) == [list(HEADER), list(downloaded), list(verified)]


def test_a_spreadsheet_takes_it_as_text() -> None:
    assert csv_text(a_full_job()).startswith("\ufeffUTC time,")
    assert csv_text(a_full_job()).endswith("\r\n")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_is_taken_for_a_formula(begin: str) -> None:
    job = a_full_job()
    job.custody = [Step(START, 0, StepKind.MERGED, f"{begin}x.mp4", text=f"{begin}1+1")]
    job.runs = [replace(job.runs[0], user=f"{begin}ann")]
    _, cells = read(csv_text(job))
    assert (cells[1], cells[5], cells[10]) == (f"'{begin}ann", f"'{begin}x.mp4", f"'{begin}1+1")


def test_foreign_words_stay_in_their_cell() -> None:
    foreign = 'Ä "quoted", a, comma\nand a \ud800 line\r'
    job = a_full_job()
    job.custody = [Step(START, 0, StepKind.MERGED, text=foreign)]
    _, cells = read(csv_text(job))
    assert cells[10] == 'Ä "quoted", a, comma and a line'
    assert len(cells) == len(HEADER)
