"""Text from elsewhere: it commands no terminal, breaks no line, and stays readable."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footage.system.filenames import safe_name
from footage.system.text import (
    for_terminal,
    from_spreadsheet,
    length_text,
    likeness,
    pasted,
    quotable,
    single_line,
    size_text,
    spreadsheet_cell,
    terminal_columns,
    unseen,
    visible,
)

UNSEEN = [
    "\x00",
    "\x1b",
    "\x7f",
    "\x9b",
    "\u202e",
    "\u200f",
    "\ud800",
    "\u2028",
    "\u0378",
    "\ue000",
]


@pytest.mark.parametrize("character", UNSEEN)
def test_what_shows_nothing_is_treated_as_such_everywhere(character: str) -> None:
    assert unseen(character)
    assert quotable(f"a{character}b") == "a?b"
    assert visible(f"a{character}b") == "ab"
    assert safe_name(f"a{character}b") in ("a_b", "a b")
    assert single_line(f"<{character}>") in ("<>", "< >", "<")


@pytest.mark.parametrize("character", ["a", "é", "卡", "👍", " ", "\u00a0", "\u3000", "\u0301"])
def test_letters_and_blanks_of_any_script_stay(character: str) -> None:
    assert not unseen(character)
    assert quotable(character) == visible(character) == character


@given(st.text())
def test_nothing_that_is_shown_can_command_a_terminal(text: str) -> None:
    for shown in (quotable(text), visible(text), single_line(text, None)):
        assert not any(unseen(character) for character in shown)
    assert "\n" not in single_line(text)


@given(st.text(), st.sampled_from(["", "\n\t"]))
def test_what_is_shown_stays_as_it_is(text: str, keep: str) -> None:
    assert visible(text, keep) == "".join(c for c in text if c in keep or not unseen(c))
    assert quotable(text) == "".join("?" if unseen(c) else c for c in text)


def test_a_log_keeps_its_line_breaks() -> None:
    assert visible("a\n\tb\rc", keep="\n\t") == "a\n\tbc"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(300, "5:00"), (3605, "1:00:05"), (0.4, "0:00"), (59.6, "1:00"), (86400, "24:00:00")],
)
def test_lengths(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (84_000_000, "84 MB"),
        (8_400_000, "8.4 MB"),
        (999_600, "1.0 MB"),
        (1_234_000_000, "1.2 GB"),
        (9_960_000, "10 MB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_terminal_lines_end_between_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "31")
    path = "/home/somebody/Videos/a-very-long-name.mp4"
    assert for_terminal(f"The files   are in {path}") == f"The files   are in\n{path}"
    assert for_terminal("one\n\ntwo") == "one\n\ntwo"


@pytest.mark.parametrize("wanted", ["", "0", "-5", "wide", "120"])
def test_the_width_is_the_one_that_python_tells(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", wanted)
    for system in (0, 132):
        monkeypatch.setattr(os, "get_terminal_size", lambda _=1, n=system: os.terminal_size((n, 9)))
        assert terminal_columns() == shutil.get_terminal_size().columns


def test_without_a_terminal_a_line_has_80_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal(_: int = 1) -> os.terminal_size:
        raise OSError("not a terminal")

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", no_terminal)
    assert terminal_columns() == 80


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\u200eTruck\u00a042\u200b", "Truck 42"),
        (" a\u202f\u3000\tb\r\n", "a b"),
        ("\uff10\uff14\uff0f", "04/"),
        ("5²½", "5²½"),
        ("caf\u00e9", "café"),
    ],
)
def test_a_pasted_answer_is_read_as_it_looks(text: str, meant: str) -> None:
    assert pasted(text) == meant


def test_likeness_is_one_for_the_same_text() -> None:
    assert likeness("truck 42", "truck 42") == 1.0
    assert likeness("truk 42", "truck 42") > likeness("truck 43", "truck 42") > likeness("van", "x")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-7", "@SUM(A1)", "\t=1"])
def test_a_cell_is_never_a_formula_and_is_read_back(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"
    assert from_spreadsheet(spreadsheet_cell(text)) == text


@pytest.mark.parametrize("text", ["Truck 42", "'quoted'", "'", ""])
def test_other_cells_are_as_they_are(text: str) -> None:
    assert spreadsheet_cell(text) == from_spreadsheet(text) == text
