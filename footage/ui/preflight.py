"""Imported before all else: says in one sentence what the program lacks to run at all."""

import sys
from importlib.util import find_spec
from pathlib import Path

_ENVIRONMENT = Path(__file__).resolve().parents[2] / ".venv"
_PACKAGES = (
    "dateutil",
    "dotenv",
    "filelock",
    "gpxpy",
    "moviepy",
    "msgspec",
    "ratelimit",
    "requests",
    "rich",
    "tenacity",
)

if sys.version_info < (3, 10):  # noqa: UP036 - it is there to be run by older ones
    sys.exit("This program needs Python 3.10 or newer; see python.org/downloads.")

_missing = [name for name in _PACKAGES if find_spec(name) is None]
if _missing:
    _own = [_ENVIRONMENT / name for name in ("bin/python", "Scripts/python.exe")]
    _own = [path for path in _own if path.exists()]
    if _own:
        _words = f"Start the program with the Python it was installed for: {_own[0]} main.py"
    else:
        _words = (
            f"The program is not installed yet ({', '.join(_missing)} missing). Run this first, "
            "in the folder of main.py: python -m pip install -r requirements.txt"
        )
    sys.stderr.write(_words + "\n")
    sys.exit(2)
