"""Where files are kept, and how the program is started, in a checkout and in an installed copy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from footage.errors import UsageError
from footage.ui import environment


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a copy that was installed with pip, pipx or uv."""
    monkeypatch.setattr(environment, "CHECKOUT", None)


def test_a_checkout_keeps_its_files_beside_main() -> None:
    assert environment.CHECKOUT is not None
    assert (environment.home() / "main.py").is_file()
    assert environment.default_logs() == environment.CHECKOUT / "Logs"


def test_an_installed_copy_uses_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: None
) -> None:
    monkeypatch.chdir(tmp_path)
    assert environment.default_logs() == tmp_path / "Logs"
    assert environment.default_output() == tmp_path / "Videos"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_current_folder_that_is_gone_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: None
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="is gone"):
        environment.default_logs()


def test_an_installed_copy_is_called_by_its_command(
    monkeypatch: pytest.MonkeyPatch, installed: None
) -> None:
    start = str(Path("somewhere") / "fleet-footage")
    monkeypatch.setattr(sys, "argv", [start])
    monkeypatch.setattr("shutil.which", lambda name: name)
    assert environment.command_line("--resume") == "fleet-footage --resume"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert environment.command_line("--resume") == f"{start} --resume"


def test_the_command_of_a_checkout_names_its_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    python = Path(".venv") / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(tmp_path / python))
    monkeypatch.setattr(sys, "argv", ["main.py"])
    quote = '"' if os.name == "nt" else "'"
    command = environment.command_line("--resume", "my job.json")
    assert command == f"{python} main.py --resume {quote}my job.json{quote}"
