"""The commands that check a list are right for each system's way of quoting."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.kept_jobs import keep_job

from footage.report.how_to_check import ways

NAME = "SHA256SUMS_L'été ’25 $x `y [1].txt"


def test_each_system_is_told_its_own_commands() -> None:
    windows, macos, linux = ways(NAME)
    assert (windows.system, len(windows.lines)) == ("Windows", 2)
    # Both kinds of quote end a text in PowerShell; two of them are one.
    assert "-LiteralPath 'SHA256SUMS_L''été ’’25 $x `y [1].txt'" in windows.lines[0]
    assert shlex.split(macos.lines[0]) == ["shasum", "-a", "256", "-c", NAME]
    assert shlex.split(linux.lines[0]) == ["sha256sum", "-c", NAME]
    assert all(way.terminal.endswith(".") and all(way.answers) for way in ways(NAME))


@pytest.mark.parametrize("number", [1, 2])
def test_the_commands_check_a_list(number: int, tmp_path: Path) -> None:
    kept = keep_job(tmp_path, "L'été ’25 $x `y [1]")
    way = ways(kept.hash_list.name)[number]
    if shutil.which("sh") is None or shutil.which(shlex.split(way.lines[0])[0]) is None:
        pytest.skip("not on this system")

    def answer() -> str:
        done = subprocess.run(
            ["sh", "-c", way.lines[0]], cwd=kept.videos, capture_output=True, encoding="utf-8"
        )
        return done.stdout

    ok, wrong = way.answers
    assert answer().count(ok) == len(kept.files) - 1
    kept.file("Track_*").write_text("changed")
    assert wrong in answer()
