"""What surrounds the program: its folder, the environment's variables and `.env` files."""

from __future__ import annotations

import io
import logging
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from footage.errors import UsageError

Value = TypeVar("Value")

_ABOVE = Path(__file__).resolve().parents[2]
# Started from a checkout the program keeps its files there, beside main.py; a copy that was
# installed with pip, pipx or uv lies where nobody looks, and takes the current folder.
CHECKOUT = _ABOVE if (_ABOVE / "pyproject.toml").is_file() else None

_INSTALLED_COMMAND = "fleet-footage"  # as pyproject.toml names it
COMMAND = "python main.py" if CHECKOUT else _INSTALLED_COMMAND
PLACE = "beside main.py" if CHECKOUT else "in the current folder"


def home() -> Path:
    """The folder of Videos and Logs. Raises UsageError where the current folder is gone."""
    return CHECKOUT or _current_folder()


def default_output() -> Path:
    return home() / "Videos"


def default_logs() -> Path:
    return home() / "Logs"


def command_line(*arguments: str) -> str:
    """The command that starts this very program, as it can be typed in the current folder."""
    import shutil  # late: with the formats of archives it takes 3 ms to load

    if CHECKOUT:
        python, here = Path(sys.executable), Path.cwd()
        inside = python.is_relative_to(here)
        start = [str(python.relative_to(here)) if inside else str(python), sys.argv[0]]
    else:
        start = [_INSTALLED_COMMAND if shutil.which(_INSTALLED_COMMAND) else sys.argv[0]]
    command = [*start, *arguments]
    if os.name != "nt":
        return shlex.join(command)
    from subprocess import list2cmdline  # late: it takes 4 ms to load before the first question

    return list2cmdline(command)


class Settings:
    """Variables of the environment, and of the `.env` files for what the environment lacks.

    environment: `os.environ` unless given
    folders:     where a `.env` may lie, the first one counts most; unless given the current folder,
                 then the one of main.py
    """

    def __init__(
        self,
        names: Sequence[str],
        environment: Mapping[str, str] | None = None,
        folders: Sequence[Path] | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        self._values = {name: environment[name] for name in names if name in environment}
        for folder in _usual_folders() if folders is None else folders:
            for name, value in _env_file(folder / ".env", names).items():
                self._values.setdefault(name, value)

    def get(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        """The value of one variable; None where it is not set. Raises UsageError."""
        text = self._values.get(name, "").strip()
        if not text:
            return None
        try:
            return parse(text)
        except UsageError as error:
            raise UsageError(f"{name} in the environment or .env cannot be used: {error}") from None


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise UsageError(
            "The folder that the program was started in is gone; change to another one."
        ) from None


def _usual_folders() -> list[Path]:
    try:
        here = [Path.cwd()]
    except OSError:  # the folder the program was started in is gone
        here = []
    return list(dict.fromkeys([*here, *([CHECKOUT] if CHECKOUT else [])]))


def _env_file(path: Path, names: Sequence[str]) -> dict[str, str]:
    try:
        if not path.is_file():
            return {}
        data = path.read_bytes()
        # Notepad and PowerShell save "Unicode" text as UTF-16, or put a mark before UTF-8.
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise UsageError(f"{path} cannot be read ({reason}); mend or remove it.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not readable text; save it as UTF-8.") from None
    from dotenv import dotenv_values  # late: it takes 15 ms, and most people have no such file

    # dotenv logs a line it cannot understand; only one of ours matters, and that we tell.
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    for name in names:
        if values.get(name) is None and re.search(rf"^\s*(?:export\s+)?{name}\b", text, re.M):
            raise UsageError(
                f"The line with {name} in {path} cannot be understood; write {name}=... on a line "
                "of its own."
            )
    return {name: value for name in names if (value := values.get(name)) is not None}
