"""A list of incidents as spreadsheets save it: encodings, delimiters, rows by their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.terminals import refusal

from footage.incidents.table_file import read


def saved(folder: Path, data: bytes | str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_parted_by_what_the_first_row_has(tmp_path: Path, delimiter: str) -> None:
    text = f"vehicle{delimiter}at\nTruck 42{delimiter}2025-04-16 13:30\n"
    table = read(saved(tmp_path, text))
    assert table.header == ("vehicle", "at")
    assert table.rows[0].cells == ("Truck 42", "2025-04-16 13:30")


def test_what_stands_in_quotes_parts_nothing(tmp_path: Path) -> None:
    table = read(saved(tmp_path, '"vehicle, unit or VIN";at\n"Truck; 42";x\n'))
    assert table.header == ("vehicle, unit or VIN", "at")
    assert table.rows[0].cells == ("Truck; 42", "x")


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    text = 'vehicle,note\r\n1,"two\r\nlines"\r\n\r\n,\r\n2,x\r\n'
    assert [row.number for row in read(saved(tmp_path, text)).rows] == [2, 5]


def test_the_line_in_which_excel_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    table = read(saved(tmp_path, "sep=;\r\nvehicle;at\r\n1,5;x\r\n"))
    assert (table.header, table.rows[0].number) == (("vehicle", "at"), 2)
    assert table.rows[0].cells == ("1,5", "x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    table = read(saved(tmp_path, "vehicle,at\nŁódź,x\n".encode(encoding)))
    assert (table.header[0], table.rows[0].cells[0], table.notes) == ("vehicle", "Łódź", ())


def test_another_encoding_is_told(tmp_path: Path) -> None:
    table = read(saved(tmp_path, "vehicle,at\nCamión,x\n".encode("cp1252")))
    assert table.rows[0].cells[0] == "Camión"
    assert "Windows-1252" in table.notes[0]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("list.xlsx", b"PK\x03\x04", "save it as CSV"),
        ("list.csv", b"PK\x03\x04rest", "save it as CSV"),
        ("list.csv", b"", "has no rows"),
        ("list.csv", b"vehicle,at\n", "has no rows"),
        ("list.csv", b"a,b\n\0\0,1\n", "not a text file"),
        ("list.csv", b'a,b\n"x"y,1\n', "not a CSV file"),
    ],
)
def test_what_is_no_list_is_one_sentence(
    tmp_path: Path, name: str, data: bytes, sentence: str
) -> None:
    assert sentence in refusal(read, saved(tmp_path, data, name))
    assert "cannot be read" in refusal(read, tmp_path / "gone.csv")
