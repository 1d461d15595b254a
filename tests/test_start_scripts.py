"""What is started by a double click: what it says where it cannot start, and how it is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a script of a POSIX shell")
WINDOWS = pytest.mark.skipif(sys.platform != "win32", reason="a script of Windows")
TOO_OLD = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.6\nexit 1\n'
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n'
WORKING = """\
#!/bin/sh
here=$0
case "$*" in
    *ensurepip*) ;;
    *"-m venv"*) for folder; do :; done; mkdir -p "$folder/bin"; cp "$here" "$folder/bin/python" ;;
    *) echo "$@" >> "$(dirname "$here")/called" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the scripts, its name as people have them."""
    folder = tmp_path / "it's my copy"
    folder.mkdir()
    for name in ("start-linux.sh", "start-macos.command", "start-windows.cmd"):
        shutil.copy(PROJECT / name, folder)
    (folder / "requirements.txt").write_text("requests\n", "utf-8")
    return folder


def start(checkout: Path, python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script where `python` is the only Python there is; "" for none."""
    programs = checkout.parent / "bin"
    programs.mkdir(exist_ok=True)
    for name in ("sh", "dirname", "uname", "cmp", "cp", "mkdir"):
        if not (programs / name).exists():
            (programs / name).symlink_to(str(shutil.which(name)))
    if python:
        (programs / "python3").write_text(python, "utf-8")
        (programs / "python3").chmod(0o755)
    return subprocess.run(
        [checkout / "start-macos.command", *arguments],  # which starts the other one
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"PATH": str(programs)},
        check=False,
    )


def start_on_windows(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run the script where the batch file `python` is the only Python there is; "" for none."""
    programs = checkout.parent / "bin"
    programs.mkdir()
    if python:
        (programs / "python.bat").write_text(python, "utf-8")
    system = Path(os.environ["SYSTEMROOT"]) / "System32"
    return subprocess.run(
        [system / "cmd.exe", "/c", checkout / "start-windows.cmd"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{programs};{system}"},
        check=False,
    )


@WINDOWS
def test_without_python_windows_is_told_where_to_get_it(checkout: Path) -> None:
    done = start_on_windows(checkout, "")
    assert done.returncode == 1
    assert "This computer has no Python, and the program needs Python 3.10 or newer." in done.stdout


@WINDOWS
def test_a_python_too_old_is_told_on_windows(checkout: Path) -> None:
    done = start_on_windows(checkout, '@if not %2=="pass" exit /b 1\r\n@exit /b 0\r\n')
    assert done.returncode == 1
    assert "The Python on this computer is too old" in done.stdout


@WINDOWS
def test_a_python_behind_a_batch_file_is_found(checkout: Path) -> None:
    # As pyenv for Windows has it. This one makes no environment, which is told.
    done = start_on_windows(checkout, '@if "%1"=="-m" exit /b 1\r\n@exit /b 0\r\n')
    assert done.returncode == 1
    assert f'The environment cannot be made in "{checkout}' in done.stdout


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has Pythons in well-known folders")
@pytest.mark.parametrize(("python", "there"), [("", "no Python"), (TOO_OLD, "Python 3.9.6")])
def test_a_python_that_will_not_do_is_told(checkout: Path, python: str, there: str) -> None:
    done = start(checkout, python)
    assert done.returncode == 1
    assert done.stderr == (
        f"This computer has {there}; the program needs Python 3.10 or newer.\n"
        "Get it at https://www.python.org/downloads/ and start this again.\n"
    )


@POSIX
def test_the_package_that_debian_leaves_out_is_named(checkout: Path) -> None:
    done = start(checkout, WITHOUT_VENV)
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr


@POSIX
def test_requirements_are_installed_only_when_they_changed(checkout: Path) -> None:
    def calls() -> list[str]:
        called = checkout / ".venv" / "bin" / "called"
        lines = called.read_text("utf-8").splitlines()
        called.unlink()
        return [line for line in lines if not line.startswith("-c")]

    main = f"{checkout / 'main.py'} --media image"
    assert start(checkout, WORKING, "--media", "image").returncode == 0
    *installed, ran = calls()
    assert any("pip install" in line for line in installed)
    assert ran == main
    assert start(checkout, WORKING, "--media", "image").returncode == 0
    assert calls() == [main]
    (checkout / "requirements.txt").write_text("requests\nrich\n", "utf-8")
    assert start(checkout, WORKING).returncode == 0
    assert any("pip install" in line for line in calls())


def test_the_scripts_are_kept_as_their_systems_want_them() -> None:
    windows = (PROJECT / "start-windows.cmd").read_bytes()
    assert windows.count(b"\r\n") == windows.count(b"\n") > 10
    assert windows.isascii()
    for name in ("start-linux.sh", "start-macos.command"):
        assert b"\r" not in (PROJECT / name).read_bytes()
        if sys.platform != "win32":
            assert os.access(PROJECT / name, os.X_OK)
