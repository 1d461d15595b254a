"""The command of `--notify`: found, split into words, run without a shell, and never waited for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from footage.errors import UsageError
from footage.system.redaction import Redactor
from footage.ui.notice import Notifier
from footage.ui.values import command, split_command


def notifier(*words: str, time_limit: float = 60.0) -> Notifier:
    return Notifier([sys.executable, "-c", *words], Redactor(), time_limit=time_limit)


@pytest.mark.parametrize(
    ("text", "windows", "words"),
    [
        ("notify --to me", False, ["notify", "--to", "me"]),
        (r"'/opt/it is/notify' it\'s", False, ["/opt/it is/notify", "it's"]),
        (r'"C:\Program Files\it\'s.exe" C:\new\table it\'s', True,
         [r"C:\Program Files\it\'s.exe", r"C:\new\table", r"it\'s"]),
        ("a.exe \"\" 'b", True, ["a.exe", "", "'b"]),
        ("notify #1", False, ["notify", "#1"]),
    ],
)  # fmt: skip
def test_a_command_is_split_into_words(text: str, windows: bool, words: Sequence[str]) -> None:
    assert split_command(text, windows=windows) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no-such-program-anywhere", "no program no-such-program"),
        ('"open', "opened and not closed"),
        ("''", "there is no program"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        command(text)


def test_a_program_is_named_by_its_whole_path(tmp_path: Path) -> None:
    program, _, argument = command(f'"{sys.executable}" -c "a b"')
    assert (Path(program), argument) == (Path(sys.executable), "a b")


def test_the_text_comes_as_utf_8(tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    kept = tmp_path / "it's here.txt"
    assert notifier(script, str(kept)).give("Größe " * 50_000) == ""
    assert kept.read_text("utf-8") == "Größe " * 50_000


@pytest.mark.parametrize(
    ("script", "time_limit", "why"),
    [
        ("raise SystemExit(3)", 600.0, "it ended with status 3"),
        ("import time; time.sleep(600)", 0.5, "it did not end within 0.5 seconds, and was stopped"),
    ],
)
def test_what_fails_is_said(script: str, time_limit: float, why: str) -> None:
    trouble = notifier(script, time_limit=time_limit).give("x")
    assert trouble == f"The command of --notify has failed: {why}."


def test_what_it_has_started_is_not_waited_for(tmp_path: Path) -> None:
    """A program that keeps the output open, and goes on when the command has ended."""
    script = (
        "import pathlib, subprocess, sys;"
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "pathlib.Path(sys.argv[1]).write_text(str(started.pid))"
    )
    kept = tmp_path / "pid"
    assert notifier(script, str(kept), time_limit=600).give("x") == ""
    os.kill(int(kept.read_text()), getattr(signal, "SIGKILL", signal.SIGTERM))  # it is still there


def test_a_program_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = Notifier([str(tmp_path / "gone")], Redactor())
    assert "could not be started" in gone.give("x")


def test_without_a_command_nothing_is_run() -> None:
    assert Notifier((), Redactor()).give("x") == ""
