"""Imported before all else: says in one sentence what the program lacks to run at all."""

import sys
from importlib.util import find_spec

_PACKAGES = (
    "dateutil",
    "dotenv",
    "filelock",
    "moviepy",
    "ratelimit",
    "requests",
    "rich",
    "tenacity",
)

if sys.version_info < (3, 10):  # noqa: UP036 - it is there to be run by older ones
    sys.exit("This program needs Python 3.10 or newer; see python.org/downloads.")

_missing = [name for name in _PACKAGES if find_spec(name) is None]
if _missing:
    sys.stderr.write(
        f"The program is not installed yet ({', '.join(_missing)} missing). Run this first, in "
        "the folder of main.py: python -m pip install -r requirements.txt\n"
    )
    sys.exit(2)
