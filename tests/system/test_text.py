"""Text from elsewhere: it commands no terminal, breaks no line, and stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footage.system.filenames import safe_name
from footage.system.text import plain, printable, unseen, visible

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
    assert plain(f"a{character}b") == "a?b"
    assert visible(f"a{character}b") == "ab"
    assert safe_name(f"a{character}b") in ("a_b", "a b")
    assert printable(f"<{character}>") in ("<>", "< >", "<")


@pytest.mark.parametrize("character", ["a", "é", "卡", "👍", " ", "\u00a0", "\u3000", "\u0301"])
def test_letters_and_blanks_of_any_script_stay(character: str) -> None:
    assert not unseen(character)
    assert plain(character) == visible(character) == character


@given(st.text())
def test_nothing_that_is_shown_can_command_a_terminal(text: str) -> None:
    for shown in (plain(text), visible(text), printable(text, None)):
        assert not any(unseen(character) for character in shown)
    assert "\n" not in printable(text)


def test_a_log_keeps_its_line_breaks() -> None:
    assert visible("a\n\tb\rc", keep="\n\t") == "a\n\tbc"
