"""Questions at a terminal and by pipe, and what is shown there."""

from __future__ import annotations

import io
import sys

import pytest
from support.terminals import piped, refusal, shown, typed

import helpers
from footage.system.durations import parse_duration
from footage.ui.terminal import Terminal
from providers import by_key

KEY_FIELD = by_key("samsara").sign_in


def test_piped_answers_are_never_read_from_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> str:
        raise AssertionError("a terminal was opened")

    monkeypatch.setattr("footage.ui.terminal.getpass.getpass", never)
    terminal = piped("secret-key", "5")
    assert not terminal.interactive
    assert helpers.ask_to_sign_in(terminal, KEY_FIELD, dict) == {"key": "secret-key"}
    assert terminal.ask(helpers.MINUTES_QUESTION, parse_duration) == 300
    assert shown(terminal) == "Samsara API key: \nDuration in minutes: \n"


def test_at_a_terminal_the_key_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def getpass(question: str, stream: object) -> str:
        asked.append(question)
        return " key "

    monkeypatch.setattr("footage.ui.terminal.getpass.getpass", getpass)
    terminal = typed(monkeypatch, "5")
    assert helpers.ask_to_sign_in(terminal, KEY_FIELD, dict) == {"key": "key"}
    assert asked == ["Samsara API key: "]
    assert terminal.ask(helpers.MINUTES_QUESTION, parse_duration) == 300
    assert shown(terminal) == "Duration in minutes: "


def test_input_that_ends_names_the_question() -> None:
    terminal = piped()
    message = refusal(terminal.ask, helpers.START_QUESTION, str)
    assert message == "The input ended before 'Start date and time' was answered."


def test_ctrl_d_at_the_hidden_question_names_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def getpass(question: str, stream: object) -> str:
        raise EOFError

    monkeypatch.setattr("footage.ui.terminal.getpass.getpass", getpass)
    terminal = typed(monkeypatch)
    assert "'Samsara API key'" in refusal(terminal.read, KEY_FIELD[0].question, True)


def test_no_input_at_all_is_an_end_of_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    terminal = Terminal(out=io.StringIO(), err=io.StringIO())
    assert not terminal.interactive
    assert "input ended" in refusal(terminal.read, "Vehicle name: ")


def test_a_last_line_without_an_end_counts() -> None:
    assert Terminal(io.StringIO("7"), io.StringIO()).read("x: ") == "7"


@pytest.mark.parametrize("mark", ["\ufeff", "\u00ef\u00bb\u00bf"])
def test_a_byte_order_mark_is_no_part_of_the_answer(mark: str) -> None:
    assert piped(mark + "key\r").read("x: ") == "key"


def test_bytes_that_are_no_text_are_told() -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    assert "not readable" in refusal(Terminal(stdin, io.StringIO()).read, "Vehicle name: ")


def test_what_the_terminal_cannot_show_becomes_a_question_mark() -> None:
    raw = io.BytesIO()
    stdout = io.TextIOWrapper(raw, encoding="cp1252", newline="")
    Terminal(io.StringIO(), stdout).say("\u30c8 é")
    assert raw.getvalue() == "? é\n".encode("cp1252")


def test_wrong_answers_are_explained_and_asked_again() -> None:
    terminal = piped("abc", "0", "5")
    assert terminal.ask(helpers.MINUTES_QUESTION, parse_duration) == 300
    assert shown(terminal).count("Duration in minutes: ") == 3
    assert shown(terminal).count("such as 90 s") == 2


def test_after_three_wrong_answers_it_ends() -> None:
    terminal = piped("abc", "0", "1.5", "5")
    message = refusal(terminal.ask, helpers.MINUTES_QUESTION, parse_duration)
    assert "three times" in message
    assert terminal.read("") == "5"


def test_a_yes_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, agreed in [("y", True), ("YES ", True), ("", False), ("n", False)]:
        assert typed(monkeypatch, answer).confirm("Go?", False) is agreed
    terminal = typed(monkeypatch, "maybe", "y")
    assert terminal.confirm("Go?", False)
    assert "y for yes" in shown(terminal)


def test_a_yes_is_never_taken_from_piped_input() -> None:
    terminal = piped("y")
    assert "--yes" in refusal(terminal.confirm, "This counts 7200 s.", False)
    assert terminal.confirm("Go?", True)
    assert terminal.read("") == "y"


def test_results_and_questions_go_to_streams_of_their_own() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(io.StringIO("0\n5\n"), out, err)
    assert terminal.ask("Minutes: ", parse_duration) == 300
    assert "such as 90 s" in err.getvalue() and err.getvalue().count("Minutes: ") == 2
    terminal.warn("Stopped.")
    assert err.getvalue().endswith("Stopped.\n")
    assert out.getvalue() == ""
    terminal.say("Truck 42")
    assert out.getvalue() == "Truck 42\n"
