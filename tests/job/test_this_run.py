"""Who runs the program, where and with what: what cannot be found out stops nothing."""

from __future__ import annotations

import getpass
import platform

import pytest

import footage
from footage.errors import FfmpegMissing
from footage.job.this_run import this_run
from footage.media import ffmpeg


def test_it_says_who_where_and_with_what() -> None:
    run = this_run()
    assert (run.user, run.computer) == (getpass.getuser(), platform.node())
    assert run.program == footage.__version__
    assert f"ffmpeg {ffmpeg.check()}, Python {platform.python_version()}" in run.tools
    assert platform.system() in run.tools


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no account"), ImportError("pwd")])
def test_what_is_unknown_is_left_empty(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fails() -> str:
        raise error

    def no_ffmpeg() -> str:
        raise FfmpegMissing("not there")

    monkeypatch.setattr(getpass, "getuser", fails)
    monkeypatch.setattr(platform, "node", lambda: "")
    monkeypatch.setattr(ffmpeg, "check", no_ffmpeg)
    run = this_run()
    assert (run.user, run.computer) == ("", "")
    assert run.tools.startswith("Python ")


def test_names_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann\n\x1b[31mb")
    assert this_run().user == "ann b"
