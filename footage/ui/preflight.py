"""Imported before all else: says in one sentence what the program lacks to run at all.

It has to be understood by Pythons that are too old for all the rest.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036 - it is there to be run by older ones
    sys.exit("This program needs Python 3.10 or newer; see python.org/downloads.")

# What requirements.txt names -> what is imported. A test holds the two together; looking the
# installed packages up by their names would cost every start 30 ms.
PACKAGES = {
    "requests": "requests",
    "ratelimit": "ratelimit",
    "moviepy": "moviepy",
    "python-dateutil": "dateutil",
    "imageio-ffmpeg": "imageio_ffmpeg",
    "numpy": "numpy",
    "pillow": "PIL",
    "fontpkg-noto-sans": "fontpkg_noto_sans",
    "rich": "rich",
    "tenacity": "tenacity",
    "python-dotenv": "dotenv",
    "filelock": "filelock",
    "msgspec": "msgspec",
    "gpxpy": "gpxpy",
    "flask": "flask",
    "jinja2": "jinja2",
    "tzlocal": "tzlocal",
    "tzdata": "tzdata",
    "psutil": "psutil",
}

_PROJECT = Path(__file__).resolve().parents[2]


def _how_to_install(missing: list[str]) -> str:
    """One sentence: what to do about packages that are not there."""
    if not (_PROJECT / "requirements.txt").is_file():
        return (
            f"The program is not installed completely ({', '.join(missing)} missing). Install it "
            "once more, in the folder that it was installed from: python -m pip install ."
        )
    for name in ("bin/python", "Scripts/python.exe"):
        own = _PROJECT / ".venv" / name
        # Not by sys.prefix, which `python -S` does not set.
        if own.exists() and Path(sys.executable).parent != own.parent:
            return f"Start the program with the Python it was installed for: {own} main.py"
    return (
        "The program is not installed yet ({} missing). Run this first, in the folder of main.py: "
        "python -m pip install -r requirements.txt"
    ).format(", ".join(missing))


_missing = [name for name, module in PACKAGES.items() if find_spec(module) is None]
if _missing:
    sys.stderr.write(_how_to_install(_missing) + "\n")
    sys.exit(2)
